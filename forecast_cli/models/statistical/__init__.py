"""Statistical methods: statsforecast's, fitted to one series at a time, and simple ones in NumPy, for many series."""
