"""Features: from a panel to the named inputs of a network, and from its outputs back to values.

    value --Scaling--> log or linear scale --Season--> seasonally adjusted --Windows--> in units of each window's scale

Each step is fitted to one panel only, fast enough to be fitted again at every cutoff.
"""
