"""Forecasting models. All follow the protocols in forecasting.py; table.py lists them by name."""
