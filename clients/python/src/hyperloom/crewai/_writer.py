"""How records are written, whoever else writes.

The node of a memory itself says how many numbers an embedding has, and every save goes by that. `ids/{id}` says where a
record is, and everything that moves or deletes one goes by that: so a record is in one place only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from crewai.memory.storage.backend import EmbeddingDimensionMismatchError
from crewai.memory.types import MemoryRecord

from hyperloom import operation, precondition
from hyperloom._adapters.document import ContendedError
from hyperloom._adapters.names import name_of
from hyperloom._adapters.reading import read_nodes
from hyperloom._errors import PreconditionFailedError
from hyperloom._node import Node
from hyperloom._values import Json
from hyperloom._verbs import Verbs
from hyperloom.crewai._places import Places, record_place
from hyperloom.crewai._records import Vector, record_text, vector_bytes, vector_of
from hyperloom.operation import Operation
from hyperloom.precondition import Precondition

RECORDS_PER_DIFF: Final = 900
"""A diff has 1,000 preconditions, and each record needs one."""

BYTES_PER_DIFF: Final = 8 * 1024 * 1024
"""A message may have 16 MiB."""

ATTEMPTS_MAX: Final = 100
"""Of each attempt but the last another writer was faster: so many in a row mean that something writes in a loop."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A record that is about to be put."""

    id: str
    place: str
    text: str
    vector: Vector | None

    @property
    def size(self) -> int:
        """About so many bytes."""
        return len(self.text.encode()) + (0 if self.vector is None else self.vector.size * 4)


@dataclass(frozen=True, slots=True)
class Seen:
    """Where a record is, and which state of the node of its id says so."""

    place: str
    revision: int
    """The trunk revision that made it; 0 in a ghost."""
    version: int

    def stays(self, path: str) -> Precondition:
        """Holds as long as nobody moves or deletes the record."""
        if self.revision > 0:
            return precondition.modified_revision(path, self.revision)
        return precondition.version(path, self.version)


class Writer:
    """Writes of one memory."""

    def __init__(self, verbs: Verbs, places: Places) -> None:
        self._verbs = verbs
        self._places = places
        # As they were last seen. Wrong knowledge costs one attempt.
        self._dimensions = 0
        self._about_version = 0

    def forget(self) -> None:
        """The memory is about to be emptied: embeddings may have another number of dimensions then."""
        self._dimensions = self._about_version = 0

    async def dimensions(self) -> int:
        """How many numbers an embedding has; 0 where none was saved yet."""
        node = await self._verbs.find(self._places.base)
        value = None if node is None else node.value
        found = value.get("dimensions") if isinstance(value, dict) else None
        self._dimensions = found if isinstance(found, int) else 0
        self._about_version = 0 if node is None else node.version
        return self._dimensions

    async def save(self, records: Sequence[MemoryRecord], is_new: bool = True) -> None:
        """Puts records, all in one revision where a diff can hold them. `is_new`: their ids are thought to be new."""
        drafts = {record.id: _draft(record) for record in records}
        sizes = {draft.vector.size for draft in drafts.values() if draft.vector is not None}
        if len(sizes) > 1:
            first, *others = dict.fromkeys(draft.vector.size for draft in drafts.values() if draft.vector is not None)
            raise EmbeddingDimensionMismatchError(first, others[0])
        for part in _parts(list(drafts.values())):
            await self._save(part, next(iter(sizes), 0), is_new)

    async def _save(self, drafts: Sequence[Draft], dimensions: int, is_new: bool) -> None:
        before: Mapping[str, Seen] | None = {} if is_new else None
        for _ in range(ATTEMPTS_MAX):
            if before is None:
                before = await self.seen([draft.id for draft in drafts])
                await self.dimensions()
            elif dimensions and self._dimensions not in (0, dimensions):
                # Others may have reset the memory.
                await self.dimensions()
            operations, conditions = self._about(dimensions)
            for draft in drafts:
                conditions.append(self._stays(draft.id, before.get(draft.id)))
                operations += self._puts(draft, before.get(draft.id))
            try:
                await self._verbs.publish(operations, preconditions=conditions, label="remember")
            except PreconditionFailedError:
                before = None
                continue
            self._dimensions = self._dimensions or dimensions
            return
        raise self._contended()

    def _about(self, dimensions: int) -> tuple[list[Operation], list[Precondition]]:
        """What a save says of the memory itself. Raises `EmbeddingDimensionMismatchError`."""
        if dimensions == 0:
            return [], []
        base = self._places.base
        if self._dimensions == 0:
            about = {"is": "memory", "dimensions": dimensions}
            return [operation.put(base, about)], [precondition.version(base, self._about_version)]
        if dimensions != self._dimensions:
            raise EmbeddingDimensionMismatchError(self._dimensions, dimensions)
        return [], [precondition.pointer(base, "/dimensions", equals=dimensions)]

    def _stays(self, record_id: str, seen: Seen | None) -> Precondition:
        """Holds as long as nobody moves a record, or makes one of that id."""
        path = self._places.id(record_id)
        return precondition.absent(path) if seen is None else seen.stays(path)

    def _puts(self, draft: Draft, seen: Seen | None) -> list[Operation]:
        places, before = self._places, None if seen is None else seen.place
        operations = [operation.put(places.record(draft.place), Json(draft.text))]
        if draft.vector is not None:
            operations.append(operation.put(places.vector(draft.place), vector_bytes(draft.vector)))
        elif before == draft.place:
            operations.append(operation.delete(places.vector(draft.place), "node"))
        if before != draft.place:
            operations.append(operation.put(places.id(draft.id), {"place": draft.place}))
            if before is not None:
                operations.append(operation.delete(places.record(before), "node"))
                operations.append(operation.delete(places.vector(before), "node"))
        return operations

    async def seen(self, record_ids: Sequence[str]) -> dict[str, Seen]:
        """Where records are, by their ids; those that do not exist are left out."""
        ids = {self._places.id(record_id): record_id for record_id in record_ids}
        nodes = await read_nodes(self._verbs, list(ids))
        return {ids[node.path]: seen for node in nodes if (seen := self._seen(node)) is not None}

    def _seen(self, node: Node) -> Seen | None:
        place = node.value.get("place") if isinstance(node.value, dict) else None
        if not isinstance(place, str):
            return None
        return Seen(place, 0 if self._verbs.is_ghost else node.modified_revision, node.version)

    async def delete(self, places: Sequence[str]) -> int:
        """Deletes records by where they are; how many were still there."""
        count = 0
        for at in range(0, len(places), RECORDS_PER_DIFF):
            count += await self._delete({_id_in(place): place for place in places[at : at + RECORDS_PER_DIFF]})
        return count

    async def _delete(self, places: Mapping[str, str]) -> int:
        for _ in range(ATTEMPTS_MAX):
            # Others may have deleted or moved some of them.
            found = {key: each for key, each in (await self.seen(list(places))).items() if each.place == places[key]}
            operations = [each for key, seen in found.items() for each in self._deletes(key, seen.place)]
            conditions = [self._stays(key, seen) for key, seen in found.items()]
            try:
                if operations:
                    await self._verbs.publish(operations, preconditions=conditions, label="forget")
                return len(found)
            except PreconditionFailedError:
                continue
        raise self._contended()

    def _deletes(self, record_id: str, place: str) -> list[Operation]:
        paths = (self._places.record(place), self._places.vector(place), self._places.id(record_id))
        return [operation.delete(path, "node") for path in paths]

    async def touch(self, record_ids: Sequence[str], now: datetime) -> None:
        """Says when records were recalled last, of those that are there."""
        for at in range(0, len(record_ids), RECORDS_PER_DIFF):
            await self._touch(list(record_ids[at : at + RECORDS_PER_DIFF]), {"last_accessed": now.isoformat()})

    async def _touch(self, record_ids: Sequence[str], patch: Mapping[str, str]) -> None:
        for _ in range(ATTEMPTS_MAX):
            found = await self.seen(record_ids)
            if not found:
                return
            operations = [operation.merge(self._places.record(seen.place), patch) for seen in found.values()]
            conditions = [self._stays(record_id, seen) for record_id, seen in found.items()]
            try:
                await self._verbs.publish(operations, preconditions=conditions, label="recall")
                return
            except PreconditionFailedError:
                continue
        raise self._contended()

    def _contended(self) -> ContendedError:
        return ContendedError(f"others wrote to {self._places.base} {ATTEMPTS_MAX} times before this could: try again")


def _draft(record: MemoryRecord) -> Draft:
    place = record_place(record.scope, record.id)
    return Draft(record.id, place, record_text(record), vector_of(record.id, record.embedding))


def _parts(drafts: Sequence[Draft]) -> Iterator[list[Draft]]:
    """Cut into what one diff can hold."""
    part: list[Draft] = []
    size = 0
    for draft in drafts:
        if part and (len(part) == RECORDS_PER_DIFF or size + draft.size > BYTES_PER_DIFF):
            yield part
            part, size = [], 0
        part.append(draft)
        size += draft.size
    if part:
        yield part


def _id_in(place: str) -> str:
    """The id of a record, which is the end of its place."""
    return name_of(place[place.rfind("/") + 1 :])
