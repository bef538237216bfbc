"""Measure the accuracy of forecasts: metrics, and comparisons of models on values that they were not trained on."""
