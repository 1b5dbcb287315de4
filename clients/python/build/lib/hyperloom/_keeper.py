"""Signs of life for the ghosts of one connection, in the background."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

from hyperloom import _limits
from hyperloom._errors import HyperloomError
from hyperloom._transport import log

Beat = Callable[[str, list[str]], Awaitable[Iterable[str]]]


@dataclass(slots=True)
class Kept:
    """A ghost to keep alive: a sign every `interval` seconds; `on_over` hears that it has ended."""

    forest: str
    ghost_id: str
    interval: float
    on_over: Callable[[], None]
    due: float = 0.0


class Keeper:
    """`beat` sends one sign of life for ghosts of one forest, and says which of them live."""

    def __init__(self, beat: Beat) -> None:
        self._beat = beat
        self._kept: dict[str, Kept] = {}
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def keep(self, kept: Kept) -> None:
        """Begins to keep a ghost alive."""
        kept.due = asyncio.get_running_loop().time() + kept.interval
        self._kept[kept.ghost_id] = kept
        self._changed.set()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="hyperloom keeper")

    def release(self, ghost_id: str) -> None:
        """Ends it."""
        self._kept.pop(ghost_id, None)
        self._changed.set()

    async def close(self) -> None:
        """Ends it for all."""
        self._kept.clear()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        clock = asyncio.get_running_loop().time
        while self._kept:
            self._changed.clear()
            pause = min(kept.due for kept in self._kept.values()) - clock()
            if pause > 0:
                with suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(self._changed.wait(), pause)
                continue
            await self._beat_due(clock())

    async def _beat_due(self, now: float) -> None:
        """One sign for all that are due, and for those that will be soon, so that signs are shared."""
        due: defaultdict[str, list[Kept]] = defaultdict(list)
        for kept in self._kept.values():
            if kept.due <= now + kept.interval / 2 and len(due[kept.forest]) < _limits.GHOSTS_PER_KEEP_ALIVE_MAX:
                due[kept.forest].append(kept)
                kept.due = now + kept.interval
        for forest, group in due.items():
            if not group:
                continue
            try:
                live = set(await self._beat(forest, [kept.ghost_id for kept in group]))
            except HyperloomError as error:
                log.warning("keeping %d ghosts alive: %s", len(group), error)
                continue
            for kept in group:
                if kept.ghost_id not in live and self._kept.pop(kept.ghost_id, None) is not None:
                    kept.on_over()
