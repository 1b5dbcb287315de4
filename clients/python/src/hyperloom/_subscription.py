"""A subscription: an async iterator that survives lost connections."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import Literal

import grpc
import grpc.aio
from google.protobuf.duration_pb2 import Duration

from hyperloom import _limits
from hyperloom._agent import Agent
from hyperloom._assembly import AfterPosition, AfterRevision, Assembly, Start
from hyperloom._basis import SUBTREE
from hyperloom._connection import Connection
from hyperloom._errors import HyperloomError, UnavailableError, is_retryable, is_unexplained
from hyperloom._events import Bookmark, Event, Item
from hyperloom._gen.v1 import context_service_pb2 as context
from hyperloom._methods import SUBSCRIBE
from hyperloom._status import error_from_rpc
from hyperloom._transport import log

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


class Subscription:
    """Iterate over it: `Snapshot` (once, complete), then each `Event` exactly once and whole, in order.

    It reconnects by itself and resumes from what it had handed over; it raises only what no retry can mend, such as a
    `RevisionError` with the oldest revision left. `async with` begins it before the block is entered, so that nothing
    published in the block is missed, and ends it afterwards. Without, it begins with the first item and ends with
    `aclose()` or the client. Read-ahead is bounded: a slow consumer holds the stream back.
    """

    def __init__(self, connection: Connection, agent: Agent, ghost_id: str, wanted: Wanted) -> None:
        self._connection = connection
        self._agent = agent
        self._ghost_id = ghost_id
        self._wanted = wanted
        self._assembly = Assembly(wanted.start)
        self._items: deque[Item] = deque()
        self._changed = asyncio.Event()
        self._drained = asyncio.Event()
        self._begun = asyncio.Event()
        self._pump_task: asyncio.Task[None] | None = None
        self._reading: grpc.aio.UnaryStreamCall[context.SubscribeRequest, context.SubscribeResponse] | None = None
        self._failure: BaseException | None = None
        self._over = False
        self._ghost_over = False
        self._unexplained = 0

    def __aiter__(self) -> Subscription:
        return self

    async def __anext__(self) -> Item:
        """The next item. May be cancelled, for example by a timeout, without losing any."""
        while not self._items:
            await self._more()
        return self._hand_over()

    async def take(self) -> list[Item]:
        """At least one item and all others that are here already; empty when the subscription is over.

        Not for programs: what is taken does not count as read before `note` says so.
        """
        try:
            while not self._items:
                await self._more()
        except StopAsyncIteration:
            return []
        taken = list(self._items)
        self._items.clear()
        self._drained.set()
        return taken

    def note(self, item: Item) -> None:
        """An item was handed to the agent, which has read it from now on."""
        _note(self._agent, self._wanted.patterns, self._ghost_id, item)

    async def __aenter__(self) -> Subscription:
        self._pump()
        await self._begun.wait()
        if self._failure is not None and not self._items:
            raise self._failure
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Ends it."""
        self._over = True
        self._connection.open_subscriptions.discard(self)
        if self._pump_task is not None and self._pump_task is not asyncio.current_task():
            # A call that is cancelled ends its reading by itself; reading that is cancelled leaves the call behind.
            (self._reading or self._pump_task).cancel()
            await asyncio.wait([self._pump_task])
        self._changed.set()

    async def _more(self) -> None:
        """Waits for something to happen."""
        if self._failure is not None:
            raise self._failure
        if self._over:
            raise StopAsyncIteration
        self._pump()
        self._changed.clear()
        await self._changed.wait()

    def _hand_over(self) -> Item:
        item = self._items.popleft()
        self._drained.set()
        self.note(item)
        return item

    def _pump(self) -> None:
        if self._pump_task is None and not self._over:
            self._connection.open_subscriptions.add(self)
            self._pump_task = asyncio.create_task(self._run(), name="hyperloom subscription")

    async def _run(self) -> None:
        backoff = self._connection.transport.backoff()
        try:
            while True:
                error = await self._use_stream()
                if self._ghost_over:
                    break
                if self._begun.is_set() and self._unexplained == 0:
                    backoff.reset()
                self._unexplained += is_unexplained(error)
                if not is_retryable(error) and not (
                    is_unexplained(error) and self._unexplained <= _limits.UNEXPLAINED_BREAKS_MAX
                ):
                    self._failure = error
                    break
                log.debug("subscription: %s; resuming", error)
                await asyncio.sleep(backoff.next_seconds())
        except HyperloomError as error:
            self._failure = error
        finally:
            self._over = True
            self._connection.open_subscriptions.discard(self)
            self._begun.set()
            self._changed.set()

    async def _use_stream(self) -> HyperloomError:
        """Reads one stream to its end; says why it ended."""
        request = self._request(self._assembly.begin_stream())
        call = self._connection.transport.server_stream(SUBSCRIBE, request)
        try:
            while True:
                self._reading = call
                message = await call.read()
                self._reading = None
                if not isinstance(message, context.SubscribeResponse):
                    return UnavailableError("the broker ended the stream", code=grpc.StatusCode.UNAVAILABLE)
                self._take(message)
                while len(self._items) >= _limits.ITEMS_READ_AHEAD_MAX:
                    self._drained.clear()
                    await self._drained.wait()
        except grpc.aio.AioRpcError as failure:
            return error_from_rpc(failure)
        finally:
            self._reading = None
            await self._connection.transport.end(call)

    def _take(self, message: context.SubscribeResponse) -> None:
        self._unexplained = 0
        for item in self._assembly.take(message):
            if isinstance(item, Bookmark):
                self._agent.see(item.revision)
                if not self._wanted.bookmarks:
                    continue
            self._items.append(item)
            if isinstance(item, Event) and item.transition is not None and item.ghost_id == self._ghost_id != "":
                self._ghost_over = item.transition.kind in _OVER
        self._begun.set()
        self._changed.set()

    def _request(self, start: Start) -> context.SubscribeRequest:
        wanted = self._wanted
        detail = context.CHANGE_DETAIL_RESULT if wanted.detail == "result" else context.CHANGE_DETAIL_OPERATION
        request = context.SubscribeRequest(
            forest=self._agent.forest,
            patterns=wanted.patterns,
            detail=detail,
            include_previous=wanted.include_previous,
            include_basis=wanted.include_basis,
        )
        if wanted.bookmark_interval is not None:
            request.bookmark_interval.CopyFrom(_duration(wanted.bookmark_interval))
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
        for each in item.changes if isinstance(item, Event) else item.nodes:
            agent.note(each.path, item.revision)


def _subtree_of(pattern: str) -> str | None:
    """`/a/b` for the pattern `/a/b/**`; `None` for patterns that are no whole subtree."""
    root, found, rest = pattern.partition("/**")
    return (root or "/") if found and not rest and "*" not in root else None


def _duration(seconds: float) -> Duration:
    duration = Duration()
    duration.FromTimedelta(timedelta(seconds=seconds))
    return duration
