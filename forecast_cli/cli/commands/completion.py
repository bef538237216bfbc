"""`forecast completion`: let a shell complete commands and options."""

from __future__ import annotations

import click

from forecast_cli.cli.command import forecast_command
from forecast_cli.cli.options import general_options
from forecast_cli.cli.types import choice


@forecast_command(
    "completion",
    """
  bash   echo 'eval "$(forecast completion bash)"' >> ~/.bashrc
  zsh    echo 'eval "$(forecast completion zsh)"' >> ~/.zshrc
  fish   forecast completion fish > ~/.config/fish/completions/forecast.fish
""",
)
@click.argument("shell", type=choice("bash", "zsh", "fish"), help="Shell to write the script for.")
@general_options
def command(shell: str) -> None:
    """Print the completion script of a shell.

    The script completes commands, options and their values. Run the example for
    your shell once, then open a new terminal.
    """
    from click.shell_completion import get_completion_class

    from forecast_cli.cli import COMPLETION, forecast

    completion = get_completion_class(shell)
    assert completion is not None
    click.echo(completion(forecast, {}, "forecast", COMPLETION).source())
