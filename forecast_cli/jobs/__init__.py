"""Unattended runs: many jobs in one go, and a ledger of what they forecast and how it turned out."""
