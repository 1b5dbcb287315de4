"""How Python values become a node's value and come back.

`str` is text; `bytes` is bytes; a Protobuf message is a typed message; everything else is JSON: `dict`, `list`,
`tuple`, `int` (of any size, exactly), `float` (finite), `bool`, `None`. `Json` gives the exact JSON text, which the
broker keeps byte for byte, and which is the way to a JSON string (`Json('"text"')`). `message_json` is a message for
programs without generated code.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from google.protobuf.message import Message

from hyperloom._gen.v1 import node_pb2


@dataclass(frozen=True, slots=True)
class Json:
    """Exact JSON text. The broker refuses it with reason `INVALID_VALUE` if it does not parse."""

    text: str


@dataclass(frozen=True, slots=True)
class MessageJson:
    """A message in ProtoJSON: the broker makes a message of it, by the newest schema of the path. `message_json` makes
    one."""

    text: bytes


JsonValue: TypeAlias = "Mapping[str, Any] | Sequence[Any] | int | float | bool | None"
"""What `json.dumps` takes."""

Value: TypeAlias = "str | bytes | bytearray | memoryview | Json | MessageJson | Message | JsonValue"
"""What can be put."""


def json_bytes(value: JsonValue | str | Json) -> bytes:
    """JSON text in UTF-8, without spaces. Raises `TypeError` or `ValueError` for what JSON cannot say (such as NaN)."""
    if isinstance(value, Json):
        return value.text.encode()
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def message_json(value: JsonValue | Json) -> MessageJson:
    """A message for programs without generated code, by the names of its fields: `message_json({"claim": "wet"})`."""
    return MessageJson(json_bytes(value))


def encode_value(value: Value) -> node_pb2.Value:
    """The message for a value. Raises `TypeError` or `ValueError` for what no value can be."""
    if isinstance(value, str):
        return node_pb2.Value(text=value)
    if isinstance(value, Json):
        return node_pb2.Value(json=value.text.encode())
    if isinstance(value, (bytes, bytearray, memoryview)):
        return node_pb2.Value(bytes=bytes(value))
    if isinstance(value, MessageJson):
        return node_pb2.Value(message_json=value.text)
    if isinstance(value, Message):
        message = node_pb2.Value()
        message.message.Pack(value)
        return message
    return node_pb2.Value(json=json_bytes(value))


def decode_json(text: bytes) -> Any:
    """Parsed JSON. Integers are exact; numbers with a fraction or an exponent are doubles."""
    return json.loads(text)


def decode_value(value: node_pb2.Value) -> Any:
    """What `encode_value` was given: `str`, `bytes`, parsed JSON, the `Any` of a message; `None` for no value."""
    kind = value.WhichOneof("kind")
    if kind == "json":
        return decode_json(value.json)
    if kind == "text":
        return value.text
    if kind == "bytes":
        return value.bytes
    if kind == "message":
        return value.message
    return None
