"""`forecast completion`: what a shell needs to complete commands and options."""

from __future__ import annotations

import click

from forecast_cli.cli.command import forecast_command
from forecast_cli.cli.options import general_options
from forecast_cli.cli.types import Choice


@forecast_command(
    "completion",
    """
  bash   echo 'eval "$(forecast completion bash)"' >> ~/.bashrc
  zsh    echo 'eval "$(forecast completion zsh)"' >> ~/.zshrc
  fish   forecast completion fish > ~/.config/fish/completions/forecast.fish
""",
)
@click.argument("shell", type=Choice(("bash", "zsh", "fish")), help="The shell in use.")
@general_options
def command(shell: str) -> None:
    """Print a shell's completion script.

    It completes commands, options and their values. Run the line for your shell
    once, then open a new terminal.
    """
    from click.shell_completion import get_completion_class

    from forecast_cli.cli import COMPLETION, forecast

    completion = get_completion_class(shell)
    assert completion is not None
    click.echo(completion(forecast, {}, "forecast", COMPLETION).source())
