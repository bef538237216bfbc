"""Models that combine a network with other methods: smoothing, trees, statistical methods.

No module of `models/network` uses them.
"""
