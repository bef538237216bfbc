"""Trees as ONNX files: the same decisions and the same forecasts as those of the library that fitted them."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pytest
from sklearn import ensemble

from forecast_cli.errors import ModelError, UsageError
from forecast_cli.models.combined import tree_kinds
from forecast_cli.models.combined.tree_ensemble import Tree, load_trees, to_onnx
from forecast_cli.models.combined.tree_kinds import fit_trees
from tests.sample_panels import Floats


def tree(threshold: float) -> Tree:
    """1 where the second feature is at most the threshold; otherwise 20, or 300 if the first is above 5."""
    return Tree(
        feature=np.array([1, -2, 0, -2, -2]),
        threshold=np.array([threshold, -2, 5, -2, -2]),
        left=np.array([1, -1, 3, -1, -1]),
        right=np.array([2, -1, 4, -1, -1]),
        value=np.array([0.0, 1, 0, 20, 300]),
    )


def rows(*values: tuple[float, float]) -> np.ndarray:
    return np.array(values, dtype=np.float32)


def test_trees_add_their_leaves_to_the_base() -> None:
    trees = load_trees(to_onnx([tree(0.5), tree(2.5)], 4000.0))

    forecast = trees(rows((0, 0), (9, 1), (0, 1), (5, 3), (6, 3)))

    assert forecast.tolist() == [4002, 4301, 4021, 4040, 4600]


def test_a_threshold_between_two_numbers_of_single_precision_separates_them() -> None:
    below, above = np.float32(0.1), np.nextafter(np.float32(0.1), np.float32(1))
    between = (float(below) + float(above)) / 2 + 1e-12
    assert np.float32(between) == above

    forecast = load_trees(to_onnx([tree(between)], 0.0))(rows((0, below), (0, above)))

    assert forecast.tolist() == [1, 20]


@pytest.fixture
def sample() -> tuple[np.ndarray, Floats]:
    rng = np.random.default_rng(0)
    features = rng.normal(size=(400, 6)).astype(np.float32)
    features[:, 2] = rng.integers(0, 12, 400)
    return features, features[:, 0] * np.where(features[:, 2] > 6, 3.0, -1.0) + rng.normal(0, 0.1, 400)


def regressor(kind: str) -> tuple[ModuleType, str]:
    if kind == "xgboost":
        import xgboost

        return xgboost, "XGBRegressor"
    return ensemble, {"forest": "RandomForestRegressor", "boosting": "HistGradientBoostingRegressor"}[kind]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["forest", "boosting", "xgboost"])
def test_the_onnx_file_forecasts_as_the_library_does(
    kind: str, sample: tuple[np.ndarray, Floats], monkeypatch: pytest.MonkeyPatch
) -> None:
    module, name = regressor(kind)
    fitted = []

    class Remembered(getattr(module, name)):  # type: ignore[misc]
        def fit(self, *arguments: object) -> object:
            fitted.append(self)
            return super().fit(*arguments)

    monkeypatch.setattr(module, name, Remembered)
    features, target = sample

    trees = load_trees(fit_trees(kind, features, target, seed=3))

    new = np.random.default_rng(1).normal(size=(300, 6)).astype(np.float32)
    for read in (features, new):
        np.testing.assert_allclose(trees(read), fitted[0].predict(read), rtol=1e-5, atol=1e-6)
    assert np.abs(trees(features) - target).mean() < 0.7 * np.abs(target).mean()


@pytest.mark.parametrize("kind", ["forest", "boosting"])
def test_the_same_seed_gives_the_same_file(kind: str, sample: tuple[np.ndarray, Floats]) -> None:
    assert fit_trees(kind, *sample, seed=1) == fit_trees(kind, *sample, seed=1)


def test_without_its_package_xgboost_is_refused_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree_kinds, "find_spec", lambda _name: None)

    with pytest.raises(UsageError, match="xgboost, which is not installed") as refused:
        tree_kinds.check("xgboost")

    assert refused.value.hint == "Install it with: pip install 'forecast-cli[xgboost]'"
    tree_kinds.check("forest")


def test_a_damaged_file_is_refused() -> None:
    with pytest.raises(ModelError, match="cannot be loaded"):
        load_trees(b"no trees")
