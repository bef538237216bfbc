"""How good forecasts are: metrics and held-out comparison."""
