"""Read a job file (TOML) and check it. The result is a `JobFile`, or an error with all problems and their lines."""

from __future__ import annotations

import os
import re
import tomllib
from datetime import timedelta
from glob import escape, has_magic
from pathlib import Path
from typing import Any

from forecast_cli.errors import UsageError, did_you_mean
from forecast_cli.jobs.file.conflicts import conflicts
from forecast_cli.jobs.file.job import STATE, Job, JobFile, JobOutput
from forecast_cli.jobs.file.keys import KEYS, PARTS, shown, value_of
from forecast_cli.jobs.file.problems import Problems
from forecast_cli.jobs.file.settings import settings_of
from forecast_cli.jobs.file.toml_lines import KeyPath, Lines
from forecast_cli.model_names import NETWORKS
from forecast_cli.option_fields import option_in, options_in

TOP = (*(option.name for option in options_in(JobFile)), "defaults", "jobs")
JOBS = "[jobs.NAME]"
NAME = re.compile(r"\w[\w.-]*")

Values = dict[str, object]


def load_jobs(path: Path) -> JobFile:
    """Read and check a job file. Relative paths in it are relative to its folder; they become absolute.

    Raises UsageError that lists all problems with their lines.
    """
    content, problems = _opened(path)
    for key, value in content.items():
        if key not in TOP:
            problems.add(_not_at_the_top(key, value), key=key)
    folder = _folder(path)
    state = _state(content, folder, problems)
    jobs = _jobs(content, folder, state, problems)
    for name, key, reason in conflicts(jobs, state):
        problems.add(reason, ("jobs", name), key)
    keep = _keep(content, problems)
    problems.check()
    return JobFile(folder / path.name, state, tuple(jobs), keep)


def job_names(path: Path) -> list[str]:
    """The names of the jobs in a job file. The jobs themselves are not checked.

    Raises UsageError if the file cannot be read, is not TOML, or if its entry `jobs` is not a table.
    """
    content, problems = _opened(path)
    names = list(_table(content, "jobs", problems))
    problems.check()
    return names


def ledger_of(path: Path) -> Path:
    """The path of the ledger of a job file. The jobs in the file are not checked.

    Raises UsageError if the file cannot be read, is not TOML, or if its entry `state` is not valid.
    """
    content, problems = _opened(path)
    state = _state(content, _folder(path), problems)
    problems.check()
    return JobFile(path, state, ()).ledger


# --- the file


def _opened(path: Path) -> tuple[Values, Problems]:
    """The content of a job file as TOML values, and an empty collection for its problems.

    Raises UsageError if the file cannot be read or is not TOML.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise UsageError(f"{path}: no such file.", "Create one with 'forecast init'.") from error
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}.", "Name a job file.") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8 text.", "Save it as UTF-8.") from error
    try:
        # With a line end after the last line, the parser's errors name the number of that line too.
        return tomllib.loads(text + "\n"), Problems(path, Lines(text))
    except (ValueError, RecursionError) as error:  # not TOML, or numbers or nesting too large
        line = re.search(r"at line (\d+)", str(error))
        where = f"{path}:{line[1]}" if line else str(path)
        raise UsageError(f"{where}: not valid TOML: {error}.", "Write a key as: horizon = 12") from error


def _folder(path: Path) -> Path:
    """The folder of the job file. Relative paths in the file start there.

    If the job file is a link, it is the folder of the link, not of the file that the link points to.
    """
    return path.parent.resolve()


def _located(folder: Path, text: str) -> Path:
    return Path(os.path.abspath(folder / os.path.expanduser(text)))


# --- the top of the file


def _state(content: Values, folder: Path, problems: Problems) -> Path:
    with problems.caught(key="state"):
        return _located(folder, value_of(option_in(JobFile, "state"), content.get("state", STATE)))
    return folder / STATE


def _keep(content: Values, problems: Problems) -> timedelta | None:
    with problems.caught(key="keep"):
        return value_of(option_in(JobFile, "keep"), content["keep"]) if "keep" in content else None
    return None


def _not_at_the_top(key: str, value: object) -> str:
    if key.replace("_", "-") in KEYS:
        return f"belongs in [defaults] or in a job, {JOBS}."
    if isinstance(value, dict):
        return f"is not a known table.{did_you_mean(key, ('defaults', 'jobs')) or f' A job is a table [jobs.{key}].'}"
    advice = did_you_mean(key.replace("_", "-"), (*TOP, *KEYS))
    return f"is not a known key; the keys at the top are {', '.join(TOP)}.{advice}"


# --- the jobs


def _jobs(content: Values, folder: Path, state: Path, problems: Problems) -> list[Job]:
    """The jobs of a file that have a valid name and data. Problems of all jobs are added to `problems`.

    A key that is not valid gets its default, so that the other keys can be checked too. The caller must raise the
    problems as an error.
    """
    defaults = _table(content, "defaults", problems)
    tables = _table(content, "jobs", problems)
    if not tables and isinstance(content.get("jobs", {}), dict):
        problems.add(f"has no jobs; a job is a table {JOBS} with the key data.", ("jobs",) if "jobs" in content else ())
    common = _values(defaults, ("defaults",), problems)
    jobs = []
    for name, table in tables.items():
        place = ("jobs", name)
        if not isinstance(table, dict):
            problems.add(f"{shown(table)}: must be a table {JOBS}.", ("jobs",), name)
            continue
        if not NAME.fullmatch(name):
            problems.add(
                "is not a valid name of a job, which becomes part of file names: "
                "use letters, digits, - _ and ., beginning with a letter or digit.",
                place,
            )
            continue
        own = _values(table, place, problems)
        if "data" not in {**defaults, **table} and not any(isinstance(value, dict) for value in table.values()):
            problems.add('has no data; add a line such as: data = "sales.csv"', place)
        values = {
            **_with_settings(common, ("defaults",), name, folder, problems),
            **_with_settings(own, place, name, folder, problems),
        }
        if "model" in values and values["model"] not in NETWORKS:
            from forecast_cli.models.table import unused_options

            unused = unused_options([str(values["model"])])
            values = {key: value for key, value in values.items() if key in own or key not in unused}
            for key in table:
                if (option := key.replace("_", "-")) in unused:
                    problems.add(f"has no meaning: {unused[option]}. Remove it.", place, key)
        if "data" in values:
            with problems.caught(place):
                jobs.append(_job(name, values, folder, state))
    return jobs


def _table(content: Values, key: str, problems: Problems) -> Values:
    table = content.get(key, {})
    if isinstance(table, dict):
        return table
    problems.add(f"must be a table: {JOBS if key == 'jobs' else '[defaults]'}.", key=key)
    return {}


def _values(table: Values, place: KeyPath, problems: Problems) -> Values:
    """The valid keys of a table, as {key: value}. Problems of the other keys are added to `problems`.

    place: the names of the table in the file, such as ("jobs", "sales")
    """
    values: Values = {}
    for key, given in table.items():
        name = key.replace("_", "-")
        if name not in KEYS:
            problems.add(f"{_unknown(place, key, given)}{did_you_mean(name, KEYS)}", place, key)
        elif name != key and name in table:
            problems.add(f"is given twice; {name} is the same key.", place, key)
        else:
            with problems.caught(place, key):
                values[name] = value_of(KEYS[name].option, given)
    return values


def _with_settings(values: Values, place: KeyPath, name: str, folder: Path, problems: Problems) -> Values:
    """Return the values of a table, with those of the settings file that its key `config` names, if it has this key.

    Values of the table have precedence. Problems of the settings file are added to `problems`.

    values: the valid keys of the table
    place:  the names of the table in the file, such as ("jobs", "sales")
    name:   the name of the job, which replaces {name} in the path of the settings file
    """
    if "config" in values:
        with problems.caught(place, "config"):
            return {**settings_of(_located(folder, str(values["config"]).replace("{name}", name))), **values}
    return values


def _unknown(place: KeyPath, key: str, given: object) -> str:
    if isinstance(given, dict) and place[0] == "jobs":
        return f'is not a known table; write a name with a dot in quotes: [jobs."{place[1]}.{key}"].'
    return "is not a known key."


def _job(name: str, values: Values, folder: Path, state: Path) -> Job:
    parts: dict[str, dict[str, Any]] = {part: {} for part in ("", *PARTS)}
    for key, value in values.items():
        parts[KEYS[key].part][KEYS[key].option.field] = value
    own = parts.pop("")
    for second in ("future_file", "static_file"):
        if path := parts["read"].get(second):
            parts["read"][second] = _path_or_pattern(folder, path.replace("{name}", name))[0]
    made: dict[str, Any] = {part: PARTS[part](**fields) for part, fields in parts.items()}
    data = own.pop("data").replace("{name}", name)
    own["data"], own["pattern"] = _path_or_pattern(folder, data)
    given = own.get("model_dir")
    own["model_dir"] = _located(folder, given.replace("{name}", name)) if given else state / "models" / name
    own["outputs"] = tuple(JobOutput(folder, text.replace("{name}", name)) for text in own.get("outputs", ()))
    return Job(name=name, horizon=made["training"].horizon, **own, **made)


def _path_or_pattern(folder: Path, text: str) -> tuple[str, bool]:
    """Return (path, False) for the absolute path of a file that a job reads, or (pattern, True) for a pattern.

    A job reads the newest file that matches its pattern.
    A text with special characters such as * is a path, not a pattern, if a file of this name exists.
    """
    pattern = has_magic(text) and not os.path.exists(_located(folder, text))
    return _glob(folder, text) if pattern else str(_located(folder, text)), pattern


def _glob(folder: Path, text: str) -> str:
    """The pattern `text`, made absolute. Special characters such as * in the path of `folder` are escaped."""
    return os.path.abspath(Path(escape(str(folder))) / os.path.expanduser(text))
