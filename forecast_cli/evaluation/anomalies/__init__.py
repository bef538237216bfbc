"""Anomalies: which points of a series are surprising, judged by the points before them.

    values ── cleaning ── rolling ──── errors ─────────┐
       │      (outliers    (a model's   (one step and  │
       │       limited)     forecasts)   some steps    tails ──── detection ── kinds
       │                                 ahead)        (p-values, (alarms at
       └────── subsequences ───────────────────────────┘           a rate)
               (the shape of the last season)

The p-values and alarms at a step depend on the values up to it, and on no later ones.
"""
