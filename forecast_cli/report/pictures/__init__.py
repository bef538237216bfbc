"""Pictures of forecasts, backtests, the reliability of quantiles, tunings and anomalies."""

import logging
from pathlib import Path

from forecast_cli.errors import UsageError, did_you_mean

SUFFIXES = (".png", ".svg", ".pdf")

# Matplotlib's warnings about its cache folder and missing fonts are of no use to the reader of a picture.
logging.getLogger("matplotlib").setLevel(logging.ERROR)


def check_suffix(path: Path) -> None:
    """Raise UsageError if the path of a picture does not end in one of SUFFIXES, such as .png."""
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise UsageError(
            f"{path}: a picture cannot be written as {suffix or 'a file without suffix'}.",
            f"End its name in .png, .svg or .pdf.{did_you_mean(suffix, SUFFIXES)}",
        )
