"""Each topology computes what its paper says: compared with NumPy, and by what an output may depend on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from forecast_cli.models.network.keras_runtime import import_keras
from forecast_cli.networks import TOPOLOGIES
from forecast_cli.networks.spec import NetworkSpec

pytestmark = pytest.mark.slow

Floats = NDArray[np.float64]

STEPS, FEATURES, UNITS = 7, 3, 4
WINDOWS = np.random.default_rng(0).normal(size=(5, STEPS, FEATURES)).astype(np.float32)
RECURRENT_GATES = {"lstm": 4, "gru": 3, "rnn": 1, "peephole-lstm": 4, "slstm": 4, "dilated-lstm": 4}
"""Topology -> number of gates side by side in a recurrent kernel."""


def encoder(topology: str, units: tuple[int, ...] = (UNITS,), **more: Any) -> Any:
    """The recurrent part of a network alone, as a Keras model with random weights and biases."""
    keras = import_keras()
    keras.utils.set_random_seed(1)
    spec = NetworkSpec(topology, STEPS, FEATURES, output_size=6, units=units, **more)
    inputs = keras.Input((STEPS, FEATURES))
    model = keras.Model(inputs, TOPOLOGIES[topology].encode(inputs, spec))
    return model


def shaken(model: Any) -> Any:
    """The same model with every weight moved, so that weights that are zero at first matter too."""
    chance = np.random.default_rng(2)
    model.set_weights([weight + chance.normal(scale=0.3, size=weight.shape) for weight in model.get_weights()])
    return model


def sigmoid(x: Floats) -> Floats:
    return 1 / (1 + np.exp(-x))


def gates_of(model: Any, x: Floats, h: Floats) -> list[Floats]:
    kernel, recurrent, bias = (np.asarray(weight, np.float64) for weight in model.get_weights()[:3])
    return np.split(x @ kernel + h @ recurrent + bias, 4, axis=1)


def test_the_gates_of_a_peephole_lstm_see_the_cell_state() -> None:
    model = shaken(encoder("peephole-lstm"))
    peepholes = np.asarray(model.get_weights()[3], np.float64)
    h = c = np.zeros((len(WINDOWS), UNITS))
    for step in range(STEPS):
        i, f, z, o = gates_of(model, WINDOWS[:, step], h)
        new = sigmoid(f + peepholes[1] * c) * c + sigmoid(i + peepholes[0] * c) * np.tanh(z)
        h, c = sigmoid(o + peepholes[2] * new) * np.tanh(new), new

    np.testing.assert_allclose(np.asarray(model(WINDOWS)), h, rtol=1e-4, atol=1e-5)


def test_an_slstm_is_a_normalised_sum_with_exponential_weights() -> None:
    """The recurrence of the paper without its stabiliser, which must not change the result."""
    model = shaken(encoder("slstm"))
    h = c = n = np.zeros((len(WINDOWS), UNITS))
    for step in range(STEPS):
        i, f, z, o = gates_of(model, WINDOWS[:, step], h)
        c, n = sigmoid(f) * c + np.exp(i) * np.tanh(z), sigmoid(f) * n + np.exp(i)
        h = sigmoid(o) * c / n

    np.testing.assert_allclose(np.asarray(model(WINDOWS)), h, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("size", [1e2, 1e4])
def test_the_exponential_gates_of_an_slstm_do_not_overflow(size: float) -> None:
    output = np.asarray(shaken(encoder("slstm"))(size * WINDOWS))

    assert np.isfinite(output).all()
    assert np.abs(output).max() <= 1


def test_the_first_layer_of_a_dilated_lstm_is_an_lstm() -> None:
    dilated, plain = shaken(encoder("dilated-lstm")), encoder("lstm")
    plain.set_weights(dilated.get_weights())

    np.testing.assert_allclose(np.asarray(dilated(WINDOWS)), np.asarray(plain(WINDOWS)), rtol=1e-5, atol=1e-6)


def test_a_second_layer_of_dilation_two_reads_every_other_step_and_adds_its_input() -> None:
    from keras import Input, Model
    from keras.layers import LSTM

    dilated = shaken(encoder("dilated-lstm", (UNITS, UNITS)))
    inputs = Input((STEPS, FEATURES))
    first = Model(inputs, LSTM(UNITS, return_sequences=True)(inputs))
    first.set_weights(dilated.get_weights()[:3])
    below = np.asarray(first(WINDOWS))
    skipping = Input((4, UNITS))
    second = Model(skipping, LSTM(UNITS)(skipping))
    second.set_weights(dilated.get_weights()[3:])

    expected = np.asarray(second(below[:, ::2])) + below[:, -1]

    np.testing.assert_allclose(np.asarray(dilated(WINDOWS)), expected, rtol=1e-5, atol=1e-6)


def test_a_bidirectional_lstm_reads_the_window_from_both_ends() -> None:
    model = shaken(encoder("bilstm"))
    backwards = encoder("bilstm")
    weights = model.get_weights()
    backwards.set_weights([*weights[3:], *weights[:3]])

    there, back = np.asarray(model(WINDOWS)), np.asarray(backwards(WINDOWS[:, ::-1]))

    assert there.shape == (len(WINDOWS), 2 * UNITS)
    np.testing.assert_allclose(there, np.roll(back, UNITS, axis=1), rtol=1e-5, atol=1e-6)


def test_attention_is_a_mean_over_the_outputs_of_all_steps() -> None:
    model = shaken(encoder("attention-lstm"))
    same = np.repeat(WINDOWS[:, :1], STEPS, axis=1)

    output = np.asarray(model(WINDOWS))

    assert output.shape == (len(WINDOWS), 2 * UNITS)
    assert (np.abs(output[:, UNITS:]) < 1).all()
    assert not np.allclose(output[:, :UNITS], output[:, UNITS:], atol=1e-3)
    assert not np.allclose(output, np.asarray(model(same)), atol=1e-3)


def test_seq2seq_encodes_each_predicted_step_apart() -> None:
    output = np.asarray(shaken(encoder("seq2seq"))(WINDOWS))

    assert output.shape == (len(WINDOWS), 6, UNITS)
    assert (np.abs(np.diff(output, axis=1)).max(axis=(0, 2)) > 1e-4).all()


def test_convolutions_come_before_the_recurrence_of_a_cnn_lstm_and_do_not_look_ahead() -> None:
    from keras import Model

    model = shaken(encoder("cnn-lstm"))
    convolutions = [layer for layer in model.layers if type(layer).__name__ == "Conv1D"]
    read = Model(model.input, convolutions[-1].output)
    changed = WINDOWS.copy()
    changed[:, 4:] += 1

    before, after = np.asarray(read(WINDOWS)), np.asarray(read(changed))

    assert len(convolutions) == 2
    np.testing.assert_array_equal(before[:, :4], after[:, :4])
    assert not np.allclose(before[:, 4:], after[:, 4:])


@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_early_and_late_steps_of_the_window_matter(topology: str) -> None:
    model = shaken(encoder(topology))
    for step in (0, STEPS - 1):
        changed = WINDOWS.copy()
        changed[:, step] += 1

        assert not np.allclose(np.asarray(model(changed)), np.asarray(model(WINDOWS)), atol=1e-5)


@pytest.mark.parametrize(("topology", "gates"), RECURRENT_GATES.items())
def test_recurrent_kernels_are_orthogonal_at_first_and_the_bias_of_the_forget_gate_is_one(
    topology: str, gates: int
) -> None:
    kernel, recurrent, bias = encoder(topology).get_weights()[:3]

    assert kernel.shape == (FEATURES, gates * UNITS)
    np.testing.assert_allclose(recurrent @ recurrent.T, np.eye(UNITS), atol=1e-5)
    if gates == 4:
        np.testing.assert_array_equal(bias, np.repeat([0, 1, 0, 0], UNITS))
