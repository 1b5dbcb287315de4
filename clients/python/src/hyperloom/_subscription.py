"""A subscription: an async iterator that survives lost connections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import grpc.aio

from hyperloom._agent import Agent
from hyperloom._assembly import AfterPosition, AfterRevision, Assembly, Start
from hyperloom._basis import ABSENT, SUBTREE
from hyperloom._connection import Connection
from hyperloom._events import Bookmark, Event, Item, Snapshot
from hyperloom._gen.v1 import context_service_pb2 as context
from hyperloom._gen.v1 import node_pb2
from hyperloom._kinds import duration_of
from hyperloom._methods import SUBSCRIBE
from hyperloom._stream import ItemStream

_OVER = ("committed", "reverted", "expired")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a subscription asks for; see `Verbs.subscribe`."""

    patterns: Sequence[str]
    start: Start
    everything: bool
    detail: Literal["operation", "result"]
    include_previous: bool
    include_basis: bool
    bookmarks: bool
    bookmark_interval: float | None
    values: node_pb2.ValueView | None
    agent: str = ""


class Subscription(ItemStream[Item]):
    """Iterate over it: `Snapshot` (once, complete), then each `Event` exactly once and whole, in order.

    It reconnects by itself and resumes from what it had handed over; it raises only what no retry can mend, such as a
    `RevisionError` with the oldest revision left. `async with` begins it before the block is entered, so that nothing
    published in the block is missed, and ends it afterwards. Without, it begins with the first item and ends with
    `aclose()` or the client. Read-ahead is bounded: a slow consumer holds the stream back.
    """

    def __init__(self, connection: Connection, agent: Agent, ghost_id: str, wanted: Wanted) -> None:
        super().__init__(connection)
        self._agent = agent
        self._ghost_id = ghost_id
        self._wanted = wanted
        self._assembly = Assembly(wanted.start)
        self._ghost_over = False

    def note(self, item: Item) -> None:
        """An item was handed to the agent, which has read it from now on."""
        _note(self._agent, self._wanted.patterns, self._ghost_id, item)

    async def __aenter__(self) -> Subscription:
        await self.begin()
        return self

    def _open(self) -> grpc.aio.UnaryStreamCall[context.SubscribeRequest, context.SubscribeResponse]:
        request = self._request(self._assembly.begin_stream())
        return self._connection.transport.server_stream(SUBSCRIBE, request)

    def _items_of(self, message: context.SubscribeResponse) -> list[Item]:
        items: list[Item] = []
        for item in self._assembly.take(message):
            if isinstance(item, Bookmark):
                self._agent.see(item.revision)
                if not self._wanted.bookmarks:
                    continue
            items.append(item)
            if isinstance(item, Event) and item.transition is not None and item.ghost_id == self._ghost_id != "":
                self._ghost_over = item.transition.kind in _OVER
        return items

    def _has_ended(self) -> bool:
        return self._ghost_over

    def _request(self, start: Start) -> context.SubscribeRequest:
        wanted = self._wanted
        detail = context.CHANGE_DETAIL_RESULT if wanted.detail == "result" else context.CHANGE_DETAIL_OPERATION
        request = context.SubscribeRequest(
            forest=self._agent.forest,
            patterns=wanted.patterns,
            detail=detail,
            include_previous=wanted.include_previous,
            include_basis=wanted.include_basis,
            values=wanted.values,
            author=self._agent.author,
            agent=wanted.agent,
            batch_events=True,
        )
        if wanted.bookmark_interval is not None:
            request.bookmark_interval.CopyFrom(duration_of(wanted.bookmark_interval))
        if isinstance(start, AfterRevision):
            request.after_revision = start.revision
        elif isinstance(start, AfterPosition):
            request.after_position = start.position
        elif start == "now":
            request.now.SetInParent()
        else:
            request.snapshot.SetInParent()
        if self._ghost_id:
            request.ghost_id = self._ghost_id
        elif wanted.everything:
            request.everything.SetInParent()
        else:
            request.trunk.SetInParent()
        return request


def _note(agent: Agent, patterns: Sequence[str], ghost_id: str, item: Item) -> None:
    """Who watches a whole subtree has seen all of it up to the newest item; of other patterns, the paths that came.

    What happens in ghosts is no state that the agent stands on.
    """
    agent.see(item.revision)
    if agent.basis is None or ghost_id or isinstance(item, Bookmark) or item.revision == 0:
        return
    roots = [root for root in map(_subtree_of, patterns) if root is not None]
    for root in roots:
        agent.note(root, item.revision, SUBTREE)
    if len(roots) < len(patterns):
        # A path of its own was looked at whether or not there is something.
        for pattern in patterns if isinstance(item, Snapshot) else ():
            if "*" not in pattern:
                agent.note(pattern, item.revision, ABSENT)
        for each in item.changes if isinstance(item, Event) else item.nodes:
            agent.note(each.path, item.revision)


def _subtree_of(pattern: str) -> str | None:
    """`/a/b` for the pattern `/a/b/**`; `None` for patterns that are no whole subtree."""
    root, found, rest = pattern.partition("/**")
    return (root or "/") if found and not rest and "*" not in root else None
