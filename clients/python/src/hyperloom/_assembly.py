"""Turns the messages of a subscription's streams into items: whole, in order, each exactly once across streams.

Rules: a snapshot is complete with the first bookmark, so it is handed out then, and begun anew if the stream broke
before. A large event comes in parts. Several events may share one journal position, so a stream that broke is resumed
just before the last position seen, and as many events of that position as were handed out already are skipped.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from hyperloom._events import Bookmark, Item, Snapshot, event_from
from hyperloom._gen.v1 import context_service_pb2 as context
from hyperloom._gen.v1 import event_pb2
from hyperloom._kinds import age_from
from hyperloom._node import Node


@dataclass(frozen=True, slots=True)
class AfterRevision:
    """Start with everything after this trunk revision."""

    revision: int


@dataclass(frozen=True, slots=True)
class AfterPosition:
    """Start with everything after this journal position."""

    position: int


Start: TypeAlias = 'Literal["snapshot", "now"] | AfterRevision | AfterPosition'


class Assembly:
    """The state of one subscription."""

    def __init__(self, start: Start) -> None:
        self._start = start
        self._nodes: list[Node] = []
        self._partial: event_pb2.Event | None = None
        self._position: int | None = None
        self._handed_out = 0
        self._to_skip = 0

    def begin_stream(self) -> Start:
        """Where the next stream starts. Call it before each."""
        self._nodes = []
        self._partial = None
        self._to_skip = self._handed_out
        if self._position is None:
            return self._start
        return AfterPosition(self._position - 1 if self._handed_out > 0 else self._position)

    def take(self, message: context.SubscribeResponse) -> list[Item]:
        """The items that a message completes."""
        kind = message.WhichOneof("message")
        if kind == "event":
            items = self._take_event(message.event)
            for event in message.more:
                items += self._take_event(event)
            return items
        if kind == "bookmark":
            return self._take_bookmark(message.bookmark)
        if kind == "snapshot":
            revision = message.snapshot.revision
            self._nodes.extend(Node(node, revision) for node in message.snapshot.nodes)
        return []

    def _take_event(self, part: event_pb2.Event) -> list[Item]:
        if self._partial is not None:
            self._partial.changes.extend(part.changes)
            whole = self._partial
            whole.parts_left = part.parts_left
        else:
            whole = part
        if whole.parts_left > 0:
            self._partial = whole
            return []
        self._partial = None
        if self._was_handed_out(whole.position):
            return []
        return [event_from(whole)]

    def _was_handed_out(self, position: int) -> bool:
        known = self._position
        if known is None or position > known:
            self._position = position
            self._handed_out = 1
            self._to_skip = 0
            return False
        if position < known:
            return True
        if self._to_skip > 0:
            self._to_skip -= 1
            return True
        # A bookmark at a position covers all its events.
        if self._handed_out == 0:
            return True
        self._handed_out += 1
        return False

    def _take_bookmark(self, message: context.Bookmark) -> list[Item]:
        items: list[Item] = []
        age = age_from(message)
        if self._start == "snapshot" and self._position is None:
            items.append(Snapshot(tuple(self._nodes), message.revision, age))
            self._nodes = []
        if self._position is None or message.position >= self._position:
            self._position = message.position
            self._handed_out = 0
        items.append(Bookmark(message.revision, message.position, age))
        return items
