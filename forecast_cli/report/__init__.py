"""Show results: every result as a table, and forecasts and backtests as pictures too."""
