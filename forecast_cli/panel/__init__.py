"""The panel of series, and all that reads and shapes it."""
