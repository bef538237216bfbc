"""The panel of time series: its data structure, its calendar, its description, and how it is read from a file."""
