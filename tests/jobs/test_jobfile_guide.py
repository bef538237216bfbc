"""The guide to unattended runs and job files agree."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from forecast_cli.jobs.file.keys import KEYS
from forecast_cli.jobs.file.loading import load_jobs
from tests.jobs.job_files import loaded, problems

GUIDE = Path(__file__).parents[2] / "docs" / "cron.md"


@pytest.fixture(autouse=True)
def clean_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_job_files_in_the_guide_are_valid() -> None:
    blocks = re.findall(r"^```toml\n(.*?)^```$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert [[job.name for job in loaded(block).jobs] for block in blocks] == [["sales", "sensors"], ["sales"]]


def test_the_guide_explains_every_key_that_is_no_option_of_training() -> None:
    train = {name for name, key in KEYS.items() if key.part in ("read", "model", "training")} | {"model"}
    explained = re.findall(r"^\| (`.*?) \|", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)
    assert set(KEYS) - train <= set(re.findall(r"`([a-z-]+)`", " ".join(explained)))


def test_special_characters_in_the_name_of_the_folder_have_no_meaning(tmp_path: Path) -> None:
    folder = tmp_path / "{name} {date} [1]"
    folder.mkdir()
    path = folder / "jobs.toml"
    path.write_text('[jobs.a]\ndata = "in/{name}.csv"\noutput = "out/{name}-{date}.csv"\n')
    (job,) = load_jobs(path).jobs
    assert (job.data, job.pattern) == (str(folder / "in/a.csv"), False)
    assert job.model_dir == folder / "forecast-state/models/a"
    assert job.paths(date(2025, 3, 1)) == [folder / "out/a-2025-03-01.csv"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('freq = "zz"', 'freq "zz": is not a known frequency, such as D, W, MS, QS, h or 15min.'),
        ('encoding = "utf-9"', 'encoding "utf-9": is not a known encoding, such as utf-8 or latin-1.'),
    ],
)
def test_unknown_frequencies_and_encodings_are_refused(line: str, said: str) -> None:
    assert problems(f'[jobs.a]\ndata = "a.csv"\n{line}\n') == [f"3: [jobs.a] {said}"]
