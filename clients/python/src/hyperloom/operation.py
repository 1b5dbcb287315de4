"""Builders for the operations of one context diff, named as the verbs of a client.

```python
await client.publish(
    [operation.append("/session_1/memory/notes", "found it"), operation.increment("/session_1/count")],
    preconditions=[precondition.present("/session_1")],
)
```
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, Protocol, TypeAlias

from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message

from hyperloom._gen.v1 import operation_pb2
from hyperloom._values import Json, JsonValue, Value, encode_value, json_bytes

Operation: TypeAlias = operation_pb2.Operation
"""One change of one path. Make it with the functions of this module."""

Addition: TypeAlias = "str | bytes | bytearray | memoryview | Message | Sequence[Any]"
"""What can be appended: text to a text, bytes to bytes, items to a JSON array, repeated fields to a message."""

Scope: TypeAlias = Literal["subtree", "node"]


class Leased(Protocol):
    """A lease that this process holds."""

    @property
    def id(self) -> str:
        """Its id."""

    def check(self) -> None:
        """Raises `LeaseLostError` where it is lost."""


def put(path: str, value: Value, *, lease: Leased | str | None = None) -> Operation:
    """Sets the value, whatever was there; creates the node if needed. At most 2 MiB.

    `lease`: binds the node to a lease (or the id of one), with whose end it is deleted; a put without one unbinds it.
    """
    return Operation(path=path, put=encode_value(value), lease_id=lease_id_of(lease))


def append(path: str, addition: Addition) -> Operation:
    """Adds to the end of a text (`str`), of bytes, or of a JSON array (a list of items), creating the node if needed.

    A message: what its repeated fields hold is added to those of the node, also inside of messages that it holds.
    Reason `WRONG_TYPE` where the node holds another kind of value.
    """
    if isinstance(addition, Message):
        appended = operation_pb2.Append()
        appended.message.Pack(addition)
        return Operation(path=path, append=appended)
    if isinstance(addition, str):
        return Operation(path=path, append=operation_pb2.Append(text=addition))
    if isinstance(addition, (bytes, bytearray, memoryview)):
        return Operation(path=path, append=operation_pb2.Append(bytes=bytes(addition)))
    if not isinstance(addition, Sequence):
        raise TypeError(f"append takes str, bytes or a list of items, not {type(addition).__name__}")
    items = operation_pb2.JsonItems(json=[json_bytes(item) for item in addition])
    return Operation(path=path, append=operation_pb2.Append(items=items))


def merge(path: str, patch: JsonValue | Json | Message, mask: Sequence[str] = ()) -> Operation:
    """Merges an RFC 7396 patch into a JSON object: `None` removes a key, objects merge, all else is set.

    Or a message into a message. With a `mask` of names of the proto, such as `origin.url`, those fields become what the
    patch says, and are cleared where it has not set them. Without one, what is set in it is merged as Protobuf merges:
    repeated fields are appended to.
    """
    if isinstance(patch, Message):
        merged = operation_pb2.Merge(mask=FieldMask(paths=mask) if mask else None)
        merged.message.Pack(patch)
        return Operation(path=path, merge=merged)
    if mask:
        raise TypeError("only a merge into a message has a mask")
    return Operation(path=path, merge=operation_pb2.Merge(json_patch=json_bytes(patch)))


def increment(path: str, amount: int | float = 1, field: str = "") -> Operation:
    """Adds to a number; a node that does not exist counts as 0. An `int` is exact in 64 bits, a `float` is a double.

    `field`: to this field of a message, by its name in the proto, such as `usage.tokens`.
    Reason `WRONG_TYPE` on other values, `OUT_OF_BOUNDS` where the sum leaves its range.
    """
    if isinstance(amount, bool):
        raise TypeError("increment takes an int or a float, not a bool")
    if isinstance(amount, int):
        return Operation(path=path, increment=operation_pb2.Increment(integer=amount, field=field))
    return Operation(path=path, increment=operation_pb2.Increment(real=amount, field=field))


def delete(path: str, scope: Scope = "subtree") -> Operation:
    """Removes the node with all below it, or (`"node"`) its own value alone. No error where nothing is there."""
    scopes = {"subtree": operation_pb2.DELETE_SCOPE_SUBTREE, "node": operation_pb2.DELETE_SCOPE_NODE}
    return Operation(path=path, delete=operation_pb2.Delete(scope=scopes[scope]))


def copy(source: str, target: str, revision: int = 0) -> Operation:
    """Puts a copy of the subtree `source` at `target`, as of a trunk revision (0: as the diff itself sees it)."""
    return Operation(path=target, copy=operation_pb2.Copy(source_path=source, source_revision=revision))


def lease_id_of(lease: Leased | str | None) -> str:
    """The id of a lease that is not lost; empty for none."""
    if lease is None or isinstance(lease, str):
        return lease or ""
    lease.check()
    return lease.id
