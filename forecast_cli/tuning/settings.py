"""The file of settings that a tuning writes, for `--config` and for job files."""

from __future__ import annotations

import json
from collections.abc import Mapping

from forecast_cli.model_names import COMPARED_METHODS
from forecast_cli.option_fields import Options, options_in


def given_options(*configs: Options) -> dict[str, object]:
    """Name -> value of each option that differs from its default."""
    return {
        option.name: value
        for config in configs
        for option in options_in(type(config))
        if (value := getattr(config, option.field)) != option.default
    }


def settings_text(model: str | None, options: Mapping[str, object], notes: list[str]) -> str:
    """The text of a file of settings: the options as TOML, for all commands.

    model:    the model that the user gave; the file then also lets `backtest` compare it with statistical methods. With
              None, each command uses its default model, which has the tuned network
    options:  name -> value
    notes:    lines of a comment at the top
    """
    named = {"model": model} if model else {}
    lines = [
        *(f"# {note}" for note in notes),
        "",
        *(f"{name} = {_toml(value)}" for name, value in {**named, **options}.items()),
    ]
    if model:
        lines += ["", "[backtest]", f"models = {_toml([model, *COMPARED_METHODS])}"]
    return "".join(f"{line}\n" for line in lines)


def _toml(value: object) -> str:
    """A value in TOML: a text, a number, a bool, or a list of these. Their JSON is also valid TOML.

    >>> _toml((64, 64)), _toml(True), _toml(1e-05), _toml('a "b"')
    ('[64, 64]', 'true', '1e-05', '"a \\\\"b\\\\""')
    """
    return json.dumps(value, ensure_ascii=False)
