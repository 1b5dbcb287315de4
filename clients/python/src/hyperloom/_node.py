"""A node as it was read."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Literal

from hyperloom._gen.v1 import node_pb2
from hyperloom._value_view import FormProblem, form_problem_from
from hyperloom._values import decode_value

Kind = Literal["json", "text", "bytes", "message"]

_UNREAD: Any = object()


class Node:
    """A path and what is known of it at one revision, on the trunk or in a ghost. Immutable."""

    __slots__ = ("_age", "_message", "_revision", "_value")

    def __init__(self, message: node_pb2.Node, revision: int, age: timedelta | None = None) -> None:
        self._age = age
        self._message = message
        self._revision = revision
        self._value: Any = _UNREAD

    @property
    def path(self) -> str:
        """Absolute path, such as `/session_1/memory/notes`."""
        return self._message.path

    @property
    def value(self) -> Any:
        """Text as `str`, bytes as `bytes`, JSON parsed (integers exact), a message as `Any`; `None` without a value.

        JSON is parsed at the first access; see `json_text` for what no Python object can hold.
        """
        if self._value is _UNREAD:
            self._value = decode_value(self._message.value)
        return self._value

    @property
    def kind(self) -> Kind | None:
        """What kind of value it is; `None` where none is there or was asked for. Tells JSON `null` from nothing."""
        kind = self._message.value.WhichOneof("kind")
        return None if kind in ("struct", "message_json") else kind

    @property
    def json_text(self) -> str | None:
        """The exact JSON text; `None` where the value is not JSON."""
        return self._message.value.json.decode() if self.kind == "json" else None

    @property
    def form_problem(self) -> FormProblem | None:
        """Why it is a message although JSON was asked for; `None` otherwise."""
        return form_problem_from(self._message.value)

    @property
    def revision(self) -> int:
        """The trunk revision of the view in which it was read; in ghosts the one they stand on."""
        return self._revision

    @property
    def age(self) -> timedelta | None:
        """How old the view in which it was read may be at most, where several brokers share a journal.

        What any of them had acknowledged that long before the answer is in it; it grows while the journal is away.
        `None` where it was the newest when it was asked for: of a single broker, and of a read that waited for all that
        was acknowledged (`consistency="linearizable"`); where a revision or a ghost was asked for; and in events.
        """
        return self._age

    @property
    def created_revision(self) -> int:
        """Revision that created it; 0 when it was created in a ghost that is not committed."""
        return self._message.created_revision

    @property
    def modified_revision(self) -> int:
        """Revision that last changed its own value; 0 when that change is staged in a ghost."""
        return self._message.modified_revision

    @property
    def version(self) -> int:
        """Number of changes since it was created, from 1; 0 without a value."""
        return self._message.version

    @property
    def author(self) -> str:
        """Who made the last change."""
        return self._message.author

    @property
    def subtree_revision(self) -> int:
        """Revision of the last change at or below it; 0 when that change is staged in a ghost."""
        return self._message.subtree_revision

    @property
    def staged_sequence(self) -> int:
        """In a ghost: the number of the diff that last changed it; 0 for what comes from the base."""
        return self._message.staged_sequence

    @property
    def child_count(self) -> int:
        """Number of direct children."""
        return self._message.child_count

    @property
    def value_bytes(self) -> int:
        """Size of the value in bytes."""
        return self._message.value_bytes

    @property
    def lease_id(self) -> str:
        """The lease that it is bound to and deleted with; only told of the newest trunk."""
        return self._message.lease_id

    def of_age(self, age: timedelta | None) -> Node:
        """For this package: the same node, of a view that may be so old."""
        return Node(self._message, self._revision, age)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Node) and self._message == other._message and self._revision == other._revision

    def __hash__(self) -> int:
        return hash((self.path, self._revision, self.version))

    def __repr__(self) -> str:
        return f"Node(path={self.path!r}, kind={self.kind!r}, modified_revision={self.modified_revision})"
