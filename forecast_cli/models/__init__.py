"""Forecasters, each behind one protocol."""
