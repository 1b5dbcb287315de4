"""What a memory does with nodes, as coroutines of the client's loop."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crewai.memory.storage.backend import EmbeddingDimensionMismatchError
from crewai.memory.types import MemoryRecord, ScopeInfo

from hyperloom import operation
from hyperloom._adapters.names import name_of
from hyperloom._adapters.reading import read_below, read_nodes
from hyperloom._adapters.shelf import Shelf
from hyperloom._verbs import Verbs
from hyperloom.crewai._places import Places, scope_of, scope_place
from hyperloom.crewai._ranking import Distance, Ranking
from hyperloom.crewai._records import StoredRecord, aware, stored_record, stored_vector, vector_of
from hyperloom.crewai._writer import Writer


@dataclass(frozen=True, slots=True)
class Criteria:
    """Which records are meant: those to which all of it applies."""

    scope: str | None = None
    categories: Collection[str] | None = None
    record_ids: Collection[str] | None = None
    older_than: datetime | None = None
    metadata: Mapping[str, Any] | None = None

    def fit(self, stored: StoredRecord) -> bool:
        """Whether a record of the scope and of these ids is one of them."""
        if self.older_than is not None and stored.moment >= aware(self.older_than):
            return False
        return stored.passes(self.categories, self.metadata)


class MemoryCore:
    """The work of one memory."""

    def __init__(self, verbs: Verbs, places: Places, distance: Distance) -> None:
        self._verbs = verbs
        self._places = places
        self._records = Shelf(verbs, stored_record)
        self._vectors = Shelf(verbs, stored_vector)
        self._ranking = Ranking(distance)
        self._writer = Writer(verbs, places)

    async def save(self, records: Sequence[MemoryRecord]) -> None:
        """Puts records; one whose id is there already takes its place."""
        await self._writer.save(records)

    async def search(
        self, query_embedding: Sequence[float], criteria: Criteria, limit: int, min_score: float
    ) -> list[tuple[MemoryRecord, float]]:
        """The most alike first. What has no embedding comes last, with a score of 0."""
        query = vector_of("of the query", query_embedding)
        place = scope_place(criteria.scope)
        dimensions, records, vectors = await asyncio.gather(
            self._writer.dimensions(),
            self._records.below(self._places.record(place)),
            self._vectors.below(self._places.vector(place)),
        )
        if query is None or limit <= 0:
            return []
        if dimensions and query.size != dimensions:
            raise EmbeddingDimensionMismatchError(dimensions, query.size)
        scores = self._ranking.scores(query, vectors, query.size)
        found: list[tuple[float, str, StoredRecord]] = []
        for path, stored in records.entries.items():
            if stored.passes(criteria.categories, criteria.metadata):
                vector_path = self._places.vector(path[len(self._places.records) :])
                score = scores.get(vector_path, 0.0)
                if score >= min_score:
                    found.append((score, vector_path, stored))
        found.sort(key=lambda each: -each[0])
        return [(stored.record(vectors.entries.get(path)), score) for score, path, stored in found[:limit]]

    async def delete(self, criteria: Criteria) -> int:
        """Deletes records; how many that were."""
        if criteria.record_ids is None:
            found = (await self._records.below(self._places.record(scope_place(criteria.scope)))).entries
        else:
            found = await self._by_ids(criteria.record_ids, criteria.scope)
        chosen = [path[len(self._places.records) :] for path, stored in found.items() if criteria.fit(stored)]
        return await self._writer.delete(chosen)

    async def _by_ids(self, record_ids: Collection[str], scope: str | None) -> dict[str, StoredRecord]:
        seen = await self._writer.seen(list(record_ids))
        within = f"{scope_place(scope)}/"
        paths = [self._places.record(each.place) for each in seen.values() if each.place.startswith(within)]
        nodes = await read_nodes(self._verbs, paths)
        return {node.path: stored for node in nodes if (stored := stored_record(node)) is not None}

    async def update(self, record: MemoryRecord) -> None:
        """Puts a record in the place of the one with its id."""
        await self._writer.save([record], is_new=False)

    async def get(self, record_id: str) -> MemoryRecord | None:
        """A record by its id."""
        seen = (await self._writer.seen([record_id])).get(record_id)
        if seen is None:
            return None
        found = await self._loaded([seen.place])
        return found[0] if found else None

    async def _loaded(self, places: Sequence[str]) -> list[MemoryRecord]:
        """Records with their embeddings, in the order of their places."""
        paths = [path for place in places for path in (self._places.record(place), self._places.vector(place))]
        nodes = {node.path: node for node in await read_nodes(self._verbs, paths)}
        records: list[MemoryRecord] = []
        for place in places:
            node, vector = nodes.get(self._places.record(place)), nodes.get(self._places.vector(place))
            stored = None if node is None else stored_record(node)
            if stored is not None:
                records.append(stored.record(None if vector is None else stored_vector(vector)))
        return records

    async def newest(self, scope: str | None, limit: int, offset: int) -> list[MemoryRecord]:
        """Records of a scope, newest first."""
        entries = (await self._records.below(self._places.record(scope_place(scope)))).entries
        newest = sorted(entries, key=lambda path: entries[path].moment, reverse=True)
        page = newest[max(0, offset) : max(0, offset) + max(0, limit)]
        return await self._loaded([path[len(self._places.records) :] for path in page])

    async def scope_info(self, scope: str) -> ScopeInfo:
        """What a scope holds, with all below it."""
        place = scope_place(scope)
        entries = (await self._records.below(self._places.record(place))).entries
        start = len(self._places.record(place))
        below = {path[start:].split("/")[1] for path in entries if path.count("/", start) > 1}
        times = sorted((stored.created_at for stored in entries.values()), key=aware)
        return ScopeInfo(
            path=scope_of(place),
            record_count=len(entries),
            categories=sorted({category for stored in entries.values() for category in stored.categories}),
            oldest_record=times[0] if times else None,
            newest_record=times[-1] if times else None,
            child_scopes=sorted(scope_of(f"{place}/{segment}") for segment in below),
        )

    async def scopes(self, parent: str) -> list[str]:
        """The scopes right below one."""
        place = scope_place(parent)
        children = await read_below(self._verbs, self._places.record(place), keys_only=True)
        prefix = scope_of(place).rstrip("/")
        return sorted(f"{prefix}/{name_of(_last(node.path))}" for node in children if node.child_count > 0)

    async def categories(self, scope: str | None) -> dict[str, int]:
        """How many records each category has."""
        entries = (await self._records.below(self._places.record(scope_place(scope)))).entries
        counts: dict[str, int] = {}
        for stored in entries.values():
            for category in stored.categories:
                counts[category] = counts.get(category, 0) + 1
        return counts

    async def count(self, scope: str | None) -> int:
        """How many records a scope has, with all below it."""
        path = self._places.record(scope_place(scope))
        nodes = await read_below(self._verbs, path, depth=0, keys_only=True)
        return sum(node.version > 0 for node in nodes)

    async def reset(self, scope: str | None) -> None:
        """Deletes all records of a scope; of the whole memory also what embeddings it takes."""
        if scope_place(scope) == "":
            self._writer.forget()
            await self._verbs.publish([operation.delete(self._places.base)], label="reset memory")
            return
        await self.delete(Criteria(scope=scope))

    async def touch(self, record_ids: Sequence[str], now: datetime) -> None:
        """Notes that records were recalled."""
        await self._writer.touch(record_ids, now)


def _last(path: str) -> str:
    return path[path.rfind("/") + 1 :]
