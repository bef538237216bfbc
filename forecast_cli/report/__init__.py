"""Show results: all as tables, and forecasts, backtests, quantiles, tunings and anomalies as pictures too."""
