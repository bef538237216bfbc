"""Statistical methods: those of statsforecast, for one series at a time; simple ones in NumPy, for many at once."""
