"""What a put is going to store, as it is being worked out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from hyperloom.langgraph._lists import PlannedList
from hyperloom.langgraph._texts import Taken
from hyperloom.langgraph._values import Encoded, as_bytes, dumps

VALUES_BYTES_MAX: Final = 8 * 1024 * 1024
"""Values of one put beyond it are stored as bytes, which may go ahead: a message takes 16 MiB."""


@dataclass(slots=True)
class PlannedValue:
    """A node of a channel."""

    channel: str
    number: int
    value: Any
    encoded: Encoded
    json: str


@dataclass(slots=True)
class Draft:
    """What a put is going to store."""

    next: int
    tails: dict[str, tuple[int, int]]
    channels: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    values: list[PlannedValue] = field(default_factory=list)
    lists: dict[str, PlannedList] = field(default_factory=dict)
    listed: int = 0
    """Characters of what is new in its lists."""
    taken: Taken = field(default_factory=Taken)

    def number(self) -> int:
        """A number for a node."""
        self.next += 1
        return self.next - 1

    def shrink(self) -> None:
        """Stores the largest values as bytes, until what is left fits into one message."""
        shared = sorted((each for each in self.values if "json" in each.encoded), key=lambda each: len(each.json))
        total = self.listed + sum(len(each.json) for each in self.values)
        while total > VALUES_BYTES_MAX and shared:
            largest = shared.pop()
            total -= len(largest.json)
            largest.encoded = as_bytes(largest.value, self.taken)
            largest.json = dumps(largest.encoded)
