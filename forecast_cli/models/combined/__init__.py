"""Forecasters that combine a network with other methods. The modules of `network` do not depend on them."""
