"""How CrewAI's threads and event loops reach the broker.

CrewAI calls a store from its own threads and from whichever event loop runs, and makes stores where modules are
imported. So nothing is connected before the first call, all work is done in the loop that blocking clients share, and
what was closed connects again: memory closes its store and may still save afterwards.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Generic, TypeAlias, TypeGuard, TypeVar

import hyperloom.sync
from hyperloom import _verbs
from hyperloom._sync import verbs as _sync_verbs
from hyperloom._sync.loop import LoopThread

Core = TypeVar("Core")
Outcome = TypeVar("Outcome")

Broker: TypeAlias = "_sync_verbs.Verbs | str | Sequence[str] | None"
"""An address (or several), `None` for `HYPERLOOM_ADDRESS`, or a client, ghost or lock of `hyperloom.sync`."""


class Way(Generic[Core]):
    """A connection, and what works with it."""

    def __init__(self, broker: Broker, author: str, make: Callable[[_verbs.Verbs], Core], who: str) -> None:
        """`make` makes what works. `who` is what errors call its user: see `must_be_broker`."""
        must_be_broker(broker, who)
        self._broker = broker
        self._author = author
        self._make = make
        self._lock = threading.Lock()
        self._owned: hyperloom.sync.Client | None = None
        self._made: tuple[LoopThread, Core] | None = None

    def run(self, work: Callable[[Core], Coroutine[Any, Any, Outcome]]) -> Outcome:
        """Does it, and blocks until it is done."""
        loop, core = self._connected()
        return loop.run(work(core))

    async def wait(self, work: Callable[[Core], Coroutine[Any, Any, Outcome]]) -> Outcome:
        """Does it, and waits in whichever loop the caller runs. Cancelling the caller calls it off."""
        loop, core = self._connected()
        return await loop.wait(work(core))

    def close(self) -> None:
        """Closes the connection, where it is its own. The next call opens another one."""
        with self._lock:
            owned, self._owned = self._owned, None
            self._made = None
        if owned is not None:
            owned.close()

    def _connected(self) -> tuple[LoopThread, Core]:
        with self._lock:
            if self._made is None:
                client = self._client()
                self._made = client._loop, self._make(client._verbs)
            return self._made

    def _client(self) -> _sync_verbs.Verbs:
        # What a store reads to find something says nothing about what an agent knew.
        if isinstance(self._broker, hyperloom.sync.Client):
            return self._broker.as_agent(track_basis=False)
        if isinstance(self._broker, _sync_verbs.Verbs):
            return self._broker
        self._owned = hyperloom.sync.connect(self._broker, author=self._author, track_basis=False)
        return self._owned


def must_be_broker(broker: object, who: str) -> None:
    """Raises `TypeError` for what no broker can be."""
    if not (broker is None or isinstance(broker, (str, _sync_verbs.Verbs)) or _are_addresses(broker)):
        raise TypeError(
            f"{who} takes an address, or a client of hyperloom.sync.connect(…), not {type(broker).__name__}: "
            "CrewAI calls it from threads and from event loops"
        )


def _are_addresses(broker: object) -> TypeGuard[Sequence[str]]:
    return isinstance(broker, Sequence) and all(isinstance(each, str) for each in broker)
