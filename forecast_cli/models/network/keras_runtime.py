"""Helpers for Keras: import it without messages, give it batches and temporary files."""

from __future__ import annotations

import ctypes
import logging
import os
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from forecast_cli.errors import OutputError
from forecast_cli.files import remove_stale_folders

FOLDER = "forecast-keras-"
"""The beginning of the names of temporary folders; the id of the process follows."""

MALLOC_SETTINGS = {-3: 32 << 20, -1: 64 << 20}
"""Number of a parameter of glibc's `mallopt` -> its value in bytes: M_MMAP_THRESHOLD (-3) has its largest value,
M_TRIM_THRESHOLD (-1) twice this."""


def import_keras() -> Any:
    """Import Keras without the messages that it prints. Returns the module `keras`."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("KERAS_HOME", os.devnull)  # a settings file there could change results
    with silenced_stderr(), absent("matplotlib", "sklearn"):
        import keras
    return keras


def jit_compile(is_long: bool) -> tuple[bool, bool]:
    """Whether Keras compiles training steps, and whether it compiles validation and prediction.

    is_long:  whether the training has many steps

    TensorFlow: validation and prediction run only a few times, so compiling costs more time than it saves. JAX is slow
    unless everything is compiled. Compiling with PyTorch takes minutes.
    """
    import keras

    backend = keras.backend.backend()
    return (is_long, False) if backend == "tensorflow" else (backend == "jax", backend == "jax")


def restore_allocation() -> None:
    """Let glibc keep and reuse memory that is freed, as it does without TensorFlow.

    The first batch of a training from a generator makes TensorFlow fix M_MMAP_THRESHOLD at 128 KiB. From then on, every
    larger array is mapped and unmapped by the kernel. Theta on 8,000 values takes four times as long then.
    """
    if sys.platform.startswith("linux"):
        with suppress(AttributeError):  # other C libraries than glibc have no mallopt
            mallopt = ctypes.CDLL(None).mallopt
            for parameter, value in MALLOC_SETTINGS.items():
                mallopt(parameter, value)


@contextmanager
def absent(*names: str) -> Iterator[None]:
    """Make these modules impossible to import during a `with` block, unless they are imported already.

    Keras imports optional modules if they are installed. They are not needed here, and take a quarter of its import
    time.
    """
    hidden = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


def prefetched(batches: Callable[[], Iterator[Any]]) -> Any:
    """The batches in the form in which Keras reads them during training.

    With TensorFlow, this is a tf.data.Dataset that prepares the next batches while Keras trains on the current one.
    With other backends, it is the iterator that `batches()` returns. The automatic tuning of tf.data is off: to end its
    thread can take as long as the whole training.

    batches: a function that returns a new iterator of batches; all batches have NumPy arrays of the same shapes
    """
    import keras

    if keras.backend.backend() != "tensorflow":
        return batches()
    import tensorflow as tf

    signature = tf.nest.map_structure(lambda array: tf.TensorSpec(array.shape, array.dtype), next(batches()))
    options = tf.data.Options()
    options.autotune.enabled = False
    return tf.data.Dataset.from_generator(batches, output_signature=signature).prefetch(4).with_options(options)


@contextmanager
def silenced_stderr() -> Iterator[None]:
    """Discard everything that is written to standard error (file descriptor 2) during a `with` block.

    This includes the output of libraries that are not written in Python.
    """
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
    """Discard the messages of the ONNX converter during a `with` block."""
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
    """Give a path in a temporary folder, for a file that Keras writes or reads in a `with` block.

    The folder is removed after the block; folders that killed processes left are removed before it. Raises OutputError
    if the file cannot be written.
    """
    try:
        remove_stale_folders(FOLDER)
        with tempfile.TemporaryDirectory(prefix=f"{FOLDER}{os.getpid()}-") as folder:
            yield Path(folder, name)
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else str(error)
        raise OutputError(
            f"Cannot write a temporary file in {tempfile.gettempdir()}: {why}.",
            "Make room there, or set the environment variable TMPDIR to another folder.",
        ) from error
