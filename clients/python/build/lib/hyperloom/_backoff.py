"""Waiting times between attempts: exponential with full jitter."""

from __future__ import annotations

import random

from hyperloom import _limits


class Backoff:
    """Grows with each `next_seconds`, starts anew after `reset`. The random source is given: tests seed it."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._attempt = 0

    def next_seconds(self) -> float:
        """How long to wait before the next attempt, in seconds; never 0, so that no loop spins."""
        ceiling = min(_limits.BACKOFF_SECONDS_MAX, _limits.BACKOFF_SECONDS_FIRST * 2.0 ** min(self._attempt, 16))
        self._attempt += 1
        return self._chance.uniform(ceiling / 10, ceiling)

    def reset(self) -> None:
        """The last attempt went well."""
        self._attempt = 0
