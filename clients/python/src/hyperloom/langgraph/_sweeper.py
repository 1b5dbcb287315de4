"""Takes checkpoints away, and what nothing else of their thread names: one diff, if nobody wrote meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from hyperloom import operation, precondition
from hyperloom._errors import PreconditionFailedError
from hyperloom._node import Node
from hyperloom._values import Json
from hyperloom.langgraph._errors import ThreadConflictError
from hyperloom.langgraph._knowledge import named
from hyperloom.langgraph._names import Namespace, Thread, name_of
from hyperloom.langgraph._reader import ATTEMPTS_MAX, Reader
from hyperloom.langgraph._record import Head, Record, runs_of
from hyperloom.langgraph._values import named_pieces, named_texts
from hyperloom.langgraph._walks import Walker
from hyperloom.operation import Operation

OPERATIONS_PER_DIFF: Final = 9_000
"""The broker takes 10,000."""

COUNTERS: Final = "counters_since_delta_snapshot"


@dataclass
class Space:
    """A namespace, as it was found."""

    namespace: Namespace
    head: Head | None = None
    records: dict[str, Record] = field(default_factory=dict)
    writes: dict[str, list[Node]] = field(default_factory=dict)
    """By checkpoint: also of those without a record."""
    channels: list[Node] = field(default_factory=list)


Kept = Callable[[Space], set[str]]
"""The checkpoints of a namespace that stay."""


class Sweeper:
    """Takes away for one saver."""

    def __init__(self, reader: Reader, walker: Walker) -> None:
        self._reader = reader
        self._walker = walker

    async def keep_latest(self, thread: Thread) -> None:
        """Keeps the newest checkpoint of each namespace, and what its delta channels are made from."""
        await self._sweep(thread, _newest)

    async def delete_runs(self, thread: Thread, run_ids: frozenset[str]) -> None:
        """Takes away the checkpoints that these runs put."""

        def kept(space: Space) -> set[str]:
            return {each.id for each in space.records.values() if each.metadata.get("run_id") not in run_ids}

        await self._sweep(thread, kept)

    async def _sweep(self, thread: Thread, kept: Kept) -> None:
        for _ in range(ATTEMPTS_MAX):
            names = await self._reader.children(thread.path, keys_only=True, depth=0)
            if not names:
                return
            revision = names[0].revision
            spaces = await self._spaces(thread, revision)
            operations = self._operations(thread, names, spaces, kept)
            if operations is None:
                return
            swept = (await self._reader.nodes([thread.swept], revision)).get(thread.swept)
            count = swept.value if swept is not None and isinstance(swept.value, int) else 0
            operations.append(operation.put(thread.swept, Json(str(count + 1))))
            if await self._apply(thread, operations, revision):
                self._reader.knowledge.forget(thread.path)
                return
        raise ThreadConflictError(thread.id, "", None, None)

    async def _apply(self, thread: Thread, operations: list[Operation], revision: int) -> bool:
        """Whether nobody wrote meanwhile. More than fits into one diff goes in several, checkpoints first."""
        for start in range(0, len(operations), OPERATIONS_PER_DIFF):
            part = operations[start : start + OPERATIONS_PER_DIFF]
            condition = precondition.subtree_unchanged_since(thread.path, revision)
            try:
                done = await self._reader.client.publish(part, preconditions=[condition], label="prune")
            except PreconditionFailedError:
                return False
            revision = done.revision
        return True

    async def _spaces(self, thread: Thread, revision: int) -> list[Space]:
        spaces: list[Space] = []
        async for namespace in self._reader.namespaces(thread):
            space = Space(namespace)
            head = (await self._reader.nodes([namespace.head], revision)).get(namespace.head)
            if head is not None and named(head):
                space.head = Head.of(head.value, head.modified_revision)
            below = await self._reader.children(namespace.checkpoints, depth=0, at_revision=revision)
            for node in below:
                parts = node.path[len(namespace.checkpoints) + 1 :].split("/")
                checkpoint_id = name_of(parts[0])
                if len(parts) == 1 and named(node):
                    space.records[checkpoint_id] = Record.of(checkpoint_id, node.value)
                elif len(parts) == 3 and named(node):
                    space.writes.setdefault(checkpoint_id, []).append(node)
            space.channels = [
                node
                for node in await self._reader.children(namespace.channels, depth=0, at_revision=revision)
                if named(node)
            ]
            spaces.append(space)
        return spaces

    def _operations(self, thread: Thread, names: list[Node], spaces: list[Space], kept: Kept) -> list[Operation] | None:
        """Checkpoints, oldest first, then heads, then what is unused. `None` where all stays."""
        operations: list[Operation] = []
        used_texts: set[str] = set()
        used_pieces: set[str] = set()
        rest: list[Operation] = []
        for space in spaces:
            stay = kept(space)
            gone = sorted(set(space.records) - stay)
            operations.extend(operation.delete(space.namespace.record(each)) for each in gone)
            rest.extend(_after(space, stay, gone, used_texts, used_pieces))
        if not operations:
            return None
        for prefix, used in ((f"{thread.path}/texts/", used_texts), (f"{thread.path}/bytes/", used_pieces)):
            for node in names:
                if node.path.startswith(prefix) and node.path[len(prefix) :] not in used:
                    rest.append(operation.delete(node.path))
        return operations + rest


def _after(space: Space, stay: set[str], gone: list[str], texts: set[str], pieces: set[str]) -> list[Operation]:
    """What else becomes of a namespace; notes the texts and bytes that what stays of it names."""
    operations: list[Operation] = []
    values: set[tuple[str, int]] = set()
    lists: dict[tuple[str, int], list[tuple[int, int]]] = {}
    for checkpoint_id in stay:
        for channel, entry in space.records[checkpoint_id].channels.items():
            if "at" in entry:
                values.add((channel, entry["at"]))
            elif "is" in entry:
                texts.update(named_texts({"json": entry["is"]}))
            else:
                for number, start, end in runs_of(entry):
                    lists.setdefault((channel, number), []).append((start, end))
    for checkpoint_id, nodes in space.writes.items():
        if checkpoint_id not in gone:
            for node in nodes:
                for _, _, encoded in node.value["writes"]:
                    texts.update(named_texts(encoded))
                    pieces.update(named_pieces(encoded))
    left: set[tuple[str, int]] = set()
    for node in space.channels:
        parts = node.path[len(space.namespace.channels) + 1 :].split("/")
        key = (name_of(parts[0]), int(parts[1]))
        if len(parts) == 2:
            is_used = key in values
            encoded = node.value
        else:
            first = int(parts[2])
            is_used = any(start < first + len(node.value) and first < end for start, end in lists.get(key, ()))
            encoded = {"json": node.value}
        if not is_used:
            operations.append(operation.delete(node.path, "node"))
            continue
        left.add(key)
        texts.update(named_texts(encoded))
        pieces.update(named_pieces(encoded))
    return operations + _head_after(space, stay, gone, left)


def _head_after(space: Space, stay: set[str], gone: list[str], left: set[tuple[str, int]]) -> list[Operation]:
    """Every head is put anew: who has read one relies on nothing having been taken away since."""
    if space.head is None:
        return []
    if gone and not stay:
        return [operation.delete(space.namespace.head), operation.delete(space.namespace.channels)]
    tails = {channel: tail for channel, tail in space.head.tails.items() if (channel, tail[0]) in left}
    head_id = space.head.id if space.head.id in stay or not stay else max(stay)
    # `next` grows, so that no two heads are equal.
    return [operation.put(space.namespace.head, Json(Head(head_id, space.head.next + 1, tails).json))]


def _newest(space: Space) -> set[str]:
    """The head's checkpoint, and for its delta channels the ancestors back to the nearest that stores each."""
    if not space.records:
        return set()
    newest = space.head.id if space.head is not None and space.head.id in space.records else max(space.records)
    kept = {newest}
    counters: Mapping[str, Any] = space.records[newest].metadata.get(COUNTERS) or {}
    for channel in counters:
        cursor = space.records[newest]
        while channel not in cursor.channels and cursor.parent in space.records:
            cursor = space.records[cursor.parent]
            kept.add(cursor.id)
    return kept
