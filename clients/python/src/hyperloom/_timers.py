"""The clock that leases are measured by, and timers on it. Tests put a clock of their own in its place."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Protocol


class Timer(Protocol):
    """A call that is still to come."""

    def cancel(self) -> None:
        """Lets it not come."""


class Timers(Protocol):
    """A monotonic clock, and calls at a time on it."""

    def now(self) -> float:
        """In seconds, from some moment."""

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Timer:
        """Calls it in so many seconds."""


class LoopTimers:
    """The system's monotonic clock, which also runs while this process is stopped, and the running event loop's timers.

    Not the loop's own `time()`: some loops read the clock only once in each round.
    """

    def now(self) -> float:
        """In seconds."""
        return time.monotonic()

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Timer:
        """Calls it in so many seconds."""
        return asyncio.get_running_loop().call_later(seconds, callback)
