"""`python -m forecast_cli` is the `forecast` program."""

from forecast_cli.cli import main

main()
