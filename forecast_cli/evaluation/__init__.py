"""The accuracy of forecasts: metrics, and comparisons of models on values that they have not seen."""
