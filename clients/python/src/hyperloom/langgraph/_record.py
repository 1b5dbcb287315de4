"""Heads and records of checkpoints, as they are stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from langgraph.checkpoint.base import Checkpoint, CheckpointMetadata

from hyperloom.langgraph._errors import NotStorableError
from hyperloom.langgraph._values import dumps

Run = tuple[int, int, int]
"""A list's number, from (with) and to (without) which item."""

_OPEN = ("v", "id", "ts", "channel_values", "channel_versions", "versions_seen")


class Head(NamedTuple):
    """The newest checkpoint of a namespace, and where its nodes go on."""

    id: str
    next: int
    tails: Mapping[str, tuple[int, int]]
    """Lists that may be continued, by channel: number and length."""
    revision: int = 0
    """At which it was put: what the next put expects."""

    @staticmethod
    def of(stored: Mapping[str, Any], revision: int) -> Head:
        """From its JSON."""
        tails = {channel: (number, length) for channel, (number, length) in stored.get("tails", {}).items()}
        return Head(stored["id"], stored["next"], tails, revision)

    @property
    def json(self) -> str:
        """Its JSON."""
        stored: dict[str, Any] = {"id": self.id, "next": self.next}
        if self.tails:
            stored["tails"] = {channel: list(tail) for channel, tail in self.tails.items()}
        return dumps(stored)


class Record(NamedTuple):
    """A checkpoint without its values."""

    id: str
    parent: str | None
    stored: Mapping[str, Any]

    @staticmethod
    def of(checkpoint_id: str, stored: Mapping[str, Any]) -> Record:
        """From its JSON."""
        return Record(checkpoint_id, stored.get("parent"), stored)

    @property
    def metadata(self) -> dict[str, Any]:
        """In the open, whatever the serializer. Not to be changed."""
        found: dict[str, Any] = self.stored["metadata"]
        return found

    @property
    def versions(self) -> Mapping[str, Any]:
        """Of its channels."""
        found: Mapping[str, Any] = self.stored["versions"]
        return found

    @property
    def channels(self) -> Mapping[str, Mapping[str, Any]]:
        """Where its values lie."""
        found: Mapping[str, Mapping[str, Any]] = self.stored["channels"]
        return found

    def checkpoint(self, values: dict[str, Any]) -> Checkpoint:
        """As LangGraph knows it. New objects."""
        stored = self.stored
        seen = {node: dict(versions) for node, versions in stored["seen"].items()}
        checkpoint: dict[str, Any] = {
            "v": stored["v"],
            "id": self.id,
            "ts": stored["ts"],
            "channel_values": values,
            "channel_versions": dict(self.versions),
            "versions_seen": seen,
            "updated_channels": None,
            **stored.get("more", {}),
        }
        return checkpoint  # type: ignore[return-value]


def runs_of(entry: Mapping[str, Any]) -> list[Run]:
    """The runs of a list's entry."""
    return [(number, start, end) for number, start, end in entry["list"]]


def record_json(
    checkpoint: Checkpoint,
    parent: str | None,
    metadata: CheckpointMetadata | Mapping[str, Any],
    channels: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    """A checkpoint's record, which may hold what is the caller's."""
    stored: dict[str, Any] = {"v": checkpoint["v"], "ts": checkpoint["ts"]}
    if parent is not None:
        stored["parent"] = parent
    stored["metadata"] = metadata
    stored["versions"] = checkpoint["channel_versions"]
    stored["seen"] = checkpoint["versions_seen"]
    stored["channels"] = channels
    more = {name: value for name, value in checkpoint.items() if name not in _OPEN and value not in (None, [], {})}
    if more:
        stored["more"] = more
    return stored


def record_text(stored: Mapping[str, Any]) -> str:
    """Its JSON text. Refuses what is not JSON where all must be: it would be found out at a read only."""
    try:
        text = dumps(stored)
        if not text.isascii():
            text.encode()
        return text
    except (TypeError, ValueError, RecursionError) as whole:
        for name, told in _NAMES.items():
            try:
                dumps(stored.get(name)).encode()
            except (TypeError, ValueError, RecursionError) as error:
                value = stored[name]
                raise NotStorableError(f"{told} must be plain JSON, and {value!r:.200} is not: {error}") from error
        raise NotStorableError(f"the checkpoint must be plain JSON, and is not: {whole}") from whole


_NAMES = {"metadata": "metadata", "versions": "channel_versions", "seen": "versions_seen", "more": "the checkpoint"}
