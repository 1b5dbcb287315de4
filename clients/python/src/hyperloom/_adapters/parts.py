"""A JSON document as parts, each a node, so that storing it again costs only what has changed. Pure.

- An object is a node that holds its keys as a text (a JSON array, in their order), with a child for each of them.
- Everything else is a node of JSON. So are small objects, those in which somebody else's keys would make bad names,
  and all where there would be too many nodes; the outermost object never is.
- An outermost object with more keys than a diff has operations is a list of its keys and values: `[["key", value], …]`.
- A list is appended to where it has only grown.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from hyperloom import operation
from hyperloom._adapters.names import InvalidNameError, name_of, segment_of
from hyperloom._node import Node
from hyperloom._values import Json, json_bytes
from hyperloom.operation import Operation

OBJECT_CHARACTERS_MIN: Final = 1_024
"""A smaller object is one node: it costs less than the names of several."""

KEYS_MAX: Final = 256
"""An object with more keys is a table rather than a record, and changes in one go."""

DEPTH_MAX: Final = 12
"""Of nodes below the document: a path holds 64 segments, and ids of agents have up to 255 bytes."""

NODES_MAX: Final = 2_000
"""In a document: a diff has 10,000 operations, of which taking away the old ones may need as many again."""

OPERATIONS_MAX: Final = 9_500
"""The broker takes 10,000 in a diff, of which the callers need some."""

OUTERMOST_KEYS_MAX: Final = 9_000
"""So many can be put in one diff; more are a list."""

LIST_CHARACTERS_PER_OPERATION: Final = 512 * 1024
"""A longer list is put and appended to in steps: an operation takes 2 MiB, and a character up to four bytes."""

VALUE_BYTES_MAX: Final = 2 * 1024 * 1024
"""The broker's own limit for a value that is put."""

DIFF_BYTES_MAX: Final = 12 * 1024 * 1024
"""A message may have 16 MiB."""


class NotPlainError(ValueError):
    """A document that JSON cannot say. The message says why."""


class TooLargeError(ValueError):
    """More than the broker takes at once. The message says what, and how much."""


class UnreadableError(ValueError):
    """What lies there is no document. The message says where."""


@dataclass(frozen=True, slots=True)
class Keys:
    """An object whose values are parts of their own."""

    text: str


@dataclass(frozen=True, slots=True)
class Leaf:
    """Any other value."""

    text: str


@dataclass(frozen=True, slots=True)
class Items:
    """A list: the JSON of each item."""

    texts: tuple[str, ...]


Part: TypeAlias = "Keys | Leaf | Items"

Parts: TypeAlias = "Mapping[str, Part]"
"""By the rest of their path; empty: the document itself."""


def dumps(value: Any) -> str:
    """JSON without spaces. Raises `TypeError` or `ValueError` for what JSON cannot say."""
    return json_bytes(value).decode()


def parts_of(document: Mapping[str, Any]) -> dict[str, Part]:
    """The parts of a document of plain JSON. Raises `NotPlainError`, and `InvalidNameError` for its outermost keys."""
    try:
        plain = json.loads(dumps(document))
    except (TypeError, ValueError, RecursionError) as error:
        raise NotPlainError(str(error)) from error
    return _Cutting().cut(plain)


class _Cutting:
    def __init__(self) -> None:
        self._parts: dict[str, Part] = {}
        self._left = NODES_MAX

    def cut(self, document: dict[str, Any]) -> dict[str, Part]:
        if len(document) > OUTERMOST_KEYS_MAX:
            return {"": Items(tuple(map(dumps, document.items())))}
        self._object("", document, _segments(document) or _refuse(document), 1)
        return self._parts

    def _object(self, path: str, value: dict[str, Any], segments: Mapping[str, str], depth: int) -> None:
        self._parts[path] = Keys(dumps(list(value)))
        self._left -= len(value)
        for key, part in value.items():
            self._value(f"{path}/{segments[key]}", part, depth)

    def _value(self, path: str, value: Any, depth: int) -> None:
        if isinstance(value, list):
            self._parts[path] = Items(tuple(map(dumps, value)))
            return
        text = dumps(value)
        if isinstance(value, dict) and len(text) >= OBJECT_CHARACTERS_MIN and depth < DEPTH_MAX:
            segments = _segments(value) if len(value) <= min(KEYS_MAX, self._left) else None
            if segments is not None:
                self._object(path, value, segments, depth + 1)
                return
        self._parts[path] = Leaf(text)


def _segments(value: Mapping[str, Any]) -> dict[str, str] | None:
    """Keys as segments of paths; `None` where one of them cannot be."""
    try:
        return {key: segment_of("key", key) for key in value}
    except InvalidNameError:
        return None


def _refuse(document: Mapping[str, Any]) -> dict[str, str]:
    """The same for the outermost object, which has to be one: raises what is wrong with its keys."""
    return {key: segment_of("key", key) for key in document}


def stored_parts(nodes: Iterable[Node], path: str) -> dict[str, Part]:
    """The parts that nodes hold: what lies at `path` and below it."""
    return {node.path[len(path) :]: part for node in nodes if (part := _stored(node)) is not None}


def _stored(node: Node) -> Part | None:
    if node.kind == "text":
        return Keys(node.value)
    if node.kind != "json":
        return None
    value = node.value
    return Items(tuple(map(dumps, value))) if isinstance(value, list) else Leaf(dumps(value))


def document_of(parts: Parts, where: str) -> dict[str, Any]:
    """The document again. Raises `UnreadableError` where something else was put there; `where` is what that says."""
    outermost = parts.get("")
    if isinstance(outermost, Items):
        return _table(outermost, where)
    children: dict[str, dict[str, str]] = {}
    for path in parts:
        parent, _, segment = path.rpartition("/")
        if segment:
            children.setdefault(parent, {})[name_of(segment)] = path
    value = _joined(parts, children, "", where)
    if not isinstance(value, dict):
        raise _no_object(where)
    return value


def _table(items: Items, where: str) -> dict[str, Any]:
    """The object that a list of keys and values stands for."""
    table: dict[str, Any] = {}
    for pair in map(json.loads, items.texts):
        if not isinstance(pair, list) or len(pair) != 2 or not isinstance(pair[0], str):
            raise _no_object(where)
        table[pair[0]] = pair[1]
    return table


def _no_object(where: str) -> UnreadableError:
    return UnreadableError(f"{where} holds no object: something else was put there")


def _joined(parts: Parts, children: Mapping[str, Mapping[str, str]], path: str, where: str) -> Any:
    part = parts.get(path)
    if isinstance(part, Leaf):
        return json.loads(part.text)
    if isinstance(part, Items):
        return [json.loads(text) for text in part.texts]
    below = children.get(path, {})
    try:
        keys = list(below) if part is None else json.loads(part.text)
        return {key: _joined(parts, children, below[key], where) for key in keys}
    except (ValueError, TypeError, KeyError) as error:
        raise UnreadableError(f"{where}{path} holds no part of a document: something else was put there") from error


def changes(before: Parts, after: Parts, path: str) -> list[Operation]:
    """What makes of the one the other, below a path. Raises `TooLargeError`."""
    operations = [operation.delete(f"{path}{rest}", "node") for rest in before if rest not in after]
    for rest, part in after.items():
        if before.get(rest) != part:
            operations.extend(_changed(before.get(rest), part, f"{path}{rest}"))
    if len(operations) > OPERATIONS_MAX:
        puts = (each for rest, part in after.items() for each in _changed(None, part, f"{path}{rest}"))
        operations = [operation.delete(path), *puts]
    size = sum(each.ByteSize() for each in operations)
    if size > DIFF_BYTES_MAX:
        raise TooLargeError(f"{size:,} bytes have changed at once, and {DIFF_BYTES_MAX:,} are the most")
    return operations


def _changed(before: Part | None, after: Part, path: str) -> Iterator[Operation]:
    if isinstance(after, Keys):
        yield operation.put(path, after.text)
        return
    if isinstance(after, Leaf):
        yield operation.put(path, _bounded(after.text, path))
        return
    known = before.texts if isinstance(before, Items) else None
    if known is None or after.texts[: len(known)] != known:
        first, *later = _runs(after.texts) if after.texts else [[]]
        yield operation.put(path, _bounded(f"[{','.join(first)}]", path))
    else:
        later = list(_runs(after.texts[len(known) :]))
    for run in later:
        yield operation.append(path, [_bounded(text, path) for text in run])


def _runs(texts: Sequence[str]) -> Iterator[list[str]]:
    """Items cut into what one operation can hold."""
    run: list[str] = []
    size = 0
    for text in texts:
        if run and size + len(text) > LIST_CHARACTERS_PER_OPERATION:
            yield run
            run, size = [], 0
        run.append(text)
        size += len(text) + 1
    if run:
        yield run


def _bounded(text: str, path: str) -> Json:
    if len(text) * 4 > VALUE_BYTES_MAX and (size := len(text.encode())) > VALUE_BYTES_MAX:
        raise TooLargeError(f"what is to lie at {path} takes {size:,} bytes, and {VALUE_BYTES_MAX:,} are the most")
    return Json(text)
