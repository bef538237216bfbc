"""Forecasting models with one protocol, see forecasting.py. table.py lists all of them by name."""
