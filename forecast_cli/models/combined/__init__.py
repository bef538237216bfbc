"""Forecasters made of several members. A network is one of them; what is combined with it stands here, not in it."""
