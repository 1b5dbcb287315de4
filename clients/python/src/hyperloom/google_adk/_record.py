"""What is stored of a session beside its state and events, and what a reader knows of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from hyperloom import precondition
from hyperloom._node import Node
from hyperloom.google_adk._errors import SpoiledSessionError


@dataclass(frozen=True, slots=True)
class Record:
    """The JSON of the node `session`."""

    count: int
    """Events."""
    created: float
    updated: float
    """Seconds since 1970: when the newest event happened, by its own timestamp."""
    last: str
    """The id of the newest event, by which an append that is repeated is known; empty before the first."""

    @property
    def json(self) -> dict[str, Any]:
        """As it is stored."""
        return {"count": self.count, "created": self.created, "updated": self.updated, "last": self.last}

    def after(self, event_id: str, timestamp: float) -> Record:
        """With one more event."""
        return replace(self, count=self.count + 1, updated=timestamp, last=event_id)


@dataclass(frozen=True, slots=True)
class Known:
    """A record as it was read, and which state of its node that was."""

    record: Record
    revision: int
    """The trunk revision that made it; 0 in a ghost."""
    version: int

    @staticmethod
    def of(node: Node, in_ghost: bool) -> Known:
        """Raises `SpoiledSessionError`."""
        return Known(_record_of(node), 0 if in_ghost else node.modified_revision, node.version)

    @property
    def marker(self) -> str:
        """The same for two readers where nobody has written between."""
        return f"{self.revision}.{self.version}"

    def unchanged(self, path: str) -> precondition.Precondition:
        """Holds as long as nobody has written to the session since."""
        if self.revision > 0:
            return precondition.modified_revision(path, self.revision)
        return precondition.version(path, self.version)


def _record_of(node: Node) -> Record:
    value = node.value
    try:
        record = Record(value["count"], float(value["created"]), float(value["updated"]), value["last"])
        if isinstance(record.last, str) and type(record.count) is int and record.count >= 0:
            return record
    except (KeyError, TypeError, ValueError):
        pass
    raise SpoiledSessionError(
        f"{node.path} holds no record of a session: something else was put there; delete {node.path.rpartition('/')[0]}"
    )
