"""Values in the tree, each under a name of its own, in pieces that they share: what is put costs what is new in it.

Below one path: `swept` counts how often unused pieces were taken away, and the revision that it was changed at names an
*incarnation*: what a process has seen or written under it is there as long as it lasts. So a put need not write, nor
look for, what this process knows to be there; it carries the precondition that the incarnation still is. A ghost may go
back to a checkpoint, which takes pieces away: there a put writes all of its own.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from hyperloom import operation, precondition
from hyperloom._adapters.pieces import Pieces, joined, named_by, named_in
from hyperloom._adapters.reading import read_below, read_nodes
from hyperloom._errors import HyperloomError, PreconditionFailedError, RevisionError
from hyperloom._node import Node
from hyperloom._records import Published
from hyperloom._values import Json
from hyperloom._verbs import Verbs

Result = TypeVar("Result")

PIECE_BYTES_MAX: Final = 2 * 1024 * 1024
"""The broker's own limit for a value."""

DIFF_BYTES_MAX: Final = 8 * 1024 * 1024
"""A message may have 16 MiB. What is more goes ahead in diffs of its own."""

OPERATIONS_PER_DIFF: Final = 9_000
"""The broker takes 10,000."""

CACHE_BYTES_MAX: Final = 32 * 1024 * 1024
"""Pieces that a process keeps in mind; those that were not used for longest go first."""

ATTEMPTS_MAX: Final = 64
"""Of what others come before every time."""

READS_MAX: Final = 8
"""Of reads whose revision was compacted, or whose pieces somebody took out of the same ghost, before they ended."""


class ValueTooLargeError(ValueError):
    """More than a node takes, in a part that cannot be cut. The message says how much."""


class MissingPieceError(HyperloomError):
    """A value names a piece that is not there: something else has deleted it. In a ghost somebody may just do so."""


class ContendedError(HyperloomError):
    """Others came before every time."""


@dataclass(frozen=True, slots=True)
class Incarnation:
    """Which state of the node `swept` was seen."""

    revision: int
    version: int
    count: int

    def unchanged(self, path: str) -> precondition.Precondition:
        """Holds as long as nothing has been swept since."""
        if self.revision > 0:
            return precondition.modified_revision(path, self.revision)
        return precondition.version(path, self.version) if self.version > 0 else precondition.absent(path)


class PieceStore:
    """The values below one path."""

    def __init__(self, verbs: Verbs, path: str) -> None:
        self._verbs = verbs
        self._pieces = f"{path}/pieces"
        self._swept = f"{path}/swept"
        self._incarnation: Incarnation | None = None
        self._there: set[str] = set()
        self._cache: OrderedDict[str, str] = OrderedDict()
        self._cached_bytes = 0

    @property
    def known(self) -> int:
        """Of how many pieces is known that they were put, in use or not."""
        return len(self._there)

    async def put(
        self,
        records: Mapping[str, Any],
        also: Sequence[operation.Operation] = (),
        conditions: Sequence[precondition.Precondition] = (),
        label: str = "",
    ) -> int:
        """Puts values at paths, and does what else belongs to it, in one diff. Returns of how many pieces they are.

        Raises `ValueTooLargeError` and what `Pieces.cut` raises before anything is sent, and `PreconditionFailedError`
        where a condition of the caller's does not hold.
        """
        pieces = Pieces()
        puts = [operation.put(path, Json(_fitting(path, pieces.cut(value)))) for path, value in records.items()]
        for digest, text in pieces.texts.items():
            _fitting(digest, text)
        for _ in range(ATTEMPTS_MAX):
            incarnation = self._incarnation or await self._look()
            there = frozenset[str]() if self._verbs.is_ghost else self._there
            missing = [(digest, text) for digest, text in pieces.texts.items() if digest not in there]
            # The first one makes it, so that whoever deletes all of it and begins anew makes another one.
            first = [operation.put(self._swept, Json("0"))] if incarnation.version == 0 else []
            try:
                published = await self._publish(incarnation, missing, [*puts, *also, *first], conditions, label)
            except PreconditionFailedError:
                if (await self._look()) == incarnation:
                    raise
                continue
            if first:
                self._incarnation = Incarnation(published.revision, 1, 0)
            self._there.update(pieces.texts)
            for digest, text in pieces.texts.items():
                self._keep(digest, text)
            return len(pieces.texts)
        raise ContendedError(f"others swept what lies below {self._pieces} {ATTEMPTS_MAX} times in a row: try again")

    async def _publish(
        self,
        incarnation: Incarnation,
        missing: Sequence[tuple[str, str]],
        last: Sequence[operation.Operation],
        conditions: Sequence[precondition.Precondition],
        label: str,
    ) -> Published:
        part: list[operation.Operation] = []
        size = 0
        for digest, text in missing:
            size += len(text.encode())
            if part and (size > DIFF_BYTES_MAX or len(part) + len(last) >= OPERATIONS_PER_DIFF):
                await self._verbs.publish(part, label=label)
                part, size = [], len(text.encode())
            part.append(operation.put(f"{self._pieces}/{digest}", Json(text)))
        unswept = incarnation.unchanged(self._swept)
        return await self._verbs.publish([*part, *last], preconditions=[unswept, *conditions], label=label)

    async def _look(self) -> Incarnation:
        """The incarnation as it is; what was known under another one is forgotten."""
        node = await self._verbs.find(self._swept)
        found = Incarnation(0, 0, 0)
        if node is not None:
            count = node.value if isinstance(node.value, int) else 0
            found = Incarnation(0 if self._verbs.is_ghost else node.modified_revision, node.version, count)
        if found != self._incarnation:
            self._there.clear()
            self._incarnation = found
        return found

    async def values(self, nodes: Sequence[Node]) -> list[Any]:
        """The values that nodes hold, which were read before, all at one revision: whoever deletes them meanwhile, it
        is those of that revision. Raises `MissingPieceError` and `RevisionError`: see `steady`."""
        reduced = [json.loads(node.json_text or "null") for node in nodes]
        pieces = await self._closure(reduced, self.revision_of(nodes))
        return [joined(each, pieces) for each in reduced]

    def revision_of(self, nodes: Sequence[Node]) -> int:
        """To read more at the revision of nodes that were read; 0: as it is, since a ghost has no revisions."""
        return nodes[0].revision if nodes and not self._verbs.is_ghost else 0

    async def _closure(self, reduced: Iterable[Any], revision: int) -> dict[str, str]:
        """All pieces that values name, level by level."""
        found: dict[str, str] = {}
        level = {named for each in reduced for named in named_in(each)}
        seen = set(level)
        while level:
            await self._fetch({digest for digest, _ in level} - found.keys(), found, revision)
            further = {named for digest, holds in level for named in named_by(found[digest], holds)}
            level = further - seen
            seen |= level
        return found

    async def _fetch(self, digests: Iterable[str], found: dict[str, str], revision: int) -> None:
        absent: list[str] = []
        for digest in digests:
            text = self._cache.get(digest)
            if text is None:
                absent.append(digest)
            else:
                self._cache.move_to_end(digest)
                found[digest] = text
        prefix = f"{self._pieces}/"
        for node in await read_nodes(self._verbs, [prefix + digest for digest in sorted(absent)], revision):
            digest, text = node.path[len(prefix) :], node.json_text
            if text is not None:
                found[digest] = text
                self._keep(digest, text)
        for digest in absent:
            if digest not in found:
                raise MissingPieceError(f"{prefix}{digest} is not there, although a value names it", reason="")

    def _keep(self, digest: str, text: str) -> None:
        if self._verbs.is_ghost:
            return
        if digest in self._cache:
            self._cache.move_to_end(digest)
            return
        self._cache[digest] = text
        self._cached_bytes += len(text)
        while self._cached_bytes > CACHE_BYTES_MAX and len(self._cache) > 1:
            self._cached_bytes -= len(self._cache.popitem(last=False)[1])

    async def sweep(self, records: str, gone: Sequence[str], also: Sequence[operation.Operation] = ()) -> bool:
        """Deletes the values at the paths `gone`, and all pieces that no other one directly below `records` names.

        False: others came between, and nothing was done. `also` belongs to the same diff.
        """
        incarnation = await self._look()
        kept = await read_below(self._verbs, records)
        if not kept:
            return False
        revision = self.revision_of(kept)
        reduced = [json.loads(node.json_text) for node in kept if node.path not in gone and node.json_text is not None]
        try:
            used = await self._closure(reduced, revision)
            stored = await read_below(self._verbs, self._pieces, at_revision=revision, keys_only=True)
        except RevisionError:
            return False
        unused = [node.path for node in stored if node.path[len(self._pieces) + 1 :] not in used]
        swept = operation.put(self._swept, Json(str(incarnation.count + 1)))
        conditions = [incarnation.unchanged(self._swept)]
        if revision > 0:
            conditions.append(precondition.subtree_unchanged_since(records, revision))
        deletes = [*map(operation.delete, gone), *also, swept]
        try:
            await self._verbs.publish(
                [*deletes, *map(operation.delete, unused[: OPERATIONS_PER_DIFF - len(deletes)])],
                preconditions=conditions,
                label="delete",
            )
        except PreconditionFailedError:
            return False
        await self._look()
        return True


async def steady(read: Callable[[], Awaitable[Result]]) -> Result:
    """Reads nodes and then their values, and both again where what was seen first is not to be had any more."""
    for _ in range(READS_MAX - 1):
        try:
            return await read()
        except (MissingPieceError, RevisionError):
            continue
    return await read()


def _fitting(name: str, text: str) -> str:
    size = len(text.encode()) if len(text) > PIECE_BYTES_MAX // 4 else 0
    if size > PIECE_BYTES_MAX:
        raise ValueTooLargeError(f"a part of it takes {size:,} bytes of JSON, and {PIECE_BYTES_MAX:,} are the most")
    return text
