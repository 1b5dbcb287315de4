"""Conversations in the tree: records, and lines of messages that forks and branches share.

A *line* is a run of entries, one after the other; whoever continues anything but the end of the newest line of a
conversation begins another one. `entries/{id}` says where an entry lies. A fork marks the conversation whose lines its
history goes through, so that deleting that one leaves them as long as somebody needs them.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from pydantic_ai.conversation_store import ConversationConflict, ConversationEntry, ConversationRecord

from hyperloom import operation, precondition
from hyperloom._adapters.names import filled_segment_of, item_name
from hyperloom._adapters.reading import read_below, read_nodes
from hyperloom._errors import PreconditionFailedError
from hyperloom._node import Node
from hyperloom._values import Json
from hyperloom._verbs import Verbs
from hyperloom.pydantic_ai._encoding import Stored, Tail, read_entries, read_record, stored_entry, stored_record
from hyperloom.pydantic_ai._errors import SpoiledConversationError

ENTRIES_PER_DIFF: Final = 4_000
"""An entry takes two operations, and the broker takes 10,000."""

BYTES_PER_DIFF: Final = 8 * 1024 * 1024
"""A message may have 16 MiB. What is more goes ahead, into a line that nothing names yet."""

KNOWN_MAX: Final = 10_000
"""Records and places of entries that are kept in mind, so that a save takes one call and a read two."""

Kept = TypeVar("Kept")

ATTEMPTS_MAX: Final = 64
"""Of what others come before every time."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where an entry lies."""

    conversation: str
    """The segment of its name."""
    line: str
    number: int


class Core:
    """The work of one store."""

    def __init__(self, verbs: Verbs, root: str) -> None:
        self._verbs = verbs
        self._root = root
        self._places = f"{root}.entries"
        self._tails: OrderedDict[str, tuple[str, Tail | None]] = OrderedDict()
        self._spots: OrderedDict[str, Spot] = OrderedDict()

    async def record(self, conversation_id: str) -> ConversationRecord | None:
        """The record, or `None`."""
        stored = await self._stored(_segment(conversation_id))
        return None if stored is None else stored.record

    async def records(self) -> list[ConversationRecord]:
        """All records."""
        nodes = await read_below(self._verbs, self._root, depth=2)
        return [read_record(node).record for node in nodes if node.path.endswith("/record") and node.kind == "json"]

    async def write(
        self, record: ConversationRecord, new_entries: Sequence[ConversationEntry], expected: str | None
    ) -> None:
        """Raises `ConversationConflict`."""
        own = _segment(record.conversation_id)
        texts = [stored_entry(entry, index) for index, entry in enumerate(new_entries)]
        tail = await self._tail_of(own, record.conversation_id, expected)
        first = new_entries[0].parent_id if new_entries else record.head_id
        spot = None if first is None else await self._find_spot(first)
        if first is not None and spot is None:
            raise ConversationConflict(record.conversation_id)
        if new_entries:
            continues = spot is not None and tail is not None and spot == Spot(own, tail.line, tail.count - 1)
            fits = len(texts) <= ENTRIES_PER_DIFF and sum(len(each.text) for each in texts) <= BYTES_PER_DIFF // 3
            # Its name is the writer's own, so that two who begin a line at once never write to the same one.
            tail = (
                tail
                if continues and fits and tail is not None
                else Tail(filled_segment_of("the revision", record.revision), 0)
            )
            tail = Tail(tail.line, tail.count + len(texts))
        spots = [] if tail is None else [Spot(own, tail.line, tail.count - len(texts) + at) for at in range(len(texts))]
        last = [operation.put(self._record_path(own), stored_record(record, tail))]
        conditions = [self._standing(own, expected)]
        if spot is not None and first is not None:
            conditions.append(precondition.present(self._entry_path(spot)))
            if spot.conversation != own:
                # A fork: what it goes through stays as long as it does.
                last.append(operation.put(f"{self._root}/{spot.conversation}/forks/{own}", True))
                last.append(operation.put(f"{self._root}/{own}/over/{spot.conversation}", True))
        try:
            await self._put(record, new_entries, texts, spots, last, conditions)
        except PreconditionFailedError:
            self._tails.pop(own, None)
            if first is not None:
                self._spots.pop(first, None)
            raise ConversationConflict(record.conversation_id) from None
        _keep(self._tails, own, (record.revision, tail))
        for entry, each in zip(new_entries, spots, strict=True):
            _keep(self._spots, entry.id, each)

    async def _put(
        self,
        record: ConversationRecord,
        entries: Sequence[ConversationEntry],
        texts: Sequence[Json],
        spots: Sequence[Spot],
        last: Sequence[operation.Operation],
        conditions: Sequence[precondition.Precondition],
    ) -> None:
        part: list[operation.Operation] = []
        size = 0
        for entry, text, spot in zip(entries, texts, spots, strict=True):
            size += len(text.text.encode())
            if part and (len(part) >= 2 * ENTRIES_PER_DIFF or size > BYTES_PER_DIFF):
                await self._verbs.publish(part, label="save messages")
                part, size = [], len(text.text.encode())
            place = {"in": spot.conversation, "line": spot.line, "number": spot.number}
            part.append(operation.put(self._entry_path(spot), text))
            part.append(operation.put(f"{self._places}/{_entry_segment(entry.id)}", place))
        await self._verbs.publish([*part, *last], preconditions=conditions, label="save a conversation")

    async def history(self, head_id: str | None, limit: int | None) -> list[ConversationEntry]:
        """The newest entries up to one, oldest first. Raises `LookupError`."""
        lines: list[list[ConversationEntry]] = []
        left = limit
        while head_id is not None and (left is None or left > 0):
            spot = await self._spot(head_id)
            start = 0 if left is None else max(0, spot.number + 1 - left)
            wanted = [Spot(spot.conversation, spot.line, number) for number in range(start, spot.number + 1)]
            nodes = await read_nodes(self._verbs, list(map(self._entry_path, wanted)))
            entries = read_entries(nodes)
            if len(entries) != len(wanted) or entries[-1].id != head_id:
                self._spots.pop(head_id, None)
                raise LookupError(f"entry {head_id!r} of a conversation is gone: it was deleted meanwhile")
            lines.append(entries)
            left = None if left is None else left - len(entries)
            head_id = entries[0].parent_id
        return [entry for line in reversed(lines) for entry in line]

    async def delete(self, conversation_id: str, expected: str) -> None:
        """Raises `ConversationConflict`."""
        own = _segment(conversation_id)
        self._tails.pop(own, None)
        if not await self._release(own, expected):
            raise ConversationConflict(conversation_id)

    async def _release(self, own: str, expected: str | None) -> bool:
        """Deletes a conversation, or only its record where forks go through it.

        False: its record is another one by now (`None`: there is one), or nothing is left of it.
        """
        path = f"{self._root}/{own}"
        for _ in range(ATTEMPTS_MAX):
            nodes = await read_below(self._verbs, path, depth=3)
            if not nodes or self._revision_in(nodes, own) != expected:
                return False
            forked = any(node.path.startswith(f"{path}/forks/") for node in nodes)
            over = [node.path.rpartition("/")[2] for node in nodes if node.path.startswith(f"{path}/over/")]
            if forked and expected is None:
                return False
            operations = [operation.delete(self._record_path(own) if forked else path)]
            conditions = [self._standing(own, expected)]
            if not forked:
                operations += [operation.delete(f"{self._root}/{each}/forks/{own}") for each in over]
                operations += [operation.delete(each) for each in self._places_of(nodes, path)]
            if not self._verbs.is_ghost:
                conditions.append(precondition.subtree_unchanged_since(path, nodes[0].revision))
            size = 2 * ENTRIES_PER_DIFF
            try:
                await self._verbs.publish(operations[:size], preconditions=conditions, label="delete a conversation")
            except PreconditionFailedError:
                continue
            for each in [] if forked else over:
                await self._release(each, None)
            # Places alone lead to nothing: nobody sees those that are left where this is cut short.
            for start in range(size, len(operations), size):
                await self._verbs.publish(operations[start : start + size], label="delete a conversation")
            return True
        raise SpoiledConversationError(f"others wrote to {path} {ATTEMPTS_MAX} times in a row: try again")

    def _revision_in(self, nodes: list[Node], own: str) -> str | None:
        path = self._record_path(own)
        found = next((node for node in nodes if node.path == path and node.kind is not None), None)
        return None if found is None else read_record(found).record.revision

    def _places_of(self, nodes: list[Node], path: str) -> list[str]:
        lines = [node for node in nodes if node.path.startswith(f"{path}/lines/") and node.kind == "json"]
        return [f"{self._places}/{_entry_segment(entry.id)}" for entry in read_entries(lines)]

    async def _stored(self, own: str) -> Stored | None:
        node = await self._verbs.find(self._record_path(own))
        if node is None or node.kind is None:
            return None
        stored = read_record(node)
        _keep(self._tails, own, (stored.record.revision, stored.tail))
        return stored

    async def _tail_of(self, own: str, conversation_id: str, expected: str | None) -> Tail | None:
        """The line that the record with this revision may continue. Raises `ConversationConflict`."""
        if expected is None:
            return None
        known = self._tails.get(own)
        if known is None or known[0] != expected:
            stored = await self._stored(own)
            if stored is None or stored.record.revision != expected:
                raise ConversationConflict(conversation_id)
            return stored.tail
        return known[1]

    async def _spot(self, entry_id: str) -> Spot:
        spot = await self._find_spot(entry_id)
        if spot is None:
            raise LookupError(f"there is no entry {entry_id!r}")
        return spot

    async def _find_spot(self, entry_id: str) -> Spot | None:
        known = self._spots.get(entry_id)
        if known is not None:
            self._spots.move_to_end(entry_id)
            return known
        node = await self._verbs.find(f"{self._places}/{_entry_segment(entry_id)}")
        if node is None:
            return None
        try:
            spot = Spot(node.value["in"], node.value["line"], node.value["number"])
        except (KeyError, TypeError):
            raise SpoiledConversationError(f"{node.path} does not say where an entry lies: delete it") from None
        _keep(self._spots, entry_id, spot)
        return spot

    def _standing(self, own: str, expected: str | None) -> precondition.Precondition:
        path = self._record_path(own)
        return (
            precondition.absent(path)
            if expected is None
            else precondition.pointer(path, "/record/revision", equals=expected)
        )

    def _record_path(self, own: str) -> str:
        return f"{self._root}/{own}/record"

    def _entry_path(self, spot: Spot) -> str:
        return f"{self._root}/{spot.conversation}/lines/{spot.line}/{item_name(spot.number)}"


def _segment(conversation_id: str) -> str:
    return filled_segment_of("the conversation's id", conversation_id)


def _entry_segment(entry_id: str) -> str:
    return filled_segment_of("the entry's id", entry_id)


def _keep(known: OrderedDict[str, Kept], key: str, value: Kept) -> None:
    known[key] = value
    known.move_to_end(key)
    if len(known) > KNOWN_MAX:
        known.popitem(last=False)
