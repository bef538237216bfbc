"""Models that combine a network with other methods: smoothing, trees, blend, auto. No module in `models/network` uses them."""
