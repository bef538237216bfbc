"""The table of topologies. A topology is the recurrent part of a network, such as stacked LSTM layers."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from forecast_cli.networks.search import SHARED, Range, Search, shared_but

if TYPE_CHECKING:
    from forecast_cli.networks.spec import NetworkSpec


class Topology(NamedTuple):
    """One topology.

    label:          its name in the legend of a picture, such as "LSTM"
    summary:        its description in one line
    module:         the name of the module in `forecast_cli.networks` that defines its function `encode`
    layers:         its default number of recurrent layers; None if the data decide it, see `models.network.regimes`
    whole_horizon:  whether its network predicts the whole horizon at once by default, even if there are few windows
    search:         the values that `tune` chooses from
    """

    label: str
    summary: str
    module: str
    layers: int | None = 1
    whole_horizon: bool = False
    search: Search = SHARED

    @property
    def encode(self) -> Callable[[Any, NetworkSpec], Any]:
        """A function that encodes a window: a Keras tensor (batch, steps, features).

        It returns one encoding (batch, width) of the window, or one of each predicted step (batch, output_size, width).
        The topology decides the width. Each call of the function creates new layers, so each member of a network gets
        its own weights.
        """
        function: Callable[[Any, NetworkSpec], Any] = import_module(f"forecast_cli.networks.{self.module}").encode
        return function


TOPOLOGIES = {
    "lstm": Topology("LSTM", "stacked long short-term memory", "lstm", layers=None),
    "gru": Topology("GRU", "stacked gated recurrent units", "gru"),
    "rnn": Topology(
        "RNN",
        "stacked plain recurrent layers, without gates",
        "rnn",
        search=shared_but(learning_rate=Range(0.0003, 0.008)),
    ),
    "bilstm": Topology("BiLSTM", "stacked LSTM that reads in both directions", "bilstm"),
    "seq2seq": Topology("Seq2Seq", "BiLSTM encoder, LSTM decoder of steps ahead", "seq2seq", whole_horizon=True),
    "cnn-lstm": Topology("CNN-LSTM", "causal convolutions, then stacked LSTM", "cnn_lstm"),
    "peephole-lstm": Topology("Peephole LSTM", "stacked LSTM whose gates see the cell state", "peephole_lstm"),
    "dilated-lstm": Topology("Dilated LSTM", "residual LSTM layers of dilation 1, 2, 4", "dilated_lstm", layers=3),
    "attention-lstm": Topology("Attention LSTM", "stacked LSTM, attention over its outputs", "attention_lstm"),
    "slstm": Topology("sLSTM", "stacked LSTM with exponential input gates", "slstm"),
}
