"""The crontab line and the systemd units that start a run, with the quoting of sh, cron and systemd."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from forecast_cli.errors import UsageError
from forecast_cli.jobs.schedule.cron import CronSchedule

SERVICE = """\
[Unit]
Description=Forecasts of {jobs}

[Service]
Type=oneshot
User={user}
WorkingDirectory={folder}
ExecStart={command}
SyslogIdentifier=forecast
Nice=10
KillMode=mixed
TimeoutStopSec=30
"""

TIMER = """\
[Unit]
Description=When to forecast {jobs}

[Timer]
{calendars}
Persistent=true

[Install]
WantedBy=timers.target
"""


def run_command(jobs: Path) -> list[str]:
    """The command for an unattended run of the job file at the absolute path `jobs`.

    `-P` keeps Python from importing modules from the working directory, which under cron is the home folder.

    Raises UsageError for a path with characters that a crontab or unit cannot contain.
    """
    command = [sys.executable, "-P", "-m", "forecast_cli", "run", str(jobs), "--quiet"]
    for path in (sys.executable, str(jobs)):
        if not path.isprintable():
            raise UsageError(f"{path!r}: crontabs and units cannot contain unprintable characters.", "Rename it.")
    return command


def unit_name(jobs: Path) -> str:
    """The name of both systemd units, without .service or .timer."""
    return "forecast-" + re.sub(r"[^A-Za-z0-9_.-]+", "-", jobs.stem)


def crontab_line(schedule: CronSchedule, command: Sequence[str]) -> str:
    """A crontab line, quoted for sh. Each % gets a backslash; without it, cron would end the command there."""
    return f"{schedule.cron} {shlex.join(command)}\n".replace("%", r"\%")


def service_unit(jobs: Path, command: Sequence[str]) -> str:
    """The service unit that does one run, as the current user."""
    return SERVICE.format(
        jobs=_plain(jobs), user=_user(), folder=_plain(jobs.parent), command=" ".join(_quoted(command))
    )


def timer_unit(jobs: Path, schedule: CronSchedule) -> str:
    """The timer unit that starts the service of the same name. After a missed time, it starts the service later."""
    calendars = "\n".join(f"OnCalendar={calendar}" for calendar in schedule.calendars)
    return TIMER.format(jobs=_plain(jobs), calendars=calendars)


def _quoted(command: Sequence[str]) -> list[str]:
    """The words of ExecStart=, see systemd.service(5). systemd replaces $ in all words except the first."""
    program, *arguments = (_word(_plain(word)) for word in command)
    return [program, *(argument.replace("$", "$$") for argument in arguments)]


def _word(text: str) -> str:
    if re.fullmatch(r"[\w@%+=:,./$-]+", text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _plain(text: str | Path) -> str:
    """`text` with each % escaped for systemd."""
    return str(text).replace("%", "%%")


def _user() -> str:
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())
