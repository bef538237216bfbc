"""`forecast schedule`: print the lines with which cron or systemd start a run."""

from __future__ import annotations

import logging
from datetime import datetime
from pathlib import Path

import click

from forecast_cli.cli.command import forecast_command
from forecast_cli.cli.job_options import jobs_argument
from forecast_cli.cli.options import general_options
from forecast_cli.cli.types import choice

logger = logging.getLogger(__name__)


@forecast_command(
    "schedule",
    """
  forecast schedule jobs.toml
  forecast schedule jobs.toml --at "30 5 * * mon-fri"
  forecast schedule jobs.toml --at @hourly --print crontab
""",
)
@jobs_argument("Job file.")
@click.option(
    "--at",
    metavar="CRON",
    default="0 6 * * *",
    show_default=True,
    help="When to run, in crontab syntax: minute, hour, day of month, month, day of week; or @daily, ...",
)
@click.option(
    "--print",
    type=choice("crontab", "service", "timer"),
    help="Print only this part, for redirection to a file.",
)
@general_options
def command(jobs_file: Path, at: str, print: str | None) -> None:
    """Print a schedule for the runs of a job file.

    Prints a crontab line, and the service and timer units of systemd. Nothing is installed.
    """
    from forecast_cli.jobs.file.loading import load_jobs
    from forecast_cli.jobs.schedule.cron import parse_schedule
    from forecast_cli.jobs.schedule.units import crontab_line, run_command, service_unit, timer_unit, unit_name

    schedule = parse_schedule(at)
    path = load_jobs(jobs_file).path
    run = run_command(path)
    texts = {
        "crontab": crontab_line(schedule, run),
        "service": service_unit(path, run),
        "timer": timer_unit(path, schedule),
    }
    unit = f"/etc/systemd/system/{unit_name(path)}"
    headings = {
        "crontab": "# A line for crontab -e",
        "service": f"# {unit}.service",
        "timer": f"# {unit}.timer",
    }
    everything = "\n".join(f"{headings[name]}\n{text}" for name, text in texts.items())
    click.echo(texts[print] if print else everything, nl=False)
    logger.info("The next run would be on %s.", f"{schedule.next_after(datetime.now()):%A, %Y-%m-%d at %H:%M}")
