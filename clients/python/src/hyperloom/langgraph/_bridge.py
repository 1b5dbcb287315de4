"""How one object serves blocking and asyncio callers: all its work runs in the loop of the process's blocking clients.

A graph calls its checkpointer from any thread and from any event loop, and may mix `invoke` with `ainvoke`; a client of
asyncio belongs to one loop. So the work is done in the loop that blocking clients share, and callers wait for it there.
"""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

import hyperloom.sync
from hyperloom._client import Client
from hyperloom._limits import TIMEOUT_SECONDS_DEFAULT

Outcome = TypeVar("Outcome")


class Bridge:
    """A client's work, for threads (`run`) and for whoever runs in an event loop (`wait`)."""

    def __init__(self, broker: hyperloom.sync.Client | str | Sequence[str] | None, author: str) -> None:
        if isinstance(broker, hyperloom.sync.Client):
            self.blocking, self._owned = broker, False
        elif broker is None or isinstance(broker, str) or _are_addresses(broker):
            self.blocking = hyperloom.sync.connect(broker, author=author, timeout=TIMEOUT_SECONDS_DEFAULT)
            self._owned = True
        else:
            raise TypeError(
                "a LangGraph adapter takes an address, or a client of hyperloom.sync.connect(…), "
                f"not {type(broker).__name__}: it serves blocking and asyncio graphs alike"
            )
        # What a graph reads of its own state says nothing about what its agents knew, and would cost bytes in each put.
        self.client: Client = self.blocking._inner.as_agent(track_basis=False)
        self._loop = self.blocking._loop

    def run(self, work: Coroutine[Any, Any, Outcome]) -> Outcome:
        """Blocks until it is done."""
        return self._loop.run(work)

    def wait(self, work: Coroutine[Any, Any, Outcome]) -> Coroutine[Any, Any, Outcome]:
        """Waits for it in whichever loop the caller runs. Cancelling the caller calls it off."""
        return self._loop.wait(work)

    def close(self) -> None:
        """Closes the connection, where it was opened here."""
        if self._owned:
            self.blocking.close()


def _are_addresses(broker: object) -> bool:
    return isinstance(broker, Sequence) and all(isinstance(each, str) for each in broker)
