"""One recurrent network for all series of a panel: its default options, its training, and its forecasts."""
