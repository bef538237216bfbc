"""The logical names of the files of a model in a bundle."""

ONNX_FILE = "network.onnx"
"""The trained network, for predictions."""

WEIGHTS_FILE = "network.weights.h5"
"""The Keras weights of the trained network, after all training."""

FITTED_FILE = "fitted.weights.h5"
"""The Keras weights after `fit`, before the network was trained on the holdout."""

SCORED_FILE = "scored.weights.h5"
"""The Keras weights with which the model was scored. The file exists only if they differ from those in FITTED_FILE."""

BLEND_FILE = "blend.npz"
"""The weight of each member of a `blend` or `auto` for each series."""

FORECASTS_FILE = "forecasts.npz"
"""The forecasts of the statistical methods in the model, after the data that it was trained on."""

ERRORS_FILE = "errors.npz"
"""The errors of forecasts from earlier origins, from which intervals are computed."""

TREES_FILE = "trees.onnx"
"""The trees that are combined with a network, for predictions."""

TAILS_FILE = "tails.npz"
"""The last `context_size` points of each series, and the scaling of the whole series."""

PREDICTION_FILES = (ONNX_FILE, TAILS_FILE, BLEND_FILE, FORECASTS_FILE, TREES_FILE, ERRORS_FILE)
"""The files that a prediction reads, if the bundle has them."""

COMPARISON_FILES = (*PREDICTION_FILES, FITTED_FILE, SCORED_FILE)
"""The files that `SavedModel.as_scored` reads."""
