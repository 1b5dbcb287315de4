"""Which of several brokers a call goes to.

A broker that cannot be reached is left alone for a moment, and the caller's next try goes to another: retries are made
above this, and every call may be repeated.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Generic, Literal, TypeAlias, TypeVar

from hyperloom import _limits

E = TypeVar("E")

LoadBalancing: TypeAlias = 'Literal["pick_first", "round_robin"]'
"""`pick_first`: all calls to one broker, another when that fails. `round_robin`: to each in turn."""


class Endpoints(Generic[E]):
    """Chooses among endpoints, of which there is at least one."""

    def __init__(
        self, endpoints: Sequence[E], balancing: LoadBalancing, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._all = tuple(endpoints)
        self._in_turn = balancing == "round_robin"
        self._clock = clock
        # Until when those that failed are left alone, by their places.
        self._resting: dict[int, float] = {}
        self._next = 0

    def pick(self) -> E:
        """Where the next call goes: the one whose turn it is, of those that do not rest; where all do, the one that has
        rested most."""
        now = self._clock()
        count = len(self._all)
        places = [(self._next + step) % count for step in range(count)]
        rested = [place for place in places if self._resting.get(place, 0.0) <= now]
        best = rested[0] if rested else min(places, key=lambda place: self._resting[place])
        self._next = (best + 1) % count if self._in_turn else best
        return self._all[best]

    def failed(self, endpoint: E) -> None:
        """It could not be reached, or is stopping."""
        if len(self._all) > 1:
            self._resting[self._all.index(endpoint)] = self._clock() + _limits.ENDPOINT_REST_SECONDS

    def answered(self, endpoint: E) -> None:
        """It has answered."""
        self._resting.pop(self._all.index(endpoint), None)


def addresses_of(given: str | Sequence[str]) -> list[str]:
    """A list, or a text with commas between addresses. Lists of gRPC's own (`ipv4:…`) stay as they are."""
    if not isinstance(given, str):
        addresses = list(given)
    elif given.startswith(("ipv4:", "ipv6:")):
        addresses = [given]
    else:
        addresses = [each.strip() for each in given.split(",")]
    if not addresses or not all(addresses):
        raise ValueError(f"{given!r} is no address of a broker: write host:port, several in a list or with commas")
    return addresses
