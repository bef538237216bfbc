"""Subclasses of click's classes, with which the program finds a command, lists all commands, and shows --help."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from itertools import groupby
from pathlib import Path

import click

from forecast_cli.errors import did_you_mean

COMMANDS = (
    "train",
    "predict",
    "plot",
    "backtest",
    "detect",
    "models",
    "tune",
    "run",
    "init",
    "schedule",
    "history",
    "score",
    "inspect",
    "info",
    "completion",
)
LEADING = "forecast_cli.leading"


class GeneralOption(click.Option):
    """An option that every command has, listed last in its --help."""

    section = "General options"


class ReadingOption(click.Option):
    """An option for how data are read. --help lists these options under a heading of their own."""

    section = "Reading the data"


class Sections(click.Command):
    """A command whose --help lists its options under headings."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        options = [param for param in self.get_params(ctx) if isinstance(param, click.Option)]
        last = self.get_help_option(ctx)

        def section(option: click.Option) -> str:
            return GeneralOption.section if option is last else getattr(option, "section", "Options")

        for title, members in groupby(options, key=section):
            records = [option.get_help_record(ctx) for option in members]
            with formatter.section(title):
                formatter.write_dl([record for record in records if record is not None])


class Root(Sections, click.Group):
    """The group of all commands. The module of a command is imported only when the command is used."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        self.format_commands(ctx, formatter)
        Sections.format_options(self, ctx, formatter)

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"forecast_cli.cli.commands.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Store the options before the command's name, as in `forecast -v train`, in `ctx.meta`.

        `resolve_command` passes them on to the command.
        """
        given = list(args)
        rest = super().parse_args(ctx, args)
        ctx.meta[LEADING] = given[: len(given) - len(rest) - 1]
        return rest

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in COMMANDS and not ctx.resilient_parsing:
            advice = did_you_mean(args[0], COMMANDS)
            if not advice and Path(args[0]).exists():
                advice = f" Did you mean 'forecast train {args[0]}'?"
            raise click.UsageError(f"No such command '{args[0]}'.{advice}", ctx)
        name, command, rest = super().resolve_command(ctx, args)
        return name, command, [*ctx.meta[LEADING], *rest]


def forecast_command(name: str, examples: str) -> Callable[[Callable[..., None]], click.Command]:
    """A decorator that makes a command from a function. The command's --help ends with the examples.

    Each option can also be set by an environment variable: FORECAST_HORIZON for --horizon, for example.
    """
    return click.command(
        name,
        cls=Sections,
        epilog=f"\b\nExamples:\n{examples.strip(chr(10))}",
        context_settings={"auto_envvar_prefix": "FORECAST", "help_option_names": ["-h", "--help"]},
    )
