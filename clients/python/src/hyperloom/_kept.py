"""What is to be kept alive, and when the next sign of life is due. No clock, no waiting: times are given.

Rules: a sign is due so many times in a ttl. Those of one forest that are due, or will be soon, share one sign. While a
sign is under way no other is sent for the same things. What the answer does not name is over. A lease is also over
when no sign that was answered had been *sent* within its ttl: the broker's count began later, so it cannot have given
the lease's locks to anybody before this client knows that they are lost.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from hyperloom import _limits


@dataclass(slots=True, eq=False)
class Kept:
    """A ghost or a lease to keep alive; `on_over` hears that it has ended, and how that is known. Times in seconds."""

    kind: Literal["ghost", "lease"]
    forest: str
    id: str
    ttl: float
    on_over: Callable[[str], None]
    expires: float = math.inf
    """When it counts as over without an answer. A ghost never does: writing to a dead one is refused anyway."""
    due: float = 0.0
    under_way: bool = False

    @property
    def interval(self) -> float:
        """Between signs."""
        return self.ttl / _limits.SIGNS_PER_TTL


class KeptTable:
    """Everything that one connection keeps alive. A lease may be in it twice: of its owner, and of who keeps it too."""

    def __init__(self) -> None:
        self._kept: dict[Kept, None] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def add(self, kept: Kept, now: float) -> None:
        """Begins to keep it; the first sign is due after an interval."""
        kept.due = now + kept.interval
        self._kept[kept] = None

    def remove(self, kept: Kept) -> None:
        """Ends it."""
        self._kept.pop(kept, None)

    def take_expired(self, now: float) -> list[Kept]:
        """Those that are over because no answer came in time; they are not kept any more."""
        expired = [kept for kept in self._kept if kept.expires <= now]
        for kept in expired:
            del self._kept[kept]
        return expired

    def take_due(self, now: float) -> list[list[Kept]]:
        """Groups for a sign each, of one forest each; they count as under way until `answered` or `failed`."""
        forests: defaultdict[str, list[Kept]] = defaultdict(list)
        for kept in self._kept:
            if not kept.under_way and kept.due <= now + kept.interval / 2:
                forests[kept.forest].append(kept)
        most = _limits.KEPT_PER_KEEP_ALIVE_MAX
        groups: list[list[Kept]] = []
        for found in forests.values():
            if any(kept.due <= now for kept in found):
                groups.extend(found[at : at + most] for at in range(0, len(found), most))
        for group in groups:
            for kept in group:
                kept.under_way = True
        return groups

    def answered(self, group: Iterable[Kept], sent: float, live: set[str]) -> list[Kept]:
        """The sign that was sent at `sent` was answered. Returns those that are over, which are not kept any more."""
        over: list[Kept] = []
        for kept in group:
            kept.under_way = False
            kept.due = sent + kept.interval
            if kept.id in live:
                if kept.kind == "lease":
                    kept.expires = max(kept.expires, sent + kept.ttl)
            elif kept in self._kept:
                del self._kept[kept]
                over.append(kept)
        return over

    def failed(self, group: Iterable[Kept], now: float) -> None:
        """The sign was not answered: the next one is due soon."""
        for kept in group:
            kept.under_way = False
            kept.due = now + kept.interval / 4

    def next_time(self) -> float:
        """When there is something to do; infinite where there is nothing."""
        return min(
            (min(kept.expires, math.inf if kept.under_way else kept.due) for kept in self._kept),
            default=math.inf,
        )
