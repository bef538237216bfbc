"""Search for better options of a network: Keras Tuner proposes them, the rolling-origin loop scores them.

A trial is one set of options, scored on several folds. Trial 0 has the defaults. Each finished trial is kept as
a file in a folder, so that a tuning can continue after it was interrupted or killed.
"""
