"""Signs of life for the ghosts and leases of one connection, in the background: one `KeepAlive` for all of a forest."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from contextlib import suppress

from hyperloom._errors import HyperloomError
from hyperloom._kept import Kept, KeptTable
from hyperloom._timers import LoopTimers, Timer, Timers
from hyperloom._transport import log

Beat = Callable[[str, list[str], list[str], float], Awaitable[set[str]]]
"""Sends a sign of life for ghosts and leases of a forest, within so many seconds; says which of them live."""


class Keeper:
    """Hears of what ends by the broker's word, and for leases by this process's clock when the broker is silent."""

    def __init__(self, beat: Beat, timers: Timers | None = None) -> None:
        self._beat = beat
        self._timers: Timers = timers or LoopTimers()
        self._table = KeptTable()
        self._timer: Timer | None = None
        self._timer_time = math.inf
        self._signs: set[asyncio.Task[None]] = set()
        self._closed = False

    def now(self) -> float:
        """The clock that leases are measured by."""
        return self._timers.now()

    def keep(self, kept: Kept) -> None:
        """Begins to keep something alive."""
        self._table.add(kept, self.now())
        # Those that are released again before their first sign, such as most locks, cost no timer of their own.
        if min(kept.due, kept.expires) < self._timer_time:
            self._arm(min(kept.due, kept.expires))

    def release(self, kept: Kept) -> None:
        """Ends it."""
        self._table.remove(kept)

    async def confirm(self, kept: Kept) -> None:
        """Sends a sign now and waits for the answer. Raises what keeps it from coming."""
        await self._sign([kept])

    async def close(self) -> None:
        """Ends it for all."""
        self._closed = True
        self._table = KeptTable()
        if self._timer is not None:
            self._timer.cancel()
        signs = tuple(self._signs)
        for sign in signs:
            sign.cancel()
        await asyncio.gather(*signs, return_exceptions=True)

    def _arm(self, time: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        self._timer_time = time
        if time < math.inf and not self._closed:
            self._timer = self._timers.call_later(max(0.0, time - self.now()), self._tick)

    def _tick(self) -> None:
        now = self.now()
        for kept in self._table.take_expired(now):
            kept.on_over(f"no sign of life was answered for {kept.ttl:.3g} s")
        for group in self._table.take_due(now):
            sign = asyncio.create_task(self._sign_in_background(group), name="hyperloom keeper")
            self._signs.add(sign)
            sign.add_done_callback(self._signs.discard)
        self._arm(self._table.next_time())

    async def _sign_in_background(self, group: list[Kept]) -> None:
        # It is logged, and comes again.
        with suppress(Exception):
            await self._sign(group)

    async def _sign(self, group: list[Kept]) -> None:
        sent = self.now()
        ghosts = [kept.id for kept in group if kept.kind == "ghost"]
        leases = [kept.id for kept in group if kept.kind == "lease"]
        try:
            live = await self._beat(group[0].forest, ghosts, leases, min(kept.interval for kept in group))
        except Exception as error:
            # Not only what the broker says: the program's own functions, as that for tokens, may fail too.
            log.warning("keeping %d ghosts and %d leases alive: %s", len(ghosts), len(leases), error)
            if not isinstance(error, HyperloomError) or error.reason != "FOREST_NOT_FOUND":
                self._table.failed(group, self.now())
                self._arm(self._table.next_time())
                raise
            live = set()
        for kept in self._table.answered(group, sent, live):
            kept.on_over("the broker has ended it")
        self._arm(self._table.next_time())
