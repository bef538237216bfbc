"""Forecasting models behind one protocol, see forecasting.py; table.py has all of them by name."""
