"""Write the crontab line or the systemd units that start a run, with the quoting that sh, cron and systemd need."""

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
    """The words of the command that does an unattended run of a job file.

    It has the option -P of Python, so that Python does not import modules from the working directory. Under cron, the
    working directory is the home folder of the user.

    jobs: the absolute path of the job file

    Raises UsageError for a path with characters that a crontab or unit cannot contain.
    """
    command = [sys.executable, "-P", "-m", "forecast_cli", "run", str(jobs), "--quiet"]
    for path in (sys.executable, str(jobs)):
        if not path.isprintable():
            raise UsageError(f"{path!r}: crontabs and units cannot contain unprintable characters.", "Rename it.")
    return command


def unit_name(jobs: Path) -> str:
    """The name of the systemd units for a job file, without the suffix .service or .timer: "forecast-jobs"."""
    return "forecast-" + re.sub(r"[^A-Za-z0-9_.-]+", "-", jobs.stem)


def crontab_line(schedule: CronSchedule, command: Sequence[str]) -> str:
    """The crontab line that runs the command at the times of the schedule.

    The words of the command are quoted for sh. Each % gets a backslash, because cron would end the command there.
    """
    return f"{schedule.cron} {shlex.join(command)}\n".replace("%", r"\%")


def service_unit(jobs: Path, command: Sequence[str]) -> str:
    """The text of the systemd service unit that does one run, as the current user.

    jobs:    the path of the job file
    command: the words of the command
    """
    return SERVICE.format(
        jobs=_plain(jobs), user=_user(), folder=_plain(jobs.parent), command=" ".join(_quoted(command))
    )


def timer_unit(jobs: Path, schedule: CronSchedule) -> str:
    """The text of the systemd timer unit that starts the service of the same name at the times of the schedule.

    If the machine was off at such a time, the service is started later.
    """
    calendars = "\n".join(f"OnCalendar={calendar}" for calendar in schedule.calendars)
    return TIMER.format(jobs=_plain(jobs), calendars=calendars)


def _quoted(command: Sequence[str]) -> list[str]:
    """The words of a command, quoted for ExecStart= in a systemd unit (see systemd.service(5)).

    A $ is doubled in all words except the first, because systemd replaces variables there.
    """
    program, *arguments = (_word(_plain(word)) for word in command)
    return [program, *(argument.replace("$", "$$") for argument in arguments)]


def _word(text: str) -> str:
    if re.fullmatch(r"[\w@%+=:,./$-]+", text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _plain(text: str | Path) -> str:
    """The text with each % doubled, as systemd needs it."""
    return str(text).replace("%", "%%")


def _user() -> str:
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())
