"""What a publish was made from, and what was made from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias, TypeVar

from hyperloom._basis import BasisEntry, basis_entry_from
from hyperloom._connection import Connection
from hyperloom._events import Event, event_from
from hyperloom._gen.v1 import trace_pb2
from hyperloom._kinds import word_from
from hyperloom._methods import TRACE
from hyperloom._node import Node
from hyperloom._paged import Page, Paged

Item = TypeVar("Item")


class GhostDiff(NamedTuple):
    """A diff staged in a ghost."""

    ghost_id: str
    sequence: int


TraceStart: TypeAlias = "int | GhostDiff | str"
"""Which publish to trace: the one that made a trunk revision, a diff staged in a ghost, or the one that made the newest
value of a path."""

SeenStanding: TypeAlias = 'Literal["unchanged", "changed", "reverted", "gone"]'
"""How something that was seen compares with now. `gone`: it cannot be shown any more."""


@dataclass(frozen=True, slots=True)
class SeenNode:
    """Something that an agent had before it when it published."""

    hops: int
    """How many publishes away: 1 is what the traced one itself has seen."""
    basis: BasisEntry
    """What was read: a subtree is told in as many entries as it has nodes with a value."""
    node: Node | None
    """The node as it was seen; `None` where there was nothing, or it cannot be shown any more."""
    standing: SeenStanding
    reader_revision: int
    """The publish that had read it; 0 where that was staged in a ghost."""
    reader_diff: GhostDiff | None


@dataclass(frozen=True, slots=True)
class TraceLink:
    """What connects two publishes."""

    basis: BasisEntry
    """What was read."""
    writer_revision: int
    """Who had written it; 0 where that was staged in a ghost."""
    writer_diff: GhostDiff | None


@dataclass(frozen=True, slots=True)
class DerivedPublish:
    """A publish that had seen what another one wrote."""

    hops: int
    """How many publishes away: 1 has seen what the traced one wrote."""
    event: Event
    """Without values. In a live ghost `revision` is 0."""
    links: tuple[TraceLink, ...]
    """Through what; at most 100."""
    standing_paths: tuple[str, ...]
    """What it wrote that nobody has overwritten since; at most 100."""


def trace_request(start: TraceStart, path: str, hops: int, page_size: int) -> trace_pb2.TraceRequest:
    """The request but for its direction."""
    request = trace_pb2.TraceRequest(path=path, hops=hops, page_size=page_size)
    if isinstance(start, str):
        request.path = path or start
    elif isinstance(start, int):
        request.revision = start
    else:
        request.ghost_diff.CopyFrom(trace_pb2.GhostDiff(ghost_id=start.ghost_id, sequence=start.sequence))
    return request


def trace(
    connection: Connection,
    request: trace_pb2.TraceRequest,
    read: Callable[[trace_pb2.TraceEntry], Item],
    timeout: float | None,
) -> Paged[Item]:
    """Pages of a trace."""

    async def fetch(page_token: str) -> Page[Item]:
        request.page_token = page_token
        answer = await connection.call(TRACE, request, timeout)
        return Page(tuple(map(read, answer.entries)), answer.next_page_token, answer.revision)

    return Paged(fetch)


def seen_from(message: trace_pb2.TraceEntry) -> SeenNode:
    seen = message.seen
    standing: SeenStanding = "gone"
    match word_from(trace_pb2.SeenStanding, "SEEN_STANDING_", seen.standing):
        case "unchanged" | "changed" | "reverted" as known:
            standing = known
    return SeenNode(
        hops=message.hops,
        basis=basis_entry_from(seen.basis),
        node=Node(seen.node, seen.node.modified_revision) if seen.HasField("node") else None,
        standing=standing,
        reader_revision=seen.reader_revision,
        reader_diff=_diff_from(seen.reader_diff) if seen.HasField("reader_diff") else None,
    )


def derived_from(message: trace_pb2.TraceEntry) -> DerivedPublish:
    derived = message.derived
    return DerivedPublish(
        hops=message.hops,
        event=event_from(derived.event),
        links=tuple(
            TraceLink(
                basis_entry_from(link.basis),
                link.writer_revision,
                _diff_from(link.writer_diff) if link.HasField("writer_diff") else None,
            )
            for link in derived.links
        ),
        standing_paths=tuple(derived.standing_paths),
    )


def _diff_from(message: trace_pb2.GhostDiff) -> GhostDiff:
    return GhostDiff(message.ghost_id, message.sequence)
