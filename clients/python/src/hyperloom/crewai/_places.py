"""Where records of memory lie: the paths of docs/frameworks/crewai.md. Pure.

A scope is a subtree of `records`, and of `vectors` the same one; `ids` says in which scope a record is.
"""

from __future__ import annotations

from typing import Final

from hyperloom._adapters.names import InvalidNameError, name_of, root_of, segment_of

DEPTH_MAX: Final = 48
"""Parts of a scope: a path has 64 segments, of which some are the root's."""


class Places:
    """The paths of one memory."""

    def __init__(self, root: str) -> None:
        self.base = root_of(root)
        if not self.base:
            raise InvalidNameError("root must be a path such as '/crewai/memory'")
        self.records = f"{self.base}/records"
        self.vectors = f"{self.base}/vectors"

    def id(self, record_id: str) -> str:
        """Says where a record is."""
        return f"{self.base}/ids/{segment_of('record id', record_id)}"

    def record(self, place: str) -> str:
        """A record, by its place."""
        return f"{self.records}{place}"

    def vector(self, place: str) -> str:
        """The embedding of a record."""
        return f"{self.vectors}{place}"


def scope_place(scope: str | None) -> str:
    """A scope's path below `records`; empty for the whole memory."""
    parts = [part for part in (scope or "").split("/") if part]
    if len(parts) > DEPTH_MAX:
        raise InvalidNameError(f"scope {scope!r} has {len(parts)} parts, and {DEPTH_MAX} are the most")
    return "".join(f"/{segment_of('part of a scope', part)}" for part in parts)


def record_place(scope: str, record_id: str) -> str:
    """A record's path below `records`."""
    return f"{scope_place(scope)}/{segment_of('record id', record_id)}"


def scope_of(place: str) -> str:
    """The scope that a path below `records` stands for."""
    return "/".join(map(name_of, place.split("/"))) or "/"
