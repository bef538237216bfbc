"""The table of topologies: the recurrent part of a network, by name."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from forecast_cli.networks.search import SHARED, Range, Search, shared_but

if TYPE_CHECKING:
    from forecast_cli.networks.spec import NetworkSpec


class Topology(NamedTuple):
    """One row of the table.

    label:    name in the legend of a picture
    summary:  description in one line
    module:   the module of `forecast_cli.networks` that defines `encode`
    search:   what `tune` chooses from
    """

    label: str
    summary: str
    module: str
    search: Search = SHARED

    @property
    def encode(self) -> Callable[[Any, NetworkSpec], Any]:
        """A function from a Keras tensor (batch, steps, features) to (batch, width); the topology decides the width.

        Each call of the function creates new layers, so each member of a network gets its own weights.
        """
        function: Callable[[Any, NetworkSpec], Any] = import_module(f"forecast_cli.networks.{self.module}").encode
        return function


TOPOLOGIES = {
    "lstm": Topology("LSTM", "stacked long short-term memory", "lstm"),
    "gru": Topology("GRU", "stacked gated recurrent units", "gru"),
    "rnn": Topology(
        "RNN",
        "stacked plain recurrent layers, without gates",
        "rnn",
        search=shared_but(learning_rate=Range(0.0003, 0.008)),
    ),
}
