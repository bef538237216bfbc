"""Features: convert a panel to the named inputs of a network, and its outputs back to values.

    value --Scaling--> log or linear scale --Season--> season subtracted --Windows--> divided by each window's scale

Each of these three conversions is fitted to one panel only. Fitting is so fast that it is repeated at every cutoff.
"""
