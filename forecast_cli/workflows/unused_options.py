"""Refuse options that none of the chosen models uses, because the user would expect an effect."""

from __future__ import annotations

from collections.abc import Sequence

from forecast_cli.errors import UsageError
from forecast_cli.option_fields import Options, as_typed, options_in
from forecast_cli.options import COVARIATES


def refuse_unused(names: Sequence[str], *configs: Options) -> None:
    """Raise UsageError for an unknown model, and for an option that has a value although none of the models uses it.

    names:   the names of the models
    configs: the options
    """
    from forecast_cli.models.table import row_of, unused_options

    for name in names:
        row_of(name)
    unused = unused_options(names)
    for config in configs:
        for known in options_in(type(config)):
            value = getattr(config, known.field)
            if known.name in unused and value not in (known.default, COVARIATES[0]):
                raise UsageError(
                    f"{'cannot be used' if value is True else as_typed(value)}: {unused[known.name]}.",
                    "Leave the option out, or choose a model with a network.",
                    option=known.name,
                )
