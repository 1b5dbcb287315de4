"""Backpressure: how much may be under way at once."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

Entry = TypeVar("Entry")


class Window(Generic[Entry]):
    """Room for so many entries and bytes. Who finds none waits in line. A single entry fits into an empty window.

    `go_in` is called with each entry in the moment in which it is let in, not when its task comes to run: whoever finds
    room in between would overtake it.
    """

    def __init__(self, count_max: int, bytes_max: int, go_in: Callable[[Entry], None]) -> None:
        self._go_in = go_in
        self._count_max = count_max
        # Those in line are let in by the hundred: waking them one by one costs more than a publish.
        self._count_low = count_max * 3 // 4
        self._bytes_max = bytes_max
        self._count = 0
        self._bytes = 0
        self._line: deque[tuple[asyncio.Future[None], int, Entry]] = deque()

    def try_enter(self, size: int, entry: Entry) -> bool:
        """Lets an entry of `size` bytes in, if there is room and nobody waits for it."""
        if self._line or not self._fits(size):
            return False
        self._let_in(size, entry)
        return True

    async def enter(self, size: int, entry: Entry, timeout: float) -> None:
        """Waits until an entry of `size` bytes is let in; raises `TimeoutError` when it was not for `timeout` seconds.

        Who is cancelled may have been let in: an entry that went in keeps its room until it leaves.
        """
        if self.try_enter(size, entry):
            return
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[None] = loop.create_future()
        self._line.append((turn, size, entry))
        timer = loop.call_later(timeout, _give_up, turn)
        try:
            await turn
        except BaseException:
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

    def line(self) -> Iterator[Entry]:
        """Those that wait, or have just given up, oldest first."""
        return (entry for _, _, entry in self._line)

    def _admit(self) -> None:
        while self._line:
            turn, size, entry = self._line[0]
            if not turn.done() and not self._fits(size):
                return
            self._line.popleft()
            if not turn.done():
                # First: who has been cancelled meanwhile hears of it before anything is done with the entry.
                turn.set_result(None)
                self._let_in(size, entry)

    def _fits(self, size: int) -> bool:
        return self._count == 0 or (self._count < self._count_max and self._bytes + size <= self._bytes_max)

    def _let_in(self, size: int, entry: Entry) -> None:
        self._count += 1
        self._bytes += size
        self._go_in(entry)


def _give_up(turn: asyncio.Future[None]) -> None:
    if not turn.done():
        turn.set_exception(TimeoutError())
