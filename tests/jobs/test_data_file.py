"""The data file of a job: which file is read, and when it is complete. Time is simulated."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from forecast_cli.jobs.run import data_file
from forecast_cli.jobs.run.data_file import (
    CUT_LINE_SETTLE_SECONDS,
    MAX_SETTLE_SECONDS,
    SETTLE_SECONDS,
    FileState,
    NotReadyError,
    check_unchanged,
    find,
    settle,
)

TEXT = "date,y\n2024-01-01,1\n"


class Clock:
    """Replaces the module `time`. Sleeping advances the clock and runs the actions that are due."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0
        self.actions: list[tuple[float, Callable[[], object]]] = []

    def time(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        end = self.now + seconds
        while due := sorted((at, number) for number, (at, _) in enumerate(self.actions) if at <= end):
            at, number = due[0]
            _, action = self.actions.pop(number)
            self.now = at
            action()
        self.now = end

    def after(self, seconds: float, action: Callable[[], object]) -> None:
        self.actions.append((self.now + seconds, action))

    def write(self, path: Path, text: str = TEXT, age: float = 0.0) -> Path:
        """Write a file whose last change was `age` seconds ago."""
        path.write_text(text)
        os.utime(path, (self.now - age,) * 2)
        return path


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(data_file, "time", clock)
    return clock


def seconds_to_settle(path: Path, clock: Clock) -> float:
    began = clock.now
    assert settle(str(path)) == FileState.of(str(path))
    return clock.now - began


def test_the_newest_of_several_files_is_read(tmp_path: Path, clock: Clock) -> None:
    clock.write(tmp_path / "sales-3.csv", age=300)
    newest = clock.write(tmp_path / "sales-1.csv", age=100)
    clock.write(tmp_path / "sales-2.csv", age=200)
    assert find(str(tmp_path / "sales-*.csv"), pattern=True) == str(newest)


def test_a_missing_file_is_not_ready(tmp_path: Path) -> None:
    with pytest.raises(NotReadyError, match="no file matches"):
        find(str(tmp_path / "*.csv"), pattern=True)
    with pytest.raises(NotReadyError, match="no such file"):
        settle(str(tmp_path / "sales.csv"))


def test_an_empty_file_is_not_ready(tmp_path: Path, clock: Clock) -> None:
    clock.write(tmp_path / "sales.csv", text="")
    with pytest.raises(NotReadyError, match="is empty"):
        settle(str(tmp_path / "sales.csv"))


def test_an_old_file_is_read_at_once(tmp_path: Path, clock: Clock) -> None:
    assert seconds_to_settle(clock.write(tmp_path / "sales.csv", age=60), clock) == 0


def test_a_file_that_is_being_written_is_waited_for(tmp_path: Path, clock: Clock) -> None:
    path = clock.write(tmp_path / "sales.csv", text="")
    for row in range(1, 9):
        clock.after(row, lambda row=row: clock.write(path, TEXT * row))  # type: ignore[misc]
    assert seconds_to_settle(path, clock) == pytest.approx(8 + SETTLE_SECONDS, abs=0.01)
    assert path.read_text() == TEXT * 8


def test_a_file_that_never_settles_is_not_ready(tmp_path: Path, clock: Clock) -> None:
    path = clock.write(tmp_path / "sales.csv")
    for second in range(1, 100):
        clock.after(second, lambda: clock.write(path))
    began = clock.now
    with pytest.raises(NotReadyError, match="still being written"):
        settle(str(path))
    assert MAX_SETTLE_SECONDS < clock.now - began < MAX_SETTLE_SECONDS + 2


def test_a_text_without_a_final_line_end_is_waited_for_longer(tmp_path: Path, clock: Clock) -> None:
    path = clock.write(tmp_path / "sales.csv", TEXT.rstrip())
    assert seconds_to_settle(path, clock) == pytest.approx(CUT_LINE_SETTLE_SECONDS, abs=0.01)
    clock.write(path, TEXT.rstrip())
    clock.after(5, lambda: clock.write(path, TEXT))
    assert seconds_to_settle(path, clock) == pytest.approx(5 + SETTLE_SECONDS, abs=0.01)
    assert path.read_text() == TEXT


def test_a_file_from_the_future_is_waited_for_as_if_changed_now(tmp_path: Path, clock: Clock) -> None:
    path = clock.write(tmp_path / "sales.csv", age=-3600)
    clock.after(1, lambda: clock.write(path, age=-7200))
    assert seconds_to_settle(path, clock) == pytest.approx(1 + SETTLE_SECONDS, abs=0.01)


def test_a_change_during_reading_is_noticed(tmp_path: Path, clock: Clock) -> None:
    path = clock.write(tmp_path / "sales.csv", age=60)
    state = settle(str(path))
    check_unchanged(str(path), state)
    clock.write(path, TEXT * 2)
    with pytest.raises(NotReadyError, match="changed while it was read"):
        check_unchanged(str(path), state)
