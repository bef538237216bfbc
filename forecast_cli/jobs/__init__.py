"""Unattended runs in four parts: the job file, the ledger, one run, and its schedule."""
