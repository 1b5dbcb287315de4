"""Events and what a subscription delivers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias

from hyperloom._basis import BasisEntry, basis_entry_from
from hyperloom._cascade import BasisReverted, basis_reverted_from
from hyperloom._gen.v1 import context_service_pb2, event_pb2, operation_pb2
from hyperloom._kinds import time_from, word_from
from hyperloom._node import Node
from hyperloom._records import GhostState, ghost_state_from
from hyperloom._values import decode_json, decode_value

Action = Literal["put", "append", "merge", "increment", "delete", "copy"]


@dataclass(frozen=True, slots=True)
class Change:
    """One operation as it took effect."""

    path: str
    action: Action | None
    """`None` for a kind of operation that this version does not know."""
    value: Any
    """What was put, appended (`str`, `bytes`, list of items), merged (the patch) or added; `None` for the others. A
    message that was put, appended or merged is an `Any`."""
    sum: Any
    """After an increment: the number as it is now."""
    scope: Literal["subtree", "node"] | None
    """For a removal: how far it went."""
    source_path: str
    """For a copy: from where."""
    source_revision: int
    """For a copy: from which trunk revision; 0: what the diff itself saw."""
    result: Node | None
    """The node after the change (`detail="result"`)."""
    previous: Node | None
    """The node before the change (`include_previous=True`); `None` also where there was none."""
    author: str
    """Who staged it, where that is not the event's author."""
    field: str = ""
    """For an increment of a field of a message: which."""
    mask: tuple[str, ...] = ()
    """For a merge into a message: the fields that counted; empty where what the patch has set was merged."""


@dataclass(frozen=True, slots=True)
class GhostTransition:
    """What an event did to a ghost."""

    kind: str
    """`begun`, `staged`, `checkpointed`, `rewound`, `commit_requested`, `approved`, `reverted`, `committed`,
    `expired`."""
    checkpoint: str
    reason: str
    ghost: GhostState | None
    dropped_operations: int
    sequence: int
    reviewer: str = ""
    """Who decided, where a reviewer has approved, or sent the ghost back to a checkpoint."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in a forest: one whole context diff, or a ghost's transition."""

    revision: int
    """The trunk revision it made; 0 inside ghosts."""
    position: int
    """Its place in the forest's journal."""
    time: datetime
    author: str
    label: str
    ghost_id: str
    transition: GhostTransition | None
    changes: tuple[Change, ...]
    basis: tuple[BasisEntry, ...]
    request_id: str
    reverted_revision: int
    lease_id: str
    """The lease whose end deleted what was bound to it; empty for all others."""
    basis_reverted: tuple[BasisReverted, ...] = ()
    """Of a revert: agents that had read what it took back; in a subscription only the one that it is for."""
    trace_parent: str = ""
    """The W3C trace context (`traceparent`) of the call that did it; empty where there was none."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All matching nodes as they were at one revision; the first item of a subscription that starts with one."""

    nodes: tuple[Node, ...]
    revision: int
    age: timedelta | None = None
    """How old it may be at most, as in `Bookmark`."""


@dataclass(frozen=True, slots=True)
class Bookmark:
    """Everything up to here was delivered. Start from it with `after_revision` or `after_position`."""

    revision: int
    position: int
    age: timedelta | None = None
    """How long ago the broker last knew that it had seen all that any of them had acknowledged, where several share a
    journal. It grows while the journal is away. `None` of a single broker, which sees everything at once."""


@dataclass(frozen=True, slots=True)
class BlameLine:
    """Where a value comes from; `event` is `None` where that history is compacted."""

    node: Node
    event: Event | None


Item: TypeAlias = "Snapshot | Event | Bookmark"


def change_from(message: event_pb2.Change, revision: int) -> Change:
    action = message.WhichOneof("action")
    return Change(
        path=message.path,
        action=action,
        value=_payload(message, action),
        sum=decode_json(message.increment.result_json) if action == "increment" else None,
        scope=_scope(message.delete) if action == "delete" else None,
        source_path=message.copy.source_path,
        source_revision=message.copy.source_revision,
        result=Node(message.result, revision) if message.HasField("result") else None,
        previous=Node(message.previous, revision) if message.HasField("previous") else None,
        author=message.author,
        field=message.increment.increment.field,
        mask=tuple(message.merge.mask.paths),
    )


def event_from(message: event_pb2.Event) -> Event:
    return Event(
        revision=message.revision,
        position=message.position,
        time=time_from(message.time),
        author=message.author,
        label=message.label,
        ghost_id=message.ghost_id,
        transition=_transition(message.transition) if message.HasField("transition") else None,
        changes=tuple(change_from(each, message.revision) for each in message.changes),
        basis=tuple(basis_entry_from(each) for each in message.basis),
        request_id=message.request_id,
        reverted_revision=message.reverted_revision,
        lease_id=message.lease_id,
        basis_reverted=tuple(map(basis_reverted_from, message.basis_reverted)),
        trace_parent=message.trace_parent,
    )


def blame_line_from(message: context_service_pb2.BlameLine) -> BlameLine:
    event = event_from(message.event) if message.HasField("event") else None
    return BlameLine(Node(message.node, message.node.modified_revision), event)


def _transition(message: event_pb2.GhostTransition) -> GhostTransition:
    return GhostTransition(
        kind=word_from(event_pb2.GhostTransitionKind, "GHOST_TRANSITION_KIND_", message.kind),
        checkpoint=message.checkpoint,
        reason=message.reason,
        ghost=ghost_state_from(message.ghost) if message.HasField("ghost") else None,
        dropped_operations=message.dropped_operations,
        sequence=message.sequence,
        reviewer=message.reviewer,
    )


def _payload(message: event_pb2.Change, action: Action | None) -> Any:
    if action == "put":
        return decode_value(message.put)
    if action == "append":
        return _addition(message.append)
    if action == "merge":
        merge = message.merge
        return merge.message if merge.HasField("message") else decode_json(merge.json_patch)
    if action == "increment":
        amount = message.increment.increment
        return amount.real if amount.WhichOneof("amount") == "real" else amount.integer
    return None


def _addition(append: operation_pb2.Append) -> Any:
    kind = append.WhichOneof("addition")
    if kind == "text":
        return append.text
    if kind == "bytes":
        return append.bytes
    if kind == "message":
        return append.message
    return [decode_json(item) for item in append.items.json]


def _scope(delete: operation_pb2.Delete) -> Literal["subtree", "node"]:
    return "node" if delete.scope == operation_pb2.DELETE_SCOPE_NODE else "subtree"
