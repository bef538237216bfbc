"""Pictures of data and forecasts."""
