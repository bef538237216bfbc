"""Unattended runs: the job file, the ledger, a run, and its schedule.

A job file lists jobs; each job makes a forecast of one data file. A run does all jobs of a job file once. The ledger is
the database that records runs, forecasts and, later, the actual values.
"""
