"""How an adapter reaches the broker, and serves callers in any event loop.

Frameworks call their stores from any thread and loop; a client of asyncio belongs to one. So what an adapter connects
itself works in the loop that blocking clients share, and callers wait for it there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, TypeAlias, TypeGuard, TypeVar

import hyperloom.sync
from hyperloom import _contexts
from hyperloom._sync import contexts as _sync_contexts
from hyperloom._sync.loop import LoopThread

Outcome = TypeVar("Outcome")

Broker: TypeAlias = "_contexts.Contexts | _sync_contexts.Contexts | str | Sequence[str] | None"
"""An address (or several), `None` for `HYPERLOOM_ADDRESS`, or a client, ghost or lock, of asyncio or blocking."""


class Link:
    """The verbs of a client, ghost or lock, and the loop in which they work."""

    def __init__(self, broker: Broker, author: str, who: str) -> None:
        """`who` is what an error calls the adapter. Raises `TypeError` for what no broker can be."""
        self._owned: hyperloom.sync.Client | None = None
        self._loop: LoopThread | None = None
        if isinstance(broker, _contexts.Contexts):
            self.verbs = broker
            return
        if isinstance(broker, _sync_contexts.Contexts):
            blocking: _sync_contexts.Contexts = broker
        elif broker is None or isinstance(broker, str) or _are_addresses(broker):
            blocking = self._owned = hyperloom.sync.connect(broker, author=author)
        else:
            raise TypeError(f"{who} takes an address or a client of hyperloom.connect(…), not {type(broker).__name__}")
        self._loop, self.verbs = blocking._loop, blocking._contexts

    async def run(self, work: Coroutine[Any, Any, Outcome]) -> Outcome:
        """Waits for work in the loop of the client. Cancelling the caller calls it off."""
        return await (work if self._loop is None else self._loop.wait(work))

    async def settle(self, work: Coroutine[Any, Any, Outcome]) -> Outcome:
        """Waits for the outcome of a change also when the caller is cancelled: a run must know what is stored."""
        task = asyncio.ensure_future(self.run(work))
        cancelled: asyncio.CancelledError | None = None
        while not task.done():
            try:
                await asyncio.wait({task})
            except asyncio.CancelledError as error:
                cancelled = cancelled or error
        if cancelled is not None:
            task.exception()  # It is looked at: the caller's cancellation is what counts.
            raise cancelled
        return task.result()

    def close(self) -> None:
        """Closes the connection, where it is the adapter's own."""
        if self._owned is not None:
            self._owned.close()

    async def aclose(self) -> None:
        """The same, from an event loop."""
        await asyncio.to_thread(self.close)


def _are_addresses(broker: object) -> TypeGuard[Sequence[str]]:
    return isinstance(broker, Sequence) and all(isinstance(each, str) for each in broker)
