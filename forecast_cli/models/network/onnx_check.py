"""Check the bytes of an ONNX file before a library runs it.

An ONNX file is a message of protocol buffers: fields with a number and a value, nested in each other. Only the fields
to check are decoded here: importing `onnx` would take a third of the time of a prediction.
"""

from __future__ import annotations

from collections.abc import Iterator

Field = tuple[int, "int | memoryview"]

REFUSED = {b"Scan", b"If", b"SequenceMap"}
"""Operators that contain graphs, and that no network of this program has."""
MAX_DEPTH, MAX_FIELDS = 3, 20_000_000
INT64 = 7
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
# Numbers of fields, named after the messages of the ONNX standard.
MODEL_GRAPH, MODEL_FUNCTIONS = 7, 25
GRAPH_NODE, GRAPH_INITIALIZER, GRAPH_SPARSE = 1, 5, 15
NODE_INPUT, NODE_TYPE, NODE_ATTRIBUTE = 1, 4, 5
ATTRIBUTE_TENSORS, ATTRIBUTE_GRAPHS, ATTRIBUTE_SPARSE = (5, 10), (6, 11), (22, 23)
TENSOR_TYPE, TENSOR_INTEGERS, TENSOR_NAME, TENSOR_BYTES, TENSOR_EXTERNAL = 2, 7, 8, 9, (13, 14)


def check_onnx(content: bytes, longest_loop: int = 0) -> None:
    """Raise ValueError for a file that is damaged or reads other files, or whose computing time has no limit.

    The file must not have functions of its own, sparse tensors, an operator in REFUSED, or more than MAX_FIELDS fields.
    A recurrent layer that ONNX has no operator for is a loop over the steps of a sequence. So a loop must have a
    constant number of steps, at most `longest_loop`, and no loop inside; with 0, no loop is allowed.
    """
    _Check().model(memoryview(content), longest_loop)


class _Check:
    """The check of one file. `left` is how many more fields may be read; a million of them takes half a second."""

    def __init__(self) -> None:
        self.left = MAX_FIELDS

    def model(self, content: memoryview, longest_loop: int) -> None:
        for number, value in self._fields(content):
            if number == MODEL_FUNCTIONS:
                raise ValueError("it has functions of its own")
            if number == MODEL_GRAPH:
                self._check_graph(value, MAX_DEPTH, longest_loop)

    def _check_graph(self, graph: int | memoryview, depth: int, longest_loop: int) -> None:
        if depth == 0:
            raise ValueError("it is nested too deeply")
        parts = list(self._fields(graph))
        if any(number == GRAPH_SPARSE for number, _ in parts):
            raise ValueError("it has sparse tensors")
        steps = dict(self._constant(value) for number, value in parts if number == GRAPH_INITIALIZER)
        for number, node in parts:
            if number == GRAPH_NODE:
                self._check_node(list(self._fields(node)), steps, depth, longest_loop)

    def _check_node(self, node: list[Field], steps: dict[bytes, int | None], depth: int, longest_loop: int) -> None:
        """Check one operator, and the graphs inside it. Raises ValueError if one of them is not allowed.

        node:          the fields of the operator
        steps:         the constant tensors of its graph: name -> value if it is one whole number, None otherwise. The
                       number of steps of a loop must be one of them
        depth:         the largest number of levels of nested graphs, counted from the graph of the operator
        longest_loop:  the largest number of steps of a loop; 0 allows no loop
        """
        kind = b"".join(_text(value) for number, value in node if number == NODE_TYPE)
        is_loop = kind == b"Loop"
        if kind in REFUSED or (is_loop and not longest_loop):
            raise ValueError(f"the operator {kind.decode()} is not allowed there")
        if is_loop:
            count = steps.get(next((_text(value) for number, value in node if number == NODE_INPUT), b""))
            if count is None or not 0 <= count <= longest_loop:
                raise ValueError(f"the number of steps of a loop is not a constant up to {longest_loop:,}")
        for number, attribute in node:
            if number == NODE_ATTRIBUTE:
                for part, value in self._fields(attribute):
                    if part in ATTRIBUTE_SPARSE:
                        raise ValueError("it has sparse tensors")
                    if part in ATTRIBUTE_TENSORS:
                        self._constant(value)
                    if part in ATTRIBUTE_GRAPHS:
                        self._check_graph(value, depth - 1, 0 if is_loop else longest_loop)

    def _constant(self, tensor: int | memoryview) -> tuple[bytes, int | None]:
        """The name of a tensor, and its value if it is one whole number (None otherwise).

        Raises ValueError if the values of the tensor are in another file.
        """
        name, number, kind = b"", None, 0
        for part, value in self._fields(tensor):
            if part in TENSOR_EXTERNAL and value:
                raise ValueError("it reads another file")
            if part == TENSOR_NAME:
                name = _text(value)
            elif part == TENSOR_TYPE:
                kind = value if isinstance(value, int) else 0
            elif part == TENSOR_BYTES and len(_text(value)) == 8:
                number = int.from_bytes(_text(value), "little", signed=True)
            elif part == TENSOR_INTEGERS:
                number = value if isinstance(value, int) else _varint(value, 0)[0]
        return name, number if kind == INT64 else None

    def _fields(self, message: int | memoryview) -> Iterator[Field]:
        """The number and the value of each field of a message.

        Raises ValueError if the message is damaged, or if the file has more than MAX_FIELDS fields.
        """
        if isinstance(message, int):
            raise ValueError("it is damaged")
        at = 0
        while at < len(message):
            self.left -= 1
            if self.left < 0:
                raise ValueError("it has too many parts")
            key, at = _varint(message, at)
            kind, size = key & 7, 0
            if kind == _VARINT:
                value, at = _varint(message, at)
                yield key >> 3, value
                continue
            if kind == _BYTES:
                size, at = _varint(message, at)
            elif kind in (_FIXED32, _FIXED64):
                size = 4 if kind == _FIXED32 else 8
            else:
                raise ValueError("it is damaged")
            if at + size > len(message):
                raise ValueError("it is damaged")
            yield key >> 3, message[at : at + size]
            at += size


def _text(value: int | memoryview) -> bytes:
    if isinstance(value, int):
        raise ValueError("it is damaged")
    return bytes(value)


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    """Decode a number of one to ten bytes that begins at index `at`. Returns it, and the index after its last byte."""
    number = shift = 0
    while at < len(message) and shift < 70:
        byte = message[at]
        number |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return number, at
    raise ValueError("it is damaged")
