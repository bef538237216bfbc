"""The job file that the command `forecast init` writes."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path

NAME, DATA = "sales", "data/sales.csv"
"""The name and the data file of the example job in starter.toml."""


def starter(data: str | None = None) -> str:
    """The text of a job file with comments and one job.

    data: the data file of the job, after which the job is named; None keeps the example of starter.toml
    """
    text = files("forecast_cli.jobs.file").joinpath("starter.toml").read_text(encoding="utf-8")
    if data is None:
        return text
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", Path(data).name.partition(".")[0]).strip("-_") or NAME
    return text.replace(f"[jobs.{NAME}]", f"[jobs.{name}]").replace(
        f'\ndata = "{DATA}" ', f"\ndata = {json.dumps(data, ensure_ascii=False)} "
    )
