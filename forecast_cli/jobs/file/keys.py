"""The keys of a job: what each may hold, and which part of a `Job` it becomes.

A reader turns a TOML value into that part, or raises a UsageError whose message begins with the value.
"""

from __future__ import annotations

import codecs
import json
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from forecast_cli.errors import UsageError, did_you_mean
from forecast_cli.jobs.file.durations import EXAMPLES, parse_duration
from forecast_cli.jobs.file.job import REACTIONS, RETRAIN, Policy
from forecast_cli.options import (
    LAYOUTS,
    LOSSES,
    ON_DUPLICATE,
    ON_GAP,
    ON_IRREGULAR,
    PRESETS,
    TRAINABLE,
    ModelConfig,
    ReadConfig,
    TrainConfig,
)

PARTS = {"read": ReadConfig, "model": ModelConfig, "training": TrainConfig, "policy": Policy}
SUFFIXES = (".csv", ".json", ".png", ".svg", ".pdf")

Reader = Callable[[object], object]


@dataclass(frozen=True)
class Key:
    """`target` is a field of Job, or of one of its `PARTS` after a point."""

    target: str
    read: Reader

    def value(self, name: str, given: object) -> object:
        """What the key's value means. Raises UsageError, whose message begins with the value."""
        value = self.read(given)
        part, _, field = self.target.rpartition(".")
        if part:
            try:
                PARTS[part](**{field: value})
            except UsageError as error:
                raise UsageError(error.message.removeprefix(f"--{name} ")) from error
        return value


def wrong(value: object, wanted: str) -> UsageError:
    return UsageError(f"{shown(value)}: must be {wanted}.")


def shown(value: object) -> str:
    """A value nearly as the job file has it, on one line."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 80 else text[:77] + "..."


# --- readers


def text(value: object) -> str:
    if not isinstance(value, str):
        raise wrong(value, "text in quotes")
    if not value or "\0" in value:
        raise wrong(value, "a text that is not empty")
    return value


def texts(value: object) -> tuple[str, ...]:
    return tuple(text(item) for item in value) if isinstance(value, list) else (text(value),)


def whole_number(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong(value, "a whole number, without quotes")
    return value


def number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise wrong(value, "a number, without quotes")
    return value


def units(value: object) -> tuple[int, ...]:
    """A number, a list of them, or a text as `--units` takes it."""
    if isinstance(value, str) and re.fullmatch(r"\s*\d{1,9}\s*(,\s*\d{1,9}\s*)*", value):
        return tuple(int(part) for part in value.split(","))
    items = value if isinstance(value, list) else [value]
    if not all(isinstance(item, int) and not isinstance(item, bool) for item in items):
        raise wrong(value, "whole numbers, as in [128, 128]")
    return tuple(items)


def switch(value: object) -> bool:
    if not isinstance(value, bool):
        raise wrong(value, "true or false, without quotes")
    return value


def one_of(known: Sequence[str]) -> Reader:
    def read(value: object) -> str:
        if text(value) not in known:
            raise UsageError(f"{shown(value)}: must be one of {', '.join(known)}.{did_you_mean(str(value), known)}")
        return str(value)

    return read


def duration(value: object) -> timedelta:
    if not isinstance(value, str):
        raise wrong(value, f"a duration in quotes, such as {EXAMPLES}")
    return parse_duration(value)


def retraining(value: object) -> str | timedelta:
    if isinstance(value, str) and value not in RETRAIN and not re.match(r"\s*\d", value):
        wanted = f'one of {", ".join(RETRAIN)}, or an age such as "7d"'
        raise UsageError(f"{shown(value)}: must be {wanted}.{did_you_mean(value, RETRAIN)}")
    return value if isinstance(value, str) and value in RETRAIN else duration(value)


def attempts(value: object) -> int:
    if not 0 <= whole_number(value) <= 100:
        raise wrong(value, "0 to 100")
    return whole_number(value)


def one_character(value: object) -> str:
    return "\t" if value in ("tab", "\\t") else text(value)


def path_text(*placeholders: str) -> Callable[[object], str]:
    """A path that may hold these placeholders. What it leads to is not looked at."""

    def read(value: object) -> str:
        path = text(value)
        for found in re.findall(r"\{[^{}]*\}", path):
            if found not in placeholders:
                known = " and ".join(placeholders)
                advice = did_you_mean(found, placeholders)
                raise UsageError(f"{shown(path)}: there is no {found} here, only {known}.{advice}")
        try:
            Path(path).expanduser()
        except RuntimeError as error:
            raise UsageError(f"{shown(path)}: there is no such home folder; write the path in full.") from error
        return path

    return read


def data_path(value: object) -> str:
    if value == "-":
        raise UsageError('"-": standard input cannot be the data of a job; name a file.')
    return path_text("{name}")(value)


def frequency(value: object) -> str:
    from forecast_cli.panel.calendar import calendar_of

    freq = text(value)
    try:
        calendar_of(freq)
    except (ValueError, UsageError) as error:
        raise UsageError(f"{shown(freq)}: is no frequency; D, W, MS, QS, h and 15min are.") from error
    return freq


def encoding(value: object) -> str:
    name = text(value)
    try:
        codecs.lookup(name)
    except LookupError as error:
        raise UsageError(f"{shown(name)}: is no encoding that Python knows; utf-8 and latin-1 are.") from error
    return name


def outputs(value: object) -> tuple[str, ...]:
    found = tuple(map(path_text("{name}", "{date}"), texts(value)))
    for path in found:
        suffix = Path(path).suffix
        if suffix.lower() not in SUFFIXES:
            advice = did_you_mean(suffix, SUFFIXES)
            raise UsageError(f"{shown(path)}: an output must end in one of {', '.join(SUFFIXES)}.{advice}")
    return found


_reaction = one_of(REACTIONS)

KEYS = {
    "data": Key("data", data_path),
    "output": Key("outputs", outputs),
    "model-dir": Key("model_dir", path_text("{name}")),
    "horizon": Key("training.horizon", whole_number),
    "model": Key("kind", one_of(TRAINABLE)),
    "preset": Key("training.preset", one_of(PRESETS)),
    "epochs": Key("training.epochs", whole_number),
    "batch-size": Key("training.batch_size", whole_number),
    "learning-rate": Key("training.learning_rate", number),
    "clip-norm": Key("training.clip_norm", number),
    "loss": Key("training.loss", one_of(LOSSES)),
    "seed": Key("training.seed", whole_number),
    "units": Key("model.units", units),
    "dropout": Key("model.dropout", number),
    "input-size": Key("model.input_size", whole_number),
    "output-size": Key("model.output_size", whole_number),
    "date-column": Key("read.date_column", text),
    "value-column": Key("read.value_columns", texts),
    "id-column": Key("read.id_column", text),
    "layout": Key("read.layout", one_of(LAYOUTS)),
    "freq": Key("read.freq", frequency),
    "season": Key("read.season_length", whole_number),
    "delimiter": Key("read.delimiter", one_character),
    "decimal": Key("read.decimal", text),
    "encoding": Key("read.encoding", encoding),
    "day-first": Key("read.day_first", switch),
    "on-gap": Key("read.on_gap", one_of(ON_GAP)),
    "on-duplicate": Key("read.on_duplicate", one_of(ON_DUPLICATE)),
    "on-irregular": Key("read.on_irregular", one_of(ON_IRREGULAR)),
    "retrain": Key("retrain", retraining),
    "warm-start": Key("warm_start", switch),
    "max-age": Key("max_age", duration),
    "timeout": Key("timeout", duration),
    "retries": Key("retries", attempts),
    "retry-delay": Key("retry_delay", duration),
    "on-shrunk": Key("policy.shrunk", _reaction),
    "on-restated": Key("policy.restated", _reaction),
    "on-series-gone": Key("policy.series_gone", _reaction),
    "on-series-new": Key("policy.series_new", _reaction),
    "on-jump": Key("policy.jump", _reaction),
}
