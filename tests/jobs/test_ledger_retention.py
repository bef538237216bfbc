"""The ledger over the years: pruned, and no slower as it grows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from forecast_cli.jobs.ledger.ledger import Ledger
from tests.jobs.ledger_samples import DAY, NOON, count, record_forecast
from tests.sample_panels import undated

TABLES = ("runs", "job_runs", "models", "forecasts", "origins", "points")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a state % of #1?" / "ledger.sqlite"


def test_pruning_deletes_old_entries_and_shrinks_the_file(path: Path) -> None:
    generator = np.random.default_rng(0)
    panel = undated(*generator.normal(size=(20, 60)))
    with Ledger.open(path) as ledger:
        for day in range(40):
            at = NOON + day * DAY
            known = panel.drop_last(40 - day)
            record_forecast(ledger, known, float(day), 28, f"run{day}", at=at, model=f"model{day // 10}")
        ledger.query("PRAGMA wal_checkpoint(TRUNCATE)")
        before = path.stat().st_size

        ledger.prune(NOON + 30 * DAY)

        assert count(ledger, "forecasts") == count(ledger, "runs") == count(ledger, "job_runs") == 10
        assert count(ledger, "points") == 10 * 20 * 28
        assert ledger.query("SELECT version FROM models") == [("model3",)]
        assert ledger.query("SELECT min(made) FROM forecasts") == [("2026-01-31T12:00:00.000000Z",)]
        assert ledger.query("PRAGMA foreign_key_check") == []
        assert ledger.query("PRAGMA integrity_check") == [("ok",)]
        ledger.query("PRAGMA wal_checkpoint(TRUNCATE)")
        assert path.stat().st_size < before / 2
        assert ledger.score("sales", panel) > 0

        ledger.prune(NOON + 1000 * DAY)
        assert [count(ledger, table) for table in (*TABLES, "series", "seen")] == [0] * 8


def test_pruning_keeps_an_old_run_and_model_of_a_recent_forecast(path: Path) -> None:
    panel = undated([1, 2, 3, 4])
    with Ledger.open(path) as ledger:
        ledger.start_run("long", Path("jobs.toml"), NOON)
        record_forecast(ledger, panel.drop_last(1), run_id="long", at=NOON)
        record_forecast(ledger, panel, run_id="long", job="late", at=NOON + 2 * DAY, created=NOON)
        ledger.prune(NOON + DAY)
        assert ledger.query("SELECT id FROM runs") == [("long",)]
        assert ledger.query("SELECT job FROM forecasts") == [("late",)]
        assert ledger.query("SELECT job FROM models") == [("late",)]


# --- speed


@pytest.mark.slow
def test_scoring_and_recording_do_not_slow_down_as_the_ledger_grows(path: Path) -> None:
    """Counted in steps of SQLite's virtual machine, which do not depend on the speed of the computer."""
    panel = undated(*np.random.default_rng(0).normal(size=(4, 400)))

    def steps(day: int) -> int:
        known = panel.drop_last(400 - 30 - day)
        ticks = 0

        def tick() -> int:
            nonlocal ticks
            ticks += 1
            return 0

        with Ledger.open(path) as ledger:
            ledger._connection.set_progress_handler(tick, 10)
            ledger.snapshot("sales")
            ledger.score("sales", known, known.times[-2])
            ledger.has_forecast("sales", str(day), "model", 7)
            ledger.evidence("sales", "model", 10)
            record_forecast(ledger, known, horizon=7, run_id=str(day), at=NOON + day * DAY)
        return ticks

    each = [steps(day) for day in range(120)]
    assert np.mean(each[-20:]) < 1.3 * np.mean(each[20:40])
