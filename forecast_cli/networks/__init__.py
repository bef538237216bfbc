"""Keras networks, one builder a topology."""
