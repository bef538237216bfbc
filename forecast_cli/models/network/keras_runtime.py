"""Keras, imported late, kept quiet, and given the files that it wants."""

from __future__ import annotations

import logging
import os
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from forecast_cli.errors import OutputError


def import_keras() -> Any:
    """Keras. TensorFlow greets on standard error before it can be told not to."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("KERAS_HOME", os.devnull)  # its settings would change the numbers, and it writes them there
    with silenced_stderr(), absent("matplotlib", "sklearn"):
        import keras
    return keras


@contextmanager
def absent(*names: str) -> Iterator[None]:
    """Let these modules not be found. Keras imports some where it finds them, for pictures and wrappers that are not
    asked for, and they take a quarter of its time."""
    hidden = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


def prefetched(batches: Callable[[], Iterator[Any]]) -> Any:
    """What the generator yields, NumPy arrays of constant shapes, got ready while Keras learns from the batch before.

    TensorFlow's tuning of such pipelines is off: ending its thread can take as long again as the training did.
    """
    import tensorflow as tf

    signature = tf.nest.map_structure(lambda array: tf.TensorSpec(array.shape, array.dtype), next(batches()))
    options = tf.data.Options()
    options.autotune.enabled = False
    return tf.data.Dataset.from_generator(batches, output_signature=signature).prefetch(4).with_options(options)


@contextmanager
def silenced_stderr() -> Iterator[None]:
    """Drop what native code writes to file descriptor 2."""
    saved, null = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null, 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(null)


@contextmanager
def quiet_export() -> Iterator[None]:
    """Without the converter's remarks."""
    loggers = [logging.getLogger(name) for name in ("tf2onnx", "tensorflow", "absl")]
    levels = [logger.level for logger in loggers]
    with warnings.catch_warnings(), silenced_stderr():
        warnings.simplefilter("ignore")
        for logger in loggers:
            logger.setLevel(logging.ERROR)
        try:
            yield
        finally:
            for logger, level in zip(loggers, levels, strict=True):
                logger.setLevel(level)


@contextmanager
def temporary(name: str) -> Iterator[Path]:
    """Where Keras may write a file, or be given one. Raises OutputError if there is no room for it."""
    try:
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder, name)
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else str(error)
        raise OutputError(
            f"Cannot write a temporary file in {tempfile.gettempdir()}: {why}.",
            "Make room there, or name another folder in the environment variable TMPDIR.",
        ) from error
