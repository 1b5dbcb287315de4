"""A stream of items as a blocking iterator."""

from __future__ import annotations

import asyncio
from collections import deque
from types import TracebackType
from typing import Generic, TypeVar

import grpc

from hyperloom._errors import DeadlineExceededError
from hyperloom._stream import ItemStream as AsyncItemStream
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
        if not self._items:
            taken = self._loop.run(self._take(timeout))
            if not taken:
                raise StopIteration
            self._items.extend(taken)
        item = self._items.popleft()
        self._loop.soon(self._inner.note, item)
        return item

    def close(self) -> None:
        """Ends it."""
        if not self._loop.closed:
            self._loop.run(self._inner.aclose())

    def __enter__(self) -> ItemStream[Item]:
        self._loop.run(self._inner.begin())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def _take(self, timeout: float | None) -> list[Item]:
        try:
            return await asyncio.wait_for(self._inner.take(), timeout)
        except asyncio.TimeoutError:
            text = f"nothing came for {timeout} s"
            raise DeadlineExceededError(text, code=grpc.StatusCode.DEADLINE_EXCEEDED) from None
