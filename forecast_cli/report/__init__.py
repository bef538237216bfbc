"""Every result as a table; forecasts and backtests as pictures."""
