"""What typed handles read: nodes, events and snapshots, with values that are messages of the user's own type."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeAlias, TypeVar

import grpc
from google.protobuf.message import DecodeError, Message

from hyperloom import precondition
from hyperloom._errors import TypeMismatchError
from hyperloom._events import Action, Bookmark, Change, Event
from hyperloom._node import Node
from hyperloom.precondition import Precondition

M = TypeVar("M", bound=Message)
V = TypeVar("V")

_UNREAD: Any = object()


class TypedNode(Generic[M, V]):
    """A node whose value is a message. Immutable, but for what a program does to its `value`."""

    __slots__ = ("_message", "_value", "node", "variables")

    def __init__(self, node: Node, message: type[M], variables: V) -> None:
        self.node = node
        """The node as a client that knows of no types reads it."""
        self.variables = variables
        """The variables of its path: `note.variables.session`."""
        self._message = message
        self._value: Any = _UNREAD

    @property
    def value(self) -> M:
        """The message. Raises `TypeMismatchError` where something else is there."""
        if self._value is _UNREAD:
            self._value = read_message(self.node, self._message)
        value: M = self._value
        return value

    @property
    def path(self) -> str:
        """Absolute path."""
        return self.node.path

    @property
    def revision(self) -> int:
        """The trunk revision of the view in which it was read."""
        return self.node.revision

    @property
    def age(self) -> timedelta | None:
        """How old the view in which it was read may be at most; see `Node.age`."""
        return self.node.age

    @property
    def modified_revision(self) -> int:
        """Revision that last changed its own value; 0 when that change is staged in a ghost."""
        return self.node.modified_revision

    @property
    def version(self) -> int:
        """Number of changes since it was created, from 1."""
        return self.node.version

    @property
    def author(self) -> str:
        """Who made the last change."""
        return self.node.author

    def unchanged(self) -> Precondition:
        """That nobody has changed the value since it was read: for compare-and-set."""
        if self.node.modified_revision > 0:
            return precondition.modified_revision(self.path, self.node.modified_revision)
        return precondition.version(self.path, self.node.version)

    def __repr__(self) -> str:
        return f"TypedNode(path={self.path!r}, modified_revision={self.modified_revision})"


class TypedChange(Generic[M, V]):
    """One operation as it took effect."""

    __slots__ = ("_message", "_previous", "_value", "change", "variables")

    def __init__(self, change: Change, message: type[M], variables: V | None) -> None:
        self.change = change
        """The change as a client that knows of no types reads it."""
        self.variables = variables
        """The variables of its path. `None` where something above was removed or replaced, with all that was below it;
        what a replacement brought along comes as changes of its own behind it."""
        self._message = message
        self._value: Any = _UNREAD
        self._previous: Any = _UNREAD

    @property
    def path(self) -> str:
        """Absolute path."""
        return self.change.path

    @property
    def action(self) -> Action | None:
        """What was done: `put`, `delete`, …"""
        return self.change.action

    @property
    def value(self) -> M | None:
        """The message after the change; `None` where it was removed. Raises `TypeMismatchError` where it is none."""
        if self._value is _UNREAD:
            self._value = self._of(self.change.result)
        value: M | None = self._value
        return value

    @property
    def previous(self) -> M | None:
        """The message before the change, with `include_previous=True`; `None` where there was none."""
        if self._previous is _UNREAD:
            self._previous = self._of(self.change.previous)
        previous: M | None = self._previous
        return previous

    def _of(self, node: Node | None) -> M | None:
        if self.variables is None or node is None or node.kind is None:
            return None
        return read_message(node, self._message)

    def __repr__(self) -> str:
        return f"TypedChange(path={self.path!r}, action={self.action!r})"


@dataclass(frozen=True, slots=True)
class TypedEvent(Generic[M, V]):
    """Something that happened to messages of the type: one context diff, as far as it is about them."""

    event: Event
    """The event as a client that knows of no types reads it."""
    changes: tuple[TypedChange[M, V], ...]

    @property
    def revision(self) -> int:
        """The trunk revision it made; 0 inside ghosts."""
        return self.event.revision

    @property
    def position(self) -> int:
        """Its place in the forest's journal."""
        return self.event.position

    @property
    def time(self) -> datetime:
        """When."""
        return self.event.time

    @property
    def author(self) -> str:
        """Who."""
        return self.event.author

    @property
    def label(self) -> str:
        """What its author called it."""
        return self.event.label

    @property
    def ghost_id(self) -> str:
        """The ghost it happened in; empty on the trunk."""
        return self.event.ghost_id


@dataclass(frozen=True, slots=True)
class TypedSnapshot(Generic[M, V]):
    """All matching nodes as they were at one revision; the first item of a subscription that starts with one."""

    nodes: tuple[TypedNode[M, V], ...]
    revision: int
    age: timedelta | None = None
    """How old it may be at most, as in `Bookmark`."""


TypedItem: TypeAlias = "TypedSnapshot[M, V] | TypedEvent[M, V] | Bookmark"


def checked(node: TypedNode[M, V]) -> TypedNode[M, V]:
    """Of one node its reader wants to know at once whether it is what it should be; of many, one by one."""
    _ = node.value
    return node


def read_message(node: Node, message: type[M]) -> M:
    """The message that a node holds. Raises `TypeMismatchError` where it holds something else."""
    wanted = message.DESCRIPTOR.full_name
    if node.kind != "message":
        raise _mismatch(node, f"{node.kind or 'no value'} where {wanted} is due")
    packed = node.value
    if packed.TypeName() != wanted:
        raise _mismatch(node, f"{packed.TypeName()} where {wanted} is due")
    try:
        return message.FromString(packed.value)
    except DecodeError:
        raise _mismatch(node, f"bytes that are no {wanted}") from None


def _mismatch(node: Node, what: str) -> TypeMismatchError:
    text = f"{node.path} holds {what}"
    return TypeMismatchError(text, code=grpc.StatusCode.FAILED_PRECONDITION, metadata={"path": node.path})
