"""The tables of the ledger, and the migrations from older versions."""

from __future__ import annotations

import re
from itertools import chain

APPLICATION_ID = 0x46435354
"""The number in an SQLite file that marks it as a ledger (`PRAGMA application_id`)."""

VERSION_1 = (
    f"PRAGMA application_id = {APPLICATION_ID}",
    """CREATE TABLE runs (
        id TEXT PRIMARY KEY,
        job_file TEXT NOT NULL,
        started TEXT NOT NULL,
        ended TEXT,
        exit_code INTEGER,
        program_version TEXT NOT NULL)""",
    "CREATE INDEX runs_by_time ON runs (started)",
    """CREATE TABLE job_runs (
        run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
        job TEXT NOT NULL,
        started TEXT NOT NULL,
        ended TEXT NOT NULL,
        outcome TEXT NOT NULL,
        stage TEXT,
        message TEXT,
        fingerprint TEXT,
        last TEXT,
        series INTEGER,
        points INTEGER,
        model TEXT,
        training TEXT NOT NULL,
        scored INTEGER NOT NULL,
        PRIMARY KEY (run_id, job)) WITHOUT ROWID""",
    "CREATE INDEX job_runs_by_time ON job_runs (started)",
    "CREATE INDEX trainings ON job_runs (job, ended) WHERE training != ''",
    """CREATE TABLE models (
        job TEXT NOT NULL,
        version TEXT NOT NULL,
        created TEXT NOT NULL,
        trained_to TEXT,
        mase REAL,
        PRIMARY KEY (job, version)) WITHOUT ROWID""",
    """CREATE TABLE forecasts (
        id INTEGER PRIMARY KEY,
        run_id TEXT NOT NULL REFERENCES runs (id),
        job TEXT NOT NULL,
        made TEXT NOT NULL,
        model TEXT NOT NULL,
        fingerprint TEXT NOT NULL,
        horizon INTEGER NOT NULL,
        dated INTEGER NOT NULL,
        UNIQUE (job, fingerprint, model, horizon))""",
    "CREATE INDEX forecasts_by_run ON forecasts (run_id)",
    "CREATE INDEX forecasts_by_model ON forecasts (job, model)",
    "CREATE INDEX forecasts_by_time ON forecasts (made)",
    "CREATE TABLE series (id INTEGER PRIMARY KEY, job TEXT NOT NULL, name TEXT NOT NULL, UNIQUE (job, name))",
    """CREATE TABLE origins (
        id INTEGER PRIMARY KEY,
        forecast INTEGER NOT NULL REFERENCES forecasts (id) ON DELETE CASCADE,
        series INTEGER NOT NULL REFERENCES series (id),
        cutoff INTEGER NOT NULL,
        scale REAL,
        UNIQUE (forecast, series))""",
    "CREATE INDEX origins_by_series ON origins (series)",
    # `series` is the same as in `origins`. It is repeated so that the index `awaited` on (series, time) can find the
    # points without an actual value, however many points have one.
    """CREATE TABLE points (
        origin INTEGER NOT NULL REFERENCES origins (id) ON DELETE CASCADE,
        step INTEGER NOT NULL,
        series INTEGER NOT NULL,
        time INTEGER NOT NULL,
        forecast REAL NOT NULL,
        naive REAL,
        actual REAL,
        PRIMARY KEY (origin, step)) WITHOUT ROWID""",
    "CREATE INDEX awaited ON points (series, time) WHERE actual IS NULL",
    """CREATE TABLE seen (
        job TEXT PRIMARY KEY,
        fingerprint TEXT NOT NULL,
        since TEXT NOT NULL,
        columns TEXT NOT NULL,
        freq TEXT NOT NULL,
        season_length INTEGER NOT NULL,
        tz TEXT,
        panel BLOB NOT NULL)""",
    """CREATE VIEW forecast_points AS SELECT
        f.job AS job,
        s.name AS series,
        f.made AS made,
        f.model AS model,
        CAST(julianday(f.made) - julianday(m.created) AS INTEGER) AS model_age,
        CASE f.dated WHEN 1 THEN strftime('%Y-%m-%dT%H:%M:%S', o.cutoff / 1000000000, 'unixepoch') ELSE o.cutoff END
            AS cutoff,
        p.step AS step,
        CASE f.dated WHEN 1 THEN strftime('%Y-%m-%dT%H:%M:%S', p.time / 1000000000, 'unixepoch') ELSE p.time END
            AS time,
        p.forecast AS forecast,
        p.naive AS naive,
        p.actual AS actual,
        p.forecast - p.actual AS error,
        p.naive - p.actual AS naive_error,
        abs(p.forecast - p.actual) / nullif(o.scale, 0) AS scaled_error,
        abs(p.naive - p.actual) / nullif(o.scale, 0) AS naive_scaled_error
    FROM points p
    JOIN origins o ON o.id = p.origin
    JOIN forecasts f ON f.id = o.forecast
    JOIN series s ON s.id = o.series
    LEFT JOIN models m ON m.job = f.job AND m.version = f.model""",
)

VERSION_2 = (
    # Finds the points whose actual value may be restated.
    "CREATE INDEX known ON points (series, time) WHERE actual IS NOT NULL",
    "ALTER TABLE job_runs ADD COLUMN noticed TEXT",
    # The job file that each job belongs to: at first, the file of the job's latest run.
    "CREATE TABLE owners (job TEXT PRIMARY KEY, job_file TEXT NOT NULL) WITHOUT ROWID",
    """INSERT INTO owners SELECT job, job_file FROM (
        SELECT j.job, r.job_file, max(r.started) FROM job_runs j JOIN runs r ON r.id = j.run_id GROUP BY j.job)""",
)


def _time_text(nanoseconds: str) -> str:
    """An SQL expression for a time as ISO 8601 text. Fractions of a second are written only if they are not 0.

    nanoseconds: the SQL expression of the time, in nanoseconds since 1970
    """
    fraction = f"(({nanoseconds} % 1000000000 + 1000000000) % 1000000000)"
    seconds = f"strftime('%Y-%m-%dT%H:%M:%S', ({nanoseconds} - {fraction}) / 1000000000, 'unixepoch')"
    digits = f"""CASE WHEN {fraction} = 0 THEN ''
        WHEN {fraction} % 1000000 = 0 THEN printf('.%03d', {fraction} / 1000000)
        WHEN {fraction} % 1000 = 0 THEN printf('.%06d', {fraction} / 1000)
        ELSE printf('.%09d', {fraction}) END"""
    return f"{seconds} || {digits}"


VERSION_3 = (
    # Times with fractions of a second, which the view of version 1 cut off.
    "DROP VIEW forecast_points",
    f"""CREATE VIEW forecast_points AS SELECT
        f.job AS job,
        s.name AS series,
        f.made AS made,
        f.model AS model,
        CAST(julianday(f.made) - julianday(m.created) AS INTEGER) AS model_age,
        CASE f.dated WHEN 1 THEN {_time_text("o.cutoff")} ELSE o.cutoff END AS cutoff,
        p.step AS step,
        CASE f.dated WHEN 1 THEN {_time_text("p.time")} ELSE p.time END AS time,
        p.forecast AS forecast,
        p.naive AS naive,
        p.actual AS actual,
        p.forecast - p.actual AS error,
        p.naive - p.actual AS naive_error,
        abs(p.forecast - p.actual) / nullif(o.scale, 0) AS scaled_error,
        abs(p.naive - p.actual) / nullif(o.scale, 0) AS naive_scaled_error
    FROM points p
    JOIN origins o ON o.id = p.origin
    JOIN forecasts f ON f.id = o.forecast
    JOIN series s ON s.id = o.series
    LEFT JOIN models m ON m.job = f.job AND m.version = f.model""",
)

VERSION_4 = (
    """CREATE TABLE intervals (
        origin INTEGER NOT NULL,
        step INTEGER NOT NULL,
        level REAL NOT NULL,
        lower REAL NOT NULL,
        upper REAL NOT NULL,
        PRIMARY KEY (origin, step, level),
        FOREIGN KEY (origin, step) REFERENCES points (origin, step) ON DELETE CASCADE) WITHOUT ROWID""",
    """CREATE TABLE widths (
        forecast INTEGER NOT NULL REFERENCES forecasts (id) ON DELETE CASCADE,
        level REAL NOT NULL,
        factor REAL NOT NULL,
        PRIMARY KEY (forecast, level)) WITHOUT ROWID""",
    """CREATE VIEW interval_points AS SELECT
        f.job AS job,
        s.name AS series,
        f.made AS made,
        CAST(julianday(f.made) - julianday(m.created) AS INTEGER) AS model_age,
        p.step AS step,
        i.level AS level,
        i.lower AS lower,
        i.upper AS upper,
        p.actual AS actual
    FROM intervals i
    JOIN points p ON p.origin = i.origin AND p.step = i.step
    JOIN origins o ON o.id = p.origin
    JOIN forecasts f ON f.id = o.forecast
    JOIN series s ON s.id = o.series
    LEFT JOIN models m ON m.job = f.job AND m.version = f.model""",
)

VERSION_5 = (
    """CREATE TABLE anomalies (
        run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
        job TEXT NOT NULL,
        series TEXT NOT NULL,
        dated INTEGER NOT NULL,
        start INTEGER NOT NULL,
        peak INTEGER NOT NULL,
        end INTEGER NOT NULL,
        kind TEXT NOT NULL,
        value REAL NOT NULL,
        expected REAL NOT NULL,
        p REAL NOT NULL,
        PRIMARY KEY (job, series, start)) WITHOUT ROWID""",
    "CREATE INDEX anomalies_by_run ON anomalies (run_id)",
    f"""CREATE VIEW found_anomalies AS SELECT
        a.job AS job,
        a.series AS series,
        r.started AS found,
        CASE a.dated WHEN 1 THEN {_time_text("a.start")} ELSE a.start END AS start,
        CASE a.dated WHEN 1 THEN {_time_text("a.end")} ELSE a.end END AS end,
        CASE a.dated WHEN 1 THEN {_time_text("a.peak")} ELSE a.peak END AS peak,
        a.kind AS kind,
        a.value AS value,
        a.expected AS expected,
        a.p AS p
    FROM anomalies a
    JOIN runs r ON r.id = a.run_id""",
)

MIGRATIONS: tuple[tuple[str, ...], ...] = (VERSION_1, VERSION_2, VERSION_3, VERSION_4, VERSION_5)
"""The statements that turn each version of the schema into the next, beginning with an empty file."""

TABLES = frozenset(re.findall(r"CREATE TABLE (\w+)", "\n".join(chain.from_iterable(MIGRATIONS))))
"""The names of the tables that these statements create."""
