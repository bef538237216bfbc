"""The kinds of trees: how each is fitted by its library, and how its trees are read."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np

from forecast_cli.errors import UsageError
from forecast_cli.models.combined.tree_ensemble import Rows, Tree, to_onnx
from forecast_cli.panel.arrays import Floats

TREES = 100
"""Number of trees."""

MIN_LEAF = 10
"""Minimum number of rows in a leaf."""

MAX_FOREST_SAMPLE = 4000
"""Maximum number of rows that one tree of a forest learns from."""

MAX_LEAVES, RATE = 15, 0.1
"""For boosting: maximum number of leaves of one tree, and the learning rate."""


def check(kind: str) -> None:
    """Raise UsageError if the package that fits trees of this kind is not installed."""
    if kind == "xgboost" and find_spec("xgboost") is None:
        raise UsageError(
            "Trees of XGBoost need the package xgboost, which is not installed.",
            "Install it with: pip install 'forecast-cli[xgboost]'",
        )


def fit_trees(kind: str, rows: Rows, target: Floats, seed: int) -> bytes:
    """Fit trees of a kind to `target` (rows,), and return them as an ONNX file.

    Every kind uses one thread: with so few rows that is faster than several, and many times as fast if other processes
    keep the cores busy.
    """
    return to_onnx(*FITS[kind](rows, target, seed))


def _forest(rows: Rows, target: Floats, seed: int) -> tuple[list[Tree], float]:
    from sklearn.ensemble import RandomForestRegressor

    forest = RandomForestRegressor(
        TREES,
        min_samples_leaf=MIN_LEAF,
        max_features=1 / 3,
        max_samples=min(len(rows), MAX_FOREST_SAMPLE),
        random_state=seed,
    ).fit(rows, target)
    trees = [estimator.tree_ for estimator in forest.estimators_]
    return [
        Tree(tree.feature, tree.threshold, tree.children_left, tree.children_right, tree.value[:, 0, 0] / TREES)
        for tree in trees
    ], 0.0


def _boosting(rows: Rows, target: Floats, seed: int) -> tuple[list[Tree], float]:
    from sklearn.ensemble import HistGradientBoostingRegressor
    from threadpoolctl import threadpool_limits

    boosting = HistGradientBoostingRegressor(
        loss="absolute_error",
        learning_rate=RATE,
        max_iter=TREES,
        max_leaf_nodes=MAX_LEAVES,
        min_samples_leaf=MIN_LEAF,
        early_stopping=False,
        random_state=seed,
    )
    with threadpool_limits(1, user_api="openmp"):
        boosting.fit(rows, target)
    # scikit-learn has no public access to these trees; its ONNX converter reads the same attributes.
    nodes = [predictor.nodes for (predictor,) in boosting._predictors]
    trees = []
    for node in nodes:
        leaf = node["is_leaf"] == 1
        left, right = (np.where(leaf, -1, node[side].astype(np.int64)) for side in ("left", "right"))
        trees.append(Tree(node["feature_idx"], node["num_threshold"], left, right, node["value"]))
    return trees, float(np.ravel(boosting._baseline_prediction)[0])


def _xgboost(rows: Rows, target: Floats, seed: int) -> tuple[list[Tree], float]:
    from xgboost import XGBRegressor

    boosting = XGBRegressor(
        objective="reg:absoluteerror",
        tree_method="hist",
        learning_rate=RATE,
        n_estimators=TREES,
        grow_policy="lossguide",
        max_depth=0,
        max_leaves=MAX_LEAVES,
        min_child_weight=MIN_LEAF,
        random_state=seed,
        n_jobs=1,
    ).fit(rows, target)
    learner = json.loads(boosting.get_booster().save_raw("json"))["learner"]
    return [_xgboost_tree(tree) for tree in learner["gradient_booster"]["model"]["trees"]], float(
        learner["learner_model_param"]["base_score"].strip("[]")
    )


def _xgboost_tree(tree: dict[str, Any]) -> Tree:
    """Convert one tree of XGBoost's JSON model to a `Tree`.

    In XGBoost, the left node is next if feature < condition; in a `Tree`, if feature <= threshold. So the threshold is
    the next single-precision number below the condition.
    """
    condition = np.array(tree["split_conditions"], dtype=np.float32)
    return Tree(
        feature=np.array(tree["split_indices"]),
        threshold=np.nextafter(condition, np.float32(-np.inf)),
        left=np.array(tree["left_children"]),
        right=np.array(tree["right_children"]),
        value=condition,
    )


FITS: dict[str, Callable[[Rows, Floats, int], tuple[list[Tree], float]]] = {
    "forest": _forest,
    "boosting": _boosting,
    "xgboost": _xgboost,
}
"""How trees of each kind are fitted: features, targets (rows,), seed -> the trees, and what is added to their sum."""
