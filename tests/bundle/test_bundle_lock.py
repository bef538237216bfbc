"""Only one process at a time writes a model."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from forecast_cli import bundle
from forecast_cli.errors import ForecastError, LockedError, OutputError
from tests.bundle.bundle_samples import CRASHES, FILES, SECTIONS, assert_unchanged


@contextmanager
def lock_holder(directory: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, str(CRASHES), "hold-lock", str(directory)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == '"held"\n'
            yield process
        finally:
            process.kill()


def test_another_process_must_wait_until_the_holder_dies(saved: Path) -> None:
    with lock_holder(saved) as holder:
        with pytest.raises(LockedError, match=r"Another run is writing .*forecast-model") as refused:
            bundle.save(saved, {}, {})
        assert refused.value.exit_code == 6
        with pytest.raises(LockedError), bundle.lock(saved):
            pass
        assert_unchanged(saved)

        holder.send_signal(signal.SIGKILL)
        holder.wait()

        bundle.save(saved, SECTIONS, FILES)
    assert_unchanged(saved)


def test_another_thread_is_refused(saved: Path) -> None:
    refused: list[ForecastError] = []

    def save() -> None:
        try:
            bundle.save(saved, {}, {})
        except ForecastError as error:
            refused.append(error)

    with bundle.lock(saved):
        thread = threading.Thread(target=save)
        thread.start()
        thread.join()

    assert [type(error) for error in refused] == [LockedError]
    assert_unchanged(saved)


def test_the_holder_saves_under_its_own_lock(directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with bundle.lock(Path("forecast-model")):
        bundle.save(directory, SECTIONS, FILES)
        bundle.save(directory, SECTIONS, FILES)

    assert_unchanged(directory)


def test_a_failed_run_frees_the_lock(directory: Path) -> None:
    with pytest.raises(ZeroDivisionError), bundle.lock(directory):
        raise ZeroDivisionError

    with lock_holder(directory):
        pass


def test_the_lock_refuses_an_unusable_directory_before_training(tmp_path: Path) -> None:
    (tmp_path / "metadata.json").write_text("{}")

    with pytest.raises(OutputError, match="would be overwritten"), bundle.lock(tmp_path):
        pass
