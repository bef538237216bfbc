"""The table of topologies. A topology is the recurrent part of a network, such as stacked LSTM layers."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from forecast_cli.networks.spec import NetworkSpec


class Topology(NamedTuple):
    """One topology.

    label:    its name in the legend of a picture, such as "LSTM"
    summary:  its description in one line
    module:   the name of the module in `forecast_cli.networks` that defines its function `encode`
    """

    label: str
    summary: str
    module: str

    @property
    def encode(self) -> Callable[[Any, NetworkSpec], Any]:
        """The function that encodes a sequence: from a Keras tensor (batch, steps, features) to one (batch, width).

        The topology decides the width. Each call of the function creates new layers, so each member of a network gets
        its own weights.
        """
        function: Callable[[Any, NetworkSpec], Any] = import_module(f"forecast_cli.networks.{self.module}").encode
        return function


TOPOLOGIES = {
    "lstm": Topology("LSTM", "stacked long short-term memory", "lstm"),
    "gru": Topology("GRU", "stacked gated recurrent units", "gru"),
    "rnn": Topology("RNN", "stacked plain recurrent layers, without gates", "rnn"),
}
