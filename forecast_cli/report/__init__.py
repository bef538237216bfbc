"""Show results: all as tables; forecasts, backtests, reliability of quantiles, tunings and anomalies as pictures too."""
