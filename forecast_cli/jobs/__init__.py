"""Unattended runs: the job file, the ledger, a run, and its schedule."""
