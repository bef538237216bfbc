"""Regression trees as flat arrays, and as an ONNX file: one form for the trees of every library."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.models.network.onnx_runtime import load_onnx
from forecast_cli.panel.arrays import Floats

Rows = NDArray[np.float32]
"""An array (rows, features) in single precision: the input of trees, both to fit them and to forecast."""

Trees = Callable[[Rows], Floats]
"""A function from the features of some rows to the trees' forecast of each row."""

INPUT = "features"


@dataclass(frozen=True)
class Tree:
    """One decision tree of k nodes; node 0 is the root. A node is either an inner node or a leaf.

    feature:      (k,) the index of the feature that an inner node compares with its threshold
    threshold:    (k,) if the feature is at most this, the left node is next, otherwise the right one
    left, right:  (k,) the indices of the next nodes; -1 at a leaf
    value:        (k,) the number that a leaf adds to the forecast
    """

    feature: NDArray[np.integer[Any]]
    threshold: NDArray[np.floating[Any]]
    left: NDArray[np.integer[Any]]
    right: NDArray[np.integer[Any]]
    value: NDArray[np.floating[Any]]


def to_onnx(trees: Sequence[Tree], base: float) -> bytes:
    """An ONNX file that computes `base` plus the sum of the trees' leaves, with the same decisions as the trees.

    Thresholds are rounded down to single precision. This changes no decision: the features have single precision too,
    so no feature is between a threshold and the rounded threshold.
    """
    from onnx import TensorProto, helper

    sizes = [len(tree.feature) for tree in trees]
    tree_of = np.repeat(np.arange(len(trees)), sizes)
    node_of = np.concatenate([np.arange(size) for size in sizes])
    whole = Tree(*(np.concatenate([getattr(tree, name) for tree in trees]) for name in Tree.__dataclass_fields__))
    leaf = whole.left < 0
    node = helper.make_node(
        "TreeEnsembleRegressor",
        [INPUT],
        ["forecast"],
        domain="ai.onnx.ml",
        n_targets=1,
        base_values=[base],
        nodes_treeids=tree_of.tolist(),
        nodes_nodeids=node_of.tolist(),
        nodes_modes=np.where(leaf, "LEAF", "BRANCH_LEQ").tolist(),
        nodes_featureids=np.where(leaf, 0, whole.feature).tolist(),
        nodes_values=np.where(leaf, 0, _rounded_down(whole.threshold)).tolist(),
        nodes_truenodeids=np.where(leaf, 0, whole.left).tolist(),
        nodes_falsenodeids=np.where(leaf, 0, whole.right).tolist(),
        target_treeids=tree_of[leaf].tolist(),
        target_nodeids=node_of[leaf].tolist(),
        target_ids=[0] * int(leaf.sum()),
        target_weights=whole.value[leaf].tolist(),
    )
    rows = helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, [None, None])
    forecast = helper.make_tensor_value_info("forecast", TensorProto.FLOAT, [None, 1])
    versions = [helper.make_opsetid("", 15), helper.make_opsetid("ai.onnx.ml", 1)]
    graph = helper.make_graph([node], "trees", [rows], [forecast])
    content: bytes = helper.make_model(graph, opset_imports=versions, ir_version=8).SerializeToString()
    return content


def load_trees(content: bytes) -> Trees:
    """A function that maps features (rows, features) to the trees' forecast (rows,), from the bytes of an ONNX file.

    Raises ModelError if ONNX Runtime cannot load it.
    """
    run = load_onnx(content, {INPUT: (None, None)}, (None, 1))
    return lambda rows: np.asarray(run({INPUT: rows})[:, 0])


def _rounded_down(thresholds: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    """The largest single-precision number that is at most each threshold."""
    nearest = thresholds.astype(np.float32)
    return np.where(nearest > thresholds, np.nextafter(nearest, np.float32(-np.inf)), nearest)
