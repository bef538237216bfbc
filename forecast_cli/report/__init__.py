"""Every result as a table, and forecasts as pictures."""
