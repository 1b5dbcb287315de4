"""Builders for what must hold at the moment a context diff takes effect, or nothing of it does."""

from __future__ import annotations

import base64
import math
from typing import Any, TypeAlias

from hyperloom._gen.v1 import operation_pb2
from hyperloom._values import Json, json_bytes

Precondition: TypeAlias = operation_pb2.Precondition
"""Make it with the functions of this module."""


def present(path: str) -> Precondition:
    """The node is there: it has a value or children."""
    return Precondition(path=path, presence=operation_pb2.PRESENCE_PRESENT)


def absent(path: str) -> Precondition:
    """The node is not there."""
    return Precondition(path=path, presence=operation_pb2.PRESENCE_ABSENT)


def modified_revision(path: str, revision: int) -> Precondition:
    """`Node.modified_revision` equals this; 0: the node has no value on the trunk."""
    return Precondition(path=path, modified_revision=revision)


def version(path: str, number: int) -> Precondition:
    """`Node.version` equals this. Works in ghosts too."""
    return Precondition(path=path, version=number)


def subtree_unchanged_since(path: str, revision: int) -> Precondition:
    """Nothing at or below the path changed after this revision."""
    return Precondition(path=path, subtree_unchanged_since=revision)


class _Unset:
    """Nothing was given: `None` is a value of JSON."""


_UNSET: Any = _Unset()


def field(path: str, field: str, *, equals: Any = _UNSET, is_set: bool | None = None) -> Precondition:
    """What a field of a message is, by its name in the proto, such as `origin.url`. Works in ghosts too.

    `equals`: a single field that is no message: a number, a `str`, a `bool`, `bytes`, or the name of an enum's value.
    `is_set`: a field without presence is set where it is not its default, a repeated field or map where not empty.
    The path must be one that a schema binds to a message.
    """
    return Precondition(path=path, field=_condition(operation_pb2.FieldCondition(field=field), equals, is_set))


def pointer(path: str, pointer: str, *, equals: Any = _UNSET, is_set: bool | None = None) -> Precondition:
    """What a part of a JSON value is, by an RFC 6901 pointer such as `/steps/0/state`; empty: all of it."""
    return Precondition(path=path, field=_condition(operation_pb2.FieldCondition(json_pointer=pointer), equals, is_set))


def _condition(condition: operation_pb2.FieldCondition, equals: Any, is_set: bool | None) -> Any:
    if (equals is _UNSET) == (is_set is None):
        raise TypeError("a field's condition says either what it equals or whether it is set")
    if is_set is not None:
        condition.is_set = is_set
    else:
        condition.equals_json = _proto_json(equals)
    return condition


def _proto_json(value: Any) -> bytes:
    """As ProtoJSON has it: bytes in base64, and what JSON has no number for as text."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        return json_bytes(base64.b64encode(value).decode())
    if isinstance(value, float) and not math.isfinite(value):
        return json_bytes("NaN" if math.isnan(value) else f"{'-' if value < 0 else ''}Infinity")
    if isinstance(value, Json):
        return value.text.encode()
    return json_bytes(value)
