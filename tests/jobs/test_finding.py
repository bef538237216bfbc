"""The data file of a job: which one it is, and whether it is whole."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from forecast_cli.jobs.run import finding
from forecast_cli.jobs.run.finding import NotReadyError, State, check_unchanged, find, settle


def written(path: Path, age: float = 60.0) -> Path:
    path.write_text("date,y\n2024-01-01,1\n")
    os.utime(path, (time.time() - age,) * 2)
    return path


def test_of_several_files_the_newest_is_read(tmp_path: Path) -> None:
    written(tmp_path / "sales-3.csv", age=300)
    newest = written(tmp_path / "sales-1.csv", age=100)
    written(tmp_path / "sales-2.csv", age=200)
    assert find(str(tmp_path / "sales-*.csv"), pattern=True) == str(newest)


def test_nothing_there_may_be_there_later(tmp_path: Path) -> None:
    with pytest.raises(NotReadyError, match="no file matches"):
        find(str(tmp_path / "*.csv"), pattern=True)
    with pytest.raises(NotReadyError, match="no such file"):
        settle(str(tmp_path / "sales.csv"))


def test_an_empty_file_is_not_ready(tmp_path: Path) -> None:
    (tmp_path / "sales.csv").touch()
    with pytest.raises(NotReadyError, match="is empty"):
        settle(str(tmp_path / "sales.csv"))


def test_a_file_that_is_being_written_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "sales.csv"
    rows = [f"2024-01-{day:02},{day}\n" for day in range(1, 9)]

    def write_slowly() -> None:
        with path.open("w") as file:
            for row in rows:
                file.write(row)
                file.flush()
                time.sleep(0.1)

    path.touch()
    writer = threading.Thread(target=write_slowly)
    writer.start()
    time.sleep(0.15)
    state = settle(str(path))
    writer.join()
    assert state == State.of(str(path))
    assert state.size == sum(map(len, rows))


def test_a_file_that_never_settles_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "PATIENCE", 0.2)
    path = tmp_path / "sales.csv"
    stop = threading.Event()

    def write_on() -> None:
        while not stop.is_set():
            with path.open("a") as file:
                file.write("x")
            time.sleep(0.02)

    path.write_text("x")
    writer = threading.Thread(target=write_on)
    writer.start()
    try:
        with pytest.raises(NotReadyError, match="still being written"):
            settle(str(path))
    finally:
        stop.set()
        writer.join()


def test_a_text_without_its_last_line_end_is_waited_for_longer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "SETTLED", 0.1)
    monkeypatch.setattr(finding, "CUT_SHORT", 1.5)
    path = written(tmp_path / "sales.csv", age=0.5)
    started = time.monotonic()
    settle(str(path))
    assert time.monotonic() - started < 0.4
    path.write_text("date,y\n2024-01-01,1")
    threading.Timer(0.5, path.write_text, ["date,y\n2024-01-01,118\n"]).start()
    assert settle(str(path)).size == len("date,y\n2024-01-01,118\n")


def test_a_time_of_change_in_the_future_is_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "SETTLED", 0.5)
    path = written(tmp_path / "sales.csv", age=-3600)
    threading.Timer(0.2, written, [path, -7200]).start()
    assert settle(str(path)).modified > (time.time() + 7000) * 1e9


def test_a_change_while_it_was_read_is_noticed(tmp_path: Path) -> None:
    path = written(tmp_path / "sales.csv")
    state = settle(str(path))
    check_unchanged(str(path), state)
    with path.open("a") as file:
        file.write("2024-01-02,2\n")
    with pytest.raises(NotReadyError, match="changed while it was read"):
        check_unchanged(str(path), state)
