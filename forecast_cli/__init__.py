"""Time-series forecasts worth trusting, from a CSV and a terminal."""

__version__ = "0.1.0"
