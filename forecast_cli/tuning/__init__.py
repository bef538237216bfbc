"""Search for better options of a network: Keras Tuner proposes them, the rolling-origin loop scores them.

A trial is one set of options, scored on several folds. Trial 0 has the defaults. Finished trials are kept in a folder,
a file each, so that a tuning that was interrupted or killed goes on where it was.
"""
