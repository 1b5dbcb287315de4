"""What lies below a path, each value fetched once: reading a subtree again costs its keys and what has changed.

An adapter that looks through a whole subtree for each answer, as a search by likeness does, would otherwise fetch all
of it each time. What is handed out is as it was at one revision, and never older than what was acknowledged before.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from hyperloom._adapters.reading import PATHS_PER_READ_MAX, read_below
from hyperloom._agent import Consistency
from hyperloom._errors import RevisionError
from hyperloom._node import Node
from hyperloom._verbs import Verbs

Entry = TypeVar("Entry")

SHELF_BYTES_MAX: Final = 256 * 1024 * 1024
"""Values of so much are kept: 20,000 embeddings of 3,072 numbers. What is read beyond that is fetched again."""

BYTES_PER_READ_MAX: Final = 16 * 1024 * 1024
"""In one answer, of which the broker sends 65 MiB."""

SHOWN_MAX: Final = 16
"""Subtrees of which is known what they held, so that one that has not changed costs a single read."""

ATTEMPTS_MAX: Final = 8
"""Of reads whose revision was compacted before they ended."""


@dataclass(frozen=True, slots=True)
class Shown(Generic[Entry]):
    """What a subtree held, in the order of the paths' bytes. The same object is handed out as long as that holds."""

    entries: dict[str, Entry]
    subtree_revision: int
    created_revision: int


@dataclass(frozen=True, slots=True)
class _Kept(Generic[Entry]):
    stamp: tuple[int, int, int, int]
    entry: Entry | None
    size: int


class Shelf(Generic[Entry]):
    """Values below any number of paths, on the trunk or in a ghost."""

    def __init__(self, verbs: Verbs, decode: Callable[[Node], Entry | None], bytes_max: int = SHELF_BYTES_MAX) -> None:
        """`decode` makes an entry of a node with a value; `None` where something else lies there."""
        self._verbs = verbs
        self._decode = decode
        self._bytes_max = bytes_max
        self._kept: dict[str, _Kept[Entry]] = {}
        self._bytes = 0
        self._shown: OrderedDict[str, Shown[Entry]] = OrderedDict()

    async def below(self, path: str) -> Shown[Entry]:
        """All entries below a path; what lies at the path itself is none of them."""
        consistency: Consistency | None = None if self._verbs.is_ghost else "linearizable"
        for attempt in range(ATTEMPTS_MAX):
            top = await self._verbs.find(path, consistency=consistency)
            if top is None:
                return Shown({}, 0, 0)
            shown = self._shown.get(path)
            # In a ghost no revision tells what is staged.
            state = (top.subtree_revision, top.created_revision)
            if shown is not None and state == (shown.subtree_revision, shown.created_revision):
                self._shown.move_to_end(path)
                return shown
            keys = await read_below(self._verbs, path, depth=0, keys_only=True)
            try:
                entries = await self._entries([node for node in keys if node.version > 0])
            except RevisionError:
                if attempt == ATTEMPTS_MAX - 1:
                    raise
                continue
            shown = Shown(entries, *state)
            if not self._verbs.is_ghost:
                self._remember(path, shown)
            return shown
        raise AssertionError("a loop without an end was left")

    async def _entries(self, keys: Sequence[Node]) -> dict[str, Entry]:
        # What is kept may go while this waits: others read at the same time.
        found = {node.path: kept.entry for node in keys if (kept := self._kept_of(node)) is not None}
        for part in _parts([node for node in keys if node.path not in found]):
            # At the revision of the keys: all of it is of one moment.
            at = 0 if self._verbs.is_ghost else part[0].revision
            for node in await self._verbs.batch_get([each.path for each in part], at_revision=at):
                found[node.path] = self._keep(node)
        entries = {node.path: entry for node in keys if (entry := found.get(node.path)) is not None}
        if self._bytes > self._bytes_max:
            self._trim(entries)
        return entries

    def _kept_of(self, node: Node) -> _Kept[Entry] | None:
        kept = self._kept.get(node.path)
        return kept if kept is not None and kept.stamp == _stamp(node) else None

    def _keep(self, node: Node) -> Entry | None:
        before = self._kept.get(node.path)
        self._bytes += node.value_bytes - (0 if before is None else before.size)
        entry = self._decode(node)
        self._kept[node.path] = _Kept(_stamp(node), entry, node.value_bytes)
        return entry

    def _trim(self, current: dict[str, Entry]) -> None:
        """What was not asked for now goes first, and everything where that is not enough."""
        self._kept = {path: kept for path, kept in self._kept.items() if path in current}
        self._bytes = sum(kept.size for kept in self._kept.values())
        self._shown.clear()
        if self._bytes > self._bytes_max:
            self._kept.clear()
            self._bytes = 0

    def _remember(self, path: str, shown: Shown[Entry]) -> None:
        self._shown[path] = shown
        self._shown.move_to_end(path)
        while len(self._shown) > SHOWN_MAX:
            self._shown.popitem(last=False)


def _stamp(node: Node) -> tuple[int, int, int, int]:
    """Another one for each change of a node's value. A forest that was deleted and made anew tells others too."""
    return (node.modified_revision, node.staged_sequence, node.created_revision, node.version)


def _parts(nodes: Sequence[Node]) -> Iterator[list[Node]]:
    """Cut into what one answer can hold."""
    part: list[Node] = []
    size = 0
    for node in nodes:
        if part and (len(part) == PATHS_PER_READ_MAX or size + node.value_bytes > BYTES_PER_READ_MAX):
            yield part
            part, size = [], 0
        part.append(node)
        size += node.value_bytes
    if part:
        yield part
