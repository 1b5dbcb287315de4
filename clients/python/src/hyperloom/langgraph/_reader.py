"""Reads checkpoints: the head and the record in one call, then what is not known yet. Nothing is ever replayed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from langgraph.checkpoint.base import PendingWrite
from langgraph.checkpoint.serde.base import SerializerProtocol

from hyperloom._agent import Consistency
from hyperloom._client import Client
from hyperloom._errors import NotFoundError
from hyperloom._node import Node
from hyperloom.langgraph._errors import UnreadableValueError
from hyperloom.langgraph._items import Item, tell
from hyperloom.langgraph._knowledge import Knowledge, KnownList, ThreadKnowledge, named
from hyperloom.langgraph._names import Namespace, Thread, name_of
from hyperloom.langgraph._record import Head, Record, Run, runs_of
from hyperloom.langgraph._shared import interrupt_of, with_sends
from hyperloom.langgraph._texts import texts_in
from hyperloom.langgraph._values import Encoded, decode_value, named_pieces, named_texts

PATHS_PER_CALL: Final = 60
"""An answer takes 65 MiB, and a node up to about 1 MiB."""

ATTEMPTS_MAX: Final = 8
"""Of what others may get in the way of."""

INTERRUPT: Final = "__interrupt__"


class GoneError(Exception):
    """What a record names was taken away while it was read."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A checkpoint's record, as it was found."""

    namespace: Namespace
    record: Record
    has_writes: bool


@dataclass(frozen=True, slots=True)
class Write:
    """A pending write, not decoded yet."""

    task_id: str
    index: int
    channel: str
    value: Encoded


class Reader:
    """Reads for one saver."""

    def __init__(self, client: Client, root: str) -> None:
        self.client = client
        self.root = root
        self.knowledge = Knowledge()

    def thread(self, thread_id: object) -> Thread:
        """Where a thread lies."""
        return Thread.of(self.root, thread_id)

    async def nodes(self, paths: Iterable[str], at_revision: int = 0) -> dict[str, Node]:
        """Nodes by their paths, in as many calls as it takes; those that are not there are left out."""
        wanted = list(dict.fromkeys(paths))
        consistency: Consistency | None = None if at_revision else "linearizable"
        calls = [
            self.client.batch_get(
                wanted[start : start + PATHS_PER_CALL], at_revision=at_revision, consistency=consistency
            )
            for start in range(0, len(wanted), PATHS_PER_CALL)
        ]
        answers = await asyncio.gather(*calls)
        return {node.path: node for answer in answers for node in answer}

    async def children(self, path: str, *, keys_only: bool = False, depth: int = 1, at_revision: int = 0) -> list[Node]:
        """What is below a node; nothing where it is not there."""
        try:
            return [
                node async for node in self.client.list(path, depth=depth, keys_only=keys_only, at_revision=at_revision)
            ]
        except NotFoundError:
            return []

    async def locate(
        self, namespace: Namespace, checkpoint_id: str | None
    ) -> tuple[ThreadKnowledge, Head | None, Stored | None]:
        """The head, and the record of a checkpoint: by default the head's."""
        known = self.knowledge.thread(namespace.thread.path)
        guess = checkpoint_id
        if guess is None and known is not None and namespace.path in known.heads:
            guess = known.heads[namespace.path].id
        paths = [namespace.head, namespace.thread.swept]
        if guess is not None:
            paths.append(namespace.record(guess))
        found = await self.nodes(paths)
        known, head = self.take_in(namespace, found)
        wanted = checkpoint_id if checkpoint_id is not None else head.id if head is not None else None
        if wanted is None:
            return known, head, None
        path = namespace.record(wanted)
        if wanted != guess:
            found = await self.nodes([path])
        return known, head, self.stored(known, namespace, wanted, found.get(path))

    def take_in(self, namespace: Namespace, found: Mapping[str, Node]) -> tuple[ThreadKnowledge, Head | None]:
        """Notes the thread's incarnation and the namespace's head, both as they were just read."""
        thread = namespace.thread
        swept, node = found.get(thread.swept), found.get(namespace.head)
        known = self.knowledge.under(thread.path, swept.modified_revision if swept is not None else 0)
        if node is None or not named(node):
            known.heads.pop(namespace.path, None)
            return known, None
        head = known.heads[namespace.path] = Head.of(node.value, node.modified_revision)
        return known, head

    def stored(
        self, known: ThreadKnowledge, namespace: Namespace, checkpoint_id: str, node: Node | None
    ) -> Stored | None:
        """A record out of its node."""
        if node is None or not named(node):
            return None
        record = Record.of(checkpoint_id, node.value)
        known.records[namespace.path, checkpoint_id] = record
        return Stored(namespace, record, node.child_count > 0)

    async def values(
        self, known: ThreadKnowledge, stored: Stored, serde: SerializerProtocol, channels: Sequence[str] | None = None
    ) -> dict[str, Any]:
        """The values of a checkpoint's channels, or of some. Raises `GoneError`."""
        namespace = stored.namespace
        entries = {
            channel: entry
            for channel, entry in stored.record.channels.items()
            if channels is None or channel in channels
        }
        await self.know(known, namespace, entries)
        encoded: dict[str, Encoded] = {}
        for channel, entry in entries.items():
            if "at" in entry:
                encoded[channel] = known.values[namespace.path, channel, entry["at"]]
            elif "is" in entry:
                encoded[channel] = {"json": entry["is"]}
        texts, pieces = await self.contents(known, namespace.thread, encoded.values())
        values: dict[str, Any] = {}
        for channel, entry in entries.items():
            if "list" in entry:
                items = [item.fresh() for item in items_of(known, namespace, channel, entry)]
                values[channel] = with_sends(channel, items)
            else:
                what = f"channel {channel!r} of thread {namespace.thread.id!r}"
                values[channel] = with_sends(channel, decode_value(encoded[channel], serde, texts, pieces, what))
        self.knowledge.trim()
        return values

    async def know(
        self, known: ThreadKnowledge, namespace: Namespace, entries: Mapping[str, Mapping[str, Any]]
    ) -> None:
        """Reads what is not known yet of the nodes that these channels' entries name."""
        numbers = {
            (channel, entry["at"])
            for channel, entry in entries.items()
            if "at" in entry and (namespace.path, channel, entry["at"]) not in known.values
        }
        wanted: dict[tuple[str, int], list[tuple[int, int]]] = {}
        for channel, entry in entries.items():
            for number, start, end in runs_of(entry) if "list" in entry else ():
                there = known.lists.get((namespace.path, channel, number))
                if there is None or there.part(start, end) is None:
                    wanted.setdefault((channel, number), []).append((start, end))
        if not numbers and not wanted:
            return
        paths = {namespace.channel(channel, number): (channel, number) for channel, number in numbers}
        reading = (self._segments(known, namespace, *key, runs) for key, runs in wanted.items())
        found, *segments = await asyncio.gather(self.nodes(paths), *reading)
        for path, (channel, number) in paths.items():
            if path not in found or not named(found[path]):
                raise GoneError(path)
            node = found[path]
            known.note_value((namespace.path, channel, number), node.value, node.value_bytes)
        await self._note_items(known, namespace, dict(zip(wanted, segments, strict=True)))

    async def _segments(
        self,
        known: ThreadKnowledge,
        namespace: Namespace,
        channel: str,
        number: int,
        runs: Sequence[tuple[int, int]],
    ) -> dict[int, list[Any]]:
        """Segments of a list, by the place of their first item: those that hold what is not known of these runs."""
        there = known.lists.get((namespace.path, channel, number)) or KnownList()
        missing = [place for start, end in runs for place in there.missing(start, end)]
        if not there.is_empty() and missing[-1] - missing[0] == len(missing) - 1:
            # As a rule just the newest is: what was added since.
            path = namespace.items(channel, number, missing[0])
            node = (await self.nodes([path])).get(path)
            if named(node) and node is not None and len(node.value) >= len(missing):
                return {missing[0]: node.value}
        nodes = await self.children(namespace.channel(channel, number))
        segments = {int(node.path.rpartition("/")[2]): node.value for node in nodes if named(node)}
        read = {place for start, items in segments.items() for place in range(start, start + len(items))}
        if not read.issuperset(missing):
            raise GoneError(namespace.channel(channel, number))
        return segments

    async def _note_items(
        self, known: ThreadKnowledge, namespace: Namespace, lists: Mapping[tuple[str, int], dict[int, list[Any]]]
    ) -> None:
        encoded = [{"json": items} for segments in lists.values() for items in segments.values()]
        texts, _ = await self.contents(known, namespace.thread, encoded)
        for (channel, number), segments in lists.items():
            for start, items in segments.items():
                made = [Item.stored(item, {digest: texts[digest] for digest in texts_in(item)}) for item in items]
                known.note_items((namespace.path, channel, number), start, made)

    async def contents(
        self, known: ThreadKnowledge, thread: Thread, encoded: Iterable[Encoded]
    ) -> tuple[dict[str, str], dict[str, bytes]]:
        """The texts and bytes that encoded values name. Raises `GoneError`."""
        texts: dict[str, str] = {}
        pieces: dict[str, bytes] = {}
        paths: dict[str, str] = {}
        for value in encoded:
            for digest in named_texts(value):
                text = self.knowledge.texts.get(digest)
                if text is None:
                    paths[thread.text(digest)] = digest
                else:
                    texts[digest] = text
            for digest in named_pieces(value):
                piece = self.knowledge.pieces.get(digest)
                if piece is None:
                    paths[thread.piece(digest)] = digest
                else:
                    pieces[digest] = piece
        found = await self.nodes(paths) if paths else {}
        for path, digest in paths.items():
            node = found.get(path)
            if node is None or node.kind not in ("text", "bytes"):
                raise GoneError(path)
            if node.kind == "text":
                texts[digest] = node.value
                self.knowledge.texts.add(digest, node.value, node.value_bytes)
            else:
                pieces[digest] = node.value
                self.knowledge.pieces.add(digest, node.value, node.value_bytes)
        known.there.update(texts, pieces)
        return texts, pieces

    async def writes(self, stored: Stored) -> list[Write]:
        """Pending writes of a checkpoint, by task and place."""
        if not stored.has_writes:
            return []
        writes: list[Write] = []
        for node in await self.children(stored.namespace.writes(stored.record.id)):
            if named(node):
                task_id = name_of(node.path.rpartition("/")[2])
                writes.extend(Write(task_id, index, channel, value) for index, channel, value in node.value["writes"])
        return sorted(writes, key=lambda each: (each.task_id.encode(), each.index))

    async def pending(
        self, known: ThreadKnowledge, namespace: Namespace, writes: Sequence[Write], serde: SerializerProtocol
    ) -> list[PendingWrite]:
        """Pending writes as LangGraph knows them."""
        texts, pieces = await self.contents(known, namespace.thread, [each.value for each in writes])
        pending: list[PendingWrite] = []
        for each in writes:
            what = f"a pending write to channel {each.channel!r} of thread {namespace.thread.id!r}"
            value = decode_value(each.value, serde, texts, pieces, what)
            if each.channel == INTERRUPT and isinstance(value, list):
                value = tuple(interrupt_of(one) if isinstance(one, dict) and "value" in one else one for one in value)
            pending.append((each.task_id, each.channel, with_sends(each.channel, value)))
        return pending

    async def namespaces(self, thread: Thread) -> AsyncIterator[Namespace]:
        """Those of a thread that may have checkpoints, in the order of their paths."""
        waiting: list[tuple[str, ...]] = [()]
        while waiting:
            parts = waiting.pop()
            namespace = thread.below(parts)
            if namespace.name or not parts:
                yield namespace
            below = await self.children(f"{namespace.path}/subgraphs", keys_only=True)
            waiting.extend((*parts, name_of(each.path.rpartition("/")[2])) for each in reversed(below))


def items_of(known: ThreadKnowledge, namespace: Namespace, channel: str, entry: Mapping[str, Any]) -> list[Item]:
    """The items that a list's entry names; all are known."""
    items: list[Item] = []
    for number, start, end in runs_of(entry):
        part = known.lists[namespace.path, channel, number].part(start, end)
        if part is None:
            raise GoneError(channel)
        items = items + part if items else part
    return items


def begins_with(
    value: Sequence[Any], known: ThreadKnowledge, namespace: Namespace, channel: str, runs: Sequence[Run]
) -> int:
    """How many items a list has, where a value begins with all of them; 0 where it does not, or needs a closer look.

    As a rule a list has only grown, by messages that this process knows: then this is all that depends on how long it
    is, and it must cost next to nothing.
    """
    if len(runs) != 1 or runs[0][1] != 0:
        return 0
    number, _, end = runs[0]
    there = known.lists.get((namespace.path, channel, number))
    told = None if there is None or len(value) < end else there.told(end)
    return end if told is not None and tell(value[:end]) == told else 0


def filter_of(wanted: Mapping[str, Any] | None) -> dict[str, str]:
    """A filter, so that it can be compared as JSON."""
    return {key: _canonical(value) for key, value in (wanted or {}).items()}


def passes(record: Record, wanted: Mapping[str, str]) -> bool:
    """Whether a checkpoint's metadata has all that a filter asks for."""
    metadata = record.metadata
    return all(key in metadata and _canonical(metadata[key]) == value for key, value in wanted.items())


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def unreadable(namespace: Namespace, checkpoint_id: str) -> UnreadableValueError:
    """What is told where a checkpoint cannot be read in whole, again and again."""
    return UnreadableValueError(
        f"checkpoint {checkpoint_id} of thread {namespace.thread.id!r} names values that are not there any more: "
        "something else than LangGraph's savers has deleted part of the thread. Go back to a checkpoint before it, or "
        "bring the subtree back from an older revision with `hyperloom copy --at`"
    )
