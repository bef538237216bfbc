"""Find the anomalies in the data of a job."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.errors import DataError
from forecast_cli.jobs.ledger.records import AnomalyRow, Snapshot, as_integers
from forecast_cli.options import DetectConfig
from forecast_cli.panel.panel import row_by_id
from forecast_cli.words import time_text

if TYPE_CHECKING:
    from forecast_cli.jobs.file.job import Job
    from forecast_cli.jobs.run.data_file import Data
    from forecast_cli.models.saved import SavedModel
    from forecast_cli.workflows import Detection

log = logging.getLogger(__name__)


def detected(job: Job, model: SavedModel, data: Data, before: Snapshot | None) -> list[AnomalyRow]:
    """Find the anomalies in the data of a job, as rows for the ledger.

    A warning is logged for each anomaly that ends after the data of the last run, or is in a new series. If the data
    are too short, the result is empty, and a warning says so.

    before: the data at the last run; None at the first run, which logs no warnings of anomalies
    """
    from forecast_cli.workflows.detection import detect_with

    config = DetectConfig(alarm_rate=job.alarm_rate, alarms_per=job.alarms_per)
    try:
        detection = detect_with(model, data.panel, data.path, config)
    except DataError as error:
        log.warning("%s", error.message)
        return []
    if before is not None:
        _warn_of_new(detection, before)
    panel, judged = detection.panel, detection.judged
    return [
        AnomalyRow(
            series=found.id,
            start=_integer(found.start),
            peak=_integer(found.peak),
            end=_integer(found.end),
            kind=found.kind,
            value=float(panel.values[found.index]),
            expected=float(judged.expected[found.index]),
            p=float(judged.p[found.index]),
            dated=panel.dated,
        )
        for found in detection.anomalies
    ]


def _warn_of_new(detection: Detection, before: Snapshot) -> None:
    known = before.panel
    row_of = row_by_id(known.ids)
    name = len(detection.panel) > 1
    for found in detection.anomalies:
        row = row_of.get(found.id)
        if row is None or found.end > known.ends[row]:
            series = f" in series '{found.id}'" if name else ""
            log.warning("Anomaly%s: %s at %s.", series, found.kind, time_text(found.peak))


def _integer(time: np.generic) -> int:
    return int(as_integers(np.array([time]))[0])
