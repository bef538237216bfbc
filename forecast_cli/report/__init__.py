"""Show results: all as tables; forecasts, backtests, reliability of quantiles, tunings, anomalies as pictures too."""
