"""Statistical methods, fitted to one series at a time: those of statsforecast, and simple ones in NumPy."""
