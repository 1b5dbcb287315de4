"""Backpressure: how much may be under way at once."""

from __future__ import annotations

import asyncio
from collections import deque


class Window:
    """Room for so many entries and bytes. Who finds none waits in line. A single entry fits into an empty window."""

    def __init__(self, count_max: int, bytes_max: int) -> None:
        self._count_max = count_max
        # Those in line are let in by the hundred: waking them one by one costs more than a publish.
        self._count_low = count_max * 3 // 4
        self._bytes_max = bytes_max
        self._count = 0
        self._bytes = 0
        self._line: deque[tuple[asyncio.Future[None], int]] = deque()

    def try_enter(self, size: int) -> bool:
        """Takes room for an entry of `size` bytes, if there is any and nobody waits for it."""
        if self._line or not self._fits(size):
            return False
        self._take(size)
        return True

    async def enter(self, size: int, timeout: float) -> None:
        """Takes room for an entry of `size` bytes; raises `TimeoutError` when there was none for `timeout` seconds."""
        if self.try_enter(size):
            return
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[None] = loop.create_future()
        self._line.append((turn, size))
        timer = loop.call_later(timeout, _give_up, turn)
        try:
            await turn
        except BaseException:
            granted = not turn.cancelled() and turn.exception() is None
            if granted:
                self.leave(size)
            else:
                self._admit()
            raise
        finally:
            timer.cancel()

    def leave(self, size: int) -> None:
        """Gives the room back."""
        self._count -= 1
        self._bytes -= size
        if self._line and self._count <= self._count_low:
            self._admit()

    def _admit(self) -> None:
        while self._line:
            turn, size = self._line[0]
            if not turn.done():
                if not self._fits(size):
                    return
                self._take(size)
                turn.set_result(None)
            self._line.popleft()

    def _fits(self, size: int) -> bool:
        return self._count == 0 or (self._count < self._count_max and self._bytes + size <= self._bytes_max)

    def _take(self, size: int) -> None:
        self._count += 1
        self._bytes += size


def _give_up(turn: asyncio.Future[None]) -> None:
    if not turn.done():
        turn.set_exception(TimeoutError())
