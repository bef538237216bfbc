"""Networks: each topology follows its spec, ignores missing targets, and gives the same numbers in ONNX as in Keras."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from forecast_cli.features.features import Features
from forecast_cli.features.long_run import FEATURES
from forecast_cli.features.windows import WindowShape
from forecast_cli.models.network.compiled import kept_network
from forecast_cli.models.network.onnx_runtime import load_network
from forecast_cli.models.network.plan import TrainingPlan
from forecast_cli.models.network.trainer import Trainer, training_batch
from forecast_cli.networks import TOPOLOGIES
from forecast_cli.networks.build import build
from forecast_cli.networks.heads import HEADS
from forecast_cli.networks.spec import NetworkSpec
from tests.sample_panels import panel_of, random_walk, seasonal

pytestmark = pytest.mark.slow

SPEC = NetworkSpec("lstm", input_size=8, channels=5, output_size=3, units=(6, 4))
SPECS = {
    "lstm": SPEC,
    "patched ensemble": replace(SPEC, units=(4,), patch_size=4, members=2, dropout=0.5, highway=True),
    "long run": replace(SPEC, units=(4,), members=2, long_run=FEATURES),
    "quantiles": replace(SPEC, units=(4,), members=2, head="quantiles"),
}
SHAPE = WindowShape(SPEC.input_size, SPEC.output_size, level_size=6, deseasonalise=True)
PLAN = TrainingPlan(epochs=2, steps_per_epoch=5, batch_size=16, learning_rate=0.01, clip_norm=1.0, loss="mae", seed=3)
PANEL = panel_of(seasonal(60), seasonal(40, seed=1), random_walk(30))
ORIGINS = Features.fit(PANEL, SHAPE).training_origins(8)[:96]


def shaken(spec: NetworkSpec) -> Trainer:
    """A network in which every weight is moved, so that weights that are zero at first matter too."""
    trainer = Trainer(spec, PLAN)
    chance, model = np.random.default_rng(0), trainer.model
    model.set_weights([weight + chance.normal(scale=0.3, size=weight.shape) for weight in model.get_weights()])
    return trainer


def shape_of(name: str) -> WindowShape:
    return replace(SHAPE, long_run=SPECS[name].long_run > 0)


def recurrent_layers(model: Any) -> list[Any]:
    return [layer for layer in model.layers if hasattr(layer, "return_sequences")]


@pytest.mark.parametrize(("topology", "layer"), [("lstm", "LSTM"), ("gru", "GRU"), ("rnn", "SimpleRNN")])
def test_the_name_of_a_topology_decides_which_layers_are_built(topology: str, layer: str) -> None:
    layers = recurrent_layers(build(replace(SPEC, topology=topology, units=(7, 5, 3))))

    assert [type(each).__name__ for each in layers] == [layer] * 3
    assert [each.units for each in layers] == [7, 5, 3]
    assert [each.return_sequences for each in layers] == [True, True, False]


@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_every_topology_works_with_patches_members_highway_and_long_run(topology: str) -> None:
    spec = replace(SPEC, topology=topology, patch_size=4, members=2, dropout=0.5, highway=True, long_run=FEATURES)
    inputs = {"window": np.zeros((3, 8, 5), np.float32), "long_run": np.zeros((3, FEATURES), np.float32)}

    assert build(spec)(inputs).shape == (3, 2, 3, 1)


@pytest.mark.parametrize("members", [1, 3])
@pytest.mark.parametrize(("patch_size", "steps", "width"), [(1, 8, 5), (4, 2, 20), (8, 1, 40)])
def test_a_patch_is_one_step_of_the_recurrence(patch_size: int, steps: int, width: int, members: int) -> None:
    model = build(replace(SPEC, patch_size=patch_size, members=members))

    assert [tuple(tensor.shape) for tensor in model.inputs] == [(None, 8, 5)]
    assert model.output_shape == (None, members, 3, 1)
    first = recurrent_layers(model)[0]
    assert first.input.shape == (None, steps, width)


def test_the_highway_is_a_linear_autoregression_beside_the_recurrence() -> None:
    model = build(replace(SPEC, units=(2,), highway=True))
    dense = next(layer for layer in model.layers if type(layer).__name__ == "Dense")
    kernel, bias = np.zeros((2 + 8, 3)), np.array([0.0, 1.0, 2.0])
    kernel[2:, 0] = np.arange(8)
    dense.set_weights([kernel, bias])
    inputs = np.random.default_rng(0).normal(size=(4, 8, 5)).astype(np.float32)

    outputs = np.asarray(model({"window": inputs}))[:, 0, :, 0]

    np.testing.assert_allclose(outputs[:, 0], inputs[:, :, 0] @ np.arange(8), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(outputs[:, 1:], [[1, 2]] * 4)


def test_patches_hold_consecutive_steps() -> None:
    model = build(replace(SPEC, patch_size=4, units=(2,)))
    inputs = np.arange(40, dtype=np.float32).reshape(1, 8, 5)
    reshaped = next(layer for layer in model.layers if type(layer).__name__ == "Reshape")

    np.testing.assert_array_equal(reshaped(inputs), [[range(20), range(20, 40)]])


def test_members_begin_differently_and_a_seed_settles_them() -> None:
    inputs = {"window": np.random.default_rng(0).normal(size=(2, 8, 5)).astype(np.float32)}
    first, again, other = (
        Trainer(replace(SPEC, members=2), replace(PLAN, seed=seed)).predict(inputs) for seed in (5, 5, 6)
    )

    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first, other)
    assert not np.allclose(first[:, 0], first[:, 1])


def test_trainings_that_take_turns_with_a_compiled_network_do_not_disturb_each_other() -> None:
    spec = replace(SPEC, units=(5,), dropout=0.5, members=2)
    features, shorter = Features.fit(PANEL, SHAPE), ORIGINS[:64]
    inputs = features.windows(ORIGINS[:4]).inputs()
    validation = features, ORIGINS[:32]

    def trainer() -> Trainer:
        return Trainer(spec, replace(PLAN, seed=7))

    def alone(origins: NDArray[np.int64]) -> list[NDArray[np.float64]]:
        kept_network.cache_clear()
        training = trainer()
        training.fit(features, origins, validation, lambda *_: None)
        first = training.predict(inputs)
        training.continue_on(features, origins, 3, 0.01)
        return [first, training.predict(inputs)]

    expected = [alone(ORIGINS), alone(shorter)]
    trainers = [trainer(), trainer()]
    for each, origins in zip(trainers, (ORIGINS, shorter), strict=True):
        each.fit(features, origins, validation, lambda *_: None)
    first = [each.predict(inputs) for each in trainers]
    for each, origins in zip(trainers, (ORIGINS, shorter), strict=True):
        each.continue_on(features, origins, 3, 0.01)
    second = [each.predict(inputs) for each in trainers]

    for mine, after_fit, after_update in zip(expected, first, second, strict=True):
        np.testing.assert_array_equal(after_fit, mine[0])
        np.testing.assert_array_equal(after_update, mine[1])


# The loss

POINT = HEADS["point"]
TARGETS = np.array([[[1.0, -2.0, 3.0]], [[0.5, 0.5, 4.0]]], dtype=np.float32)[..., None]
OUTPUTS = np.array([[[0.0, 1.0, 3.0]], [[0.0, 1.0, 0.0]]], dtype=np.float32)[..., None]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mae", [4 / 3, 5 / 3]),
        ("mse", [10 / 3, 16.5 / 3]),
        ("huber", [(0.5 + 2.5) / 3, (0.125 + 0.125 + 3.5) / 3]),
    ],
)
def test_losses_by_hand(name: str, expected: list[float]) -> None:
    np.testing.assert_allclose(POINT.loss(name)(TARGETS, OUTPUTS), expected, rtol=1e-6)


@pytest.mark.parametrize("name", ["mae", "mse", "huber"])
def test_a_missing_target_counts_neither_in_the_loss_nor_in_its_gradient(name: str) -> None:
    import tensorflow as tf

    missing = np.array([[[False, True, False]], [[True, True, True]]])[..., None]
    outputs = tf.Variable(OUTPUTS)
    with tf.GradientTape() as tape:
        loss = POINT.loss(name)(np.where(missing, np.nan, TARGETS).astype(np.float32), outputs)
    gradient = np.asarray(tape.gradient(loss, outputs))

    # as if the network had been right there
    np.testing.assert_allclose(loss, POINT.loss(name)(np.where(missing, OUTPUTS, TARGETS), OUTPUTS))
    assert np.isfinite(gradient).all()
    assert not gradient[missing].any()
    assert gradient[0, 0, 0, 0] < 0


def test_members_are_each_held_against_the_one_target() -> None:
    outputs = np.concatenate([OUTPUTS, TARGETS, TARGETS], axis=1)

    np.testing.assert_allclose(POINT.loss("mae")(TARGETS, outputs), [4 / 9, 5 / 9], rtol=1e-6)


QUANTILES = HEADS["quantiles"]


def test_the_loss_of_quantiles_by_hand() -> None:
    levels = (*QUANTILES.below, *QUANTILES.above)
    output = np.array([0.0, -1, -2, -3, 1, 2, 3], dtype=np.float32)[None, None, None]

    loss = QUANTILES.loss("mae")(np.full((1, 1, 1, 1), 2.5, np.float32), output)

    errors = 2.5 - output[0, 0, 0, 1:]
    pinball = [max(level * error, (level - 1) * error) for level, error in zip(levels, errors, strict=True)]
    np.testing.assert_allclose(loss, [2.5 + 2 * sum(pinball)], rtol=1e-6)


def test_a_missing_target_counts_for_no_quantile() -> None:
    output = np.random.default_rng(0).normal(size=(2, 1, 3, 7)).astype(np.float32)
    target = np.array([[[1.0, np.nan, 2.0]], [[np.nan] * 3]], np.float32)[..., None]

    loss = np.asarray(QUANTILES.loss("mae")(target, output))

    alone = QUANTILES.loss("mae")(target[:1, :, ::2], output[:1, :, ::2])
    np.testing.assert_allclose(loss, [np.asarray(alone)[0] * 2 / 3, 0], rtol=1e-6)


def test_quantiles_are_in_the_order_of_their_levels_whatever_the_weights() -> None:
    spec = replace(SPEC, units=(4,), members=3, head="quantiles")
    trainer = Trainer(spec, PLAN)
    chance = np.random.default_rng(1)
    trainer.model.set_weights([chance.normal(scale=2, size=weight.shape) for weight in trainer.model.get_weights()])
    levels = np.r_[0.5, QUANTILES.below, QUANTILES.above]

    outputs = trainer.predict(Features.fit(PANEL, SHAPE).windows(ORIGINS).inputs())

    assert outputs.shape == (len(ORIGINS), 3, 3, len(levels))
    assert (np.diff(outputs[..., np.argsort(levels)], axis=-1) >= 0).all()


# Training and export


@pytest.mark.parametrize("name", SPECS)
def test_onnx_gives_the_numbers_of_keras(name: str) -> None:
    trainer = shaken(SPECS[name])
    inputs = Features.fit(PANEL, shape_of(name)).windows(ORIGINS).inputs()
    keras_own = trainer.predict(inputs)

    ours = load_network(trainer.export()[0], SPECS[name])(inputs)

    assert ours.shape == (len(inputs["window"]), SPECS[name].members, 3, HEADS[SPECS[name].head].outputs)
    np.testing.assert_allclose(ours, keras_own, rtol=1e-5, atol=1e-5 * np.abs(keras_own).max())


@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_onnx_gives_the_numbers_of_keras_from_what_is_known_ahead(topology: str) -> None:
    spec = replace(SPEC, topology=topology, ahead=4)
    trainer, chance = shaken(spec), np.random.default_rng(1)
    shapes = {"window": (20, SPEC.input_size, SPEC.channels), "ahead": (20, SPEC.output_size, 4)}
    inputs = {name: chance.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    keras_own, onnx = trainer.predict(inputs), load_network(trainer.export()[0], spec)

    np.testing.assert_allclose(onnx(inputs), keras_own, rtol=1e-5, atol=1e-5 * np.abs(keras_own).max())
    raised = {**inputs, "ahead": inputs["ahead"] + np.eye(SPEC.output_size, dtype=np.float32)[0][:, None]}
    assert (np.abs(onnx(raised) - onnx(inputs)).max(axis=(0, 1, 3)) > 0).tolist() == [True, False, False]


def test_the_best_epoch_is_kept_and_progress_is_reported() -> None:
    told: list[tuple[int, int]] = []
    rising, falling = (Features.fit(panel_of(slope * np.arange(60.0)), SHAPE) for slope in (1, -1))
    origins = rising.training_origins(8)[:48]
    trainer = Trainer(replace(SPEC, units=(4,)), replace(PLAN, epochs=3))

    losses = trainer.fit(rising, origins, (falling, origins), lambda done, total, _: told.append((done, total)))

    assert losses[0] < losses[1] < losses[2]  # the better it learns to rise, the worse it falls
    inputs, targets = training_batch(falling, origins)
    kept = np.mean(POINT.loss("mae")(targets, trainer.predict(inputs).astype(np.float32)))
    assert kept == pytest.approx(losses[0], rel=1e-4)
    assert told == [(step, 15) for step in range(1, 16)]
