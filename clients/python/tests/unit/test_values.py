"""Goal: what is put comes back the same. Method: encode and decode without a broker."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from hyperloom import Json, operation
from hyperloom._gen.v1 import node_pb2
from hyperloom._node import Node
from hyperloom._values import Value, decode_value, encode_value


@pytest.mark.parametrize(
    "value",
    [
        "",
        "text",
        "ünïcödé 🧶 \u2028\0",
        b"",
        bytes(range(256)),
        None,
        True,
        False,
        0,
        -1,
        2**53 + 1,
        -(2**63),
        2**63 - 1,
        10**30,
        0.1,
        -1.5e300,
        [],
        {},
        [1, "two", None, {"three": [3.5]}],
        {"schlüssel": "wert", "": {"nested": {"deep": 2**60 + 1}}},
    ],
)
def test_a_value_comes_back_the_same_with_the_same_type(value: Any) -> None:
    decoded = decode_value(encode_value(value))
    assert decoded == value
    assert type(decoded) is type(value)


@pytest.mark.parametrize(
    ("value", "kind"),
    [("1", "text"), (b"1", "bytes"), (bytearray(b"1"), "bytes"), (1, "json"), (Json('"1"'), "json"), ((1,), "json")],
)
def test_the_kind_follows_the_python_type(value: Value, kind: str) -> None:
    assert encode_value(value).WhichOneof("kind") == kind


def test_exact_json_text_is_kept_byte_for_byte() -> None:
    text = '{ "b": 1.00, "a": 12345678901234567890 }'
    node = Node(node_pb2.Node(value=encode_value(Json(text))), 1)
    assert node.json_text == text
    assert node.value == {"b": 1.0, "a": 12345678901234567890}


def test_json_null_differs_from_no_value() -> None:
    null = Node(node_pb2.Node(value=encode_value(None)), 1)
    nothing = Node(node_pb2.Node(), 1)
    assert (null.value, null.kind, null.json_text) == (None, "json", "null")
    assert (nothing.value, nothing.kind, nothing.json_text) == (None, None, None)


def test_a_message_travels_as_any() -> None:
    stamp = Timestamp(seconds=7)
    decoded = decode_value(encode_value(stamp))
    unpacked = Timestamp()
    assert decoded.Unpack(unpacked)
    assert unpacked == stamp


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {"x": float("-inf")}])
def test_what_json_cannot_say_is_a_value_error(value: Any) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        encode_value(value)


def test_what_no_value_can_be_is_a_type_error() -> None:
    with pytest.raises(TypeError):
        encode_value({"x": object()})


def test_an_int_increments_exactly_and_a_float_as_a_double() -> None:
    assert operation.increment("/a", 2**60 + 1).increment.integer == 2**60 + 1
    assert operation.increment("/a", 0.5).increment.real == 0.5
    with pytest.raises(TypeError):
        operation.increment("/a", True)
    with pytest.raises(ValueError, match="out of range"):
        operation.increment("/a", 2**63)


def test_an_append_takes_text_bytes_or_items() -> None:
    assert operation.append("/a", "x").append.text == "x"
    assert operation.append("/a", b"x").append.bytes == b"x"
    assert list(operation.append("/a", ["x", 1, Json("1.0")]).append.items.json) == [b'"x"', b"1", b"1.0"]
    with pytest.raises(TypeError):
        operation.append("/a", 5)  # type: ignore[arg-type]
