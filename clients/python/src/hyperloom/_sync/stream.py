"""A stream of items as a blocking iterator."""

from __future__ import annotations

import asyncio
from collections import deque
from types import TracebackType
from typing import Generic, TypeVar

import grpc

from hyperloom._errors import DeadlineExceededError
from hyperloom._stream import ItemStream as AsyncItemStream
from hyperloom._sync.cancel import shielded
from hyperloom._sync.loop import LoopThread

Item = TypeVar("Item")


class ItemStream(Generic[Item]):
    """As the asyncio one; see there. `with` begins it before the block is entered and ends it afterwards."""

    def __init__(self, loop: LoopThread, inner: AsyncItemStream[Item]) -> None:
        self._loop = loop
        self._inner = inner
        self._items: deque[Item] = deque()

    def __iter__(self) -> ItemStream[Item]:
        return self

    def __next__(self) -> Item:
        return self.next()

    def next(self, timeout: float | None = None) -> Item:
        """The next item. Raises `DeadlineExceededError` when there was none for `timeout` seconds, losing none."""
        while not self._items:
            if not self._loop.run(self._take(timeout)):
                raise StopIteration
        item = self._items.popleft()
        self._loop.soon(self._inner.note, item)
        return item

    def close(self) -> None:
        """Ends it."""
        if not self._loop.closed:
            with shielded():
                self._loop.run(self._inner.aclose())

    def __enter__(self) -> ItemStream[Item]:
        try:
            self._loop.run(self._inner.begin())
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def _take(self, timeout: float | None) -> bool:
        """Takes what has come; false at the end. Whoever is called off loses nothing: it is there for the next call."""
        try:
            taken = await asyncio.wait_for(self._inner.take(), timeout)
        except asyncio.TimeoutError:
            text = f"nothing came for {timeout} s"
            raise DeadlineExceededError(text, code=grpc.StatusCode.DEADLINE_EXCEEDED) from None
        self._items.extend(taken)
        return len(taken) > 0
