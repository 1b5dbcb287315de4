"""A stream of items that survives lost connections: what subscriptions have in common."""

from __future__ import annotations

import asyncio
from collections import deque
from types import TracebackType
from typing import Any, Generic, TypeVar

import grpc
import grpc.aio
from google.protobuf.message import Message

from hyperloom import _limits
from hyperloom._connection import Connection
from hyperloom._errors import HyperloomError, UnavailableError, is_retryable, is_unexplained, outlived
from hyperloom._status import error_from_rpc
from hyperloom._transport import log

Item = TypeVar("Item")


class ItemStream(Generic[Item]):
    """Iterate over it. It reconnects by itself and goes on where it was; it raises only what no retry can mend.

    `async with` begins it before the block is entered, so that nothing is missed that happens in the block, and ends it
    afterwards. Without, it begins with the first item and ends with `aclose()` or the client. Read-ahead is bounded, in
    items and in bytes: a slow consumer holds the stream back.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._items: deque[tuple[Item, int]] = deque()
        self._bytes = 0
        self._changed = asyncio.Event()
        self._drained = asyncio.Event()
        self._begun = asyncio.Event()
        self._pump_task: asyncio.Task[None] | None = None
        self._reading: grpc.aio.UnaryStreamCall[Any, Any] | None = None
        self._failure: BaseException | None = None
        self._over = False
        self._backoff = connection.transport.backoff()
        self._unexplained = 0

    def note(self, item: Item) -> None:
        """An item was handed to the agent, which has read it from now on."""

    def _open(self) -> grpc.aio.UnaryStreamCall[Any, Any]:
        """Opens the next stream."""
        raise NotImplementedError

    def _items_of(self, message: Any) -> list[Item]:
        """The items that a message completes."""
        raise NotImplementedError

    def _has_ended(self) -> bool:
        """Whether the end of the stream is the end of it all."""
        return False

    def __aiter__(self) -> ItemStream[Item]:
        return self

    async def __anext__(self) -> Item:
        """The next item. May be cancelled, for example by a timeout, without losing any."""
        while not self._items:
            await self._more()
        item, size = self._items.popleft()
        self._bytes -= size
        self._drained.set()
        self.note(item)
        return item

    async def take(self) -> list[Item]:
        """At least one item and all others that are here already; empty when the subscription is over.

        Not for programs: what is taken does not count as read before `note` says so.
        """
        try:
            while not self._items:
                await self._more()
        except StopAsyncIteration:
            return []
        taken = [item for item, _ in self._items]
        self._items.clear()
        self._bytes = 0
        self._drained.set()
        return taken

    async def begin(self) -> None:
        """Begins it. Raises what keeps it from beginning."""
        self._pump()
        await self._begun.wait()
        if self._failure is not None and not self._items:
            raise self._failure

    async def __aenter__(self) -> ItemStream[Item]:
        await self.begin()
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

    def _pump(self) -> None:
        if self._pump_task is None and not self._over:
            self._connection.open_subscriptions.add(self)
            self._pump_task = asyncio.create_task(self._run(), name="hyperloom subscription")

    async def _run(self) -> None:
        try:
            while True:
                error = await self._use_stream()
                # Ended by the agent in the very moment in which the connection broke: there was nothing left to cancel.
                if self._over or self._has_ended():
                    break
                self._unexplained += is_unexplained(error)
                if not is_retryable(error) and not (
                    is_unexplained(error) and self._unexplained <= _limits.UNEXPLAINED_BREAKS_MAX
                ):
                    self._failure = error
                    break
                log.debug("subscription: %s; resuming", error)
                await asyncio.sleep(self._backoff.next_seconds())
        except Exception as error:
            # The client was closed, or the program's own function for tokens failed.
            self._failure = error
        finally:
            self._over = True
            self._connection.open_subscriptions.discard(self)
            self._begun.set()
            self._changed.set()

    def _queue(self, items: list[Item], size: int) -> bool:
        """Queues what messages of that size have completed. Whether there was something."""
        for item in items:
            self._items.append((item, size))
            self._bytes += size
            size = 0
        return len(items) > 0

    def _is_full(self) -> bool:
        return len(self._items) >= _limits.ITEMS_READ_AHEAD_MAX or self._bytes >= _limits.ITEM_BYTES_READ_AHEAD_MAX

    async def _use_stream(self) -> HyperloomError:
        """Reads one stream to its end; says why it ended."""
        call = self._open()
        size = 0
        is_under_way = False
        try:
            while True:
                self._reading = call
                message = await call.read()
                self._reading = None
                if not isinstance(message, Message):
                    return UnavailableError("the broker ended the stream", code=grpc.StatusCode.UNAVAILABLE)
                self._unexplained = 0
                self._backoff.reset()
                is_under_way = True
                size += message.ByteSize()
                if self._queue(self._items_of(message), size):
                    size = 0
                self._begun.set()
                self._changed.set()
                while self._is_full():
                    self._drained.clear()
                    await self._drained.wait()
        except grpc.aio.AioRpcError as failure:
            error = error_from_rpc(failure)
            return outlived(error) if is_under_way else error
        finally:
            self._reading = None
            await self._connection.transport.end(call)
