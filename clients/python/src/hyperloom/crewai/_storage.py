"""The storage of memory: what `Memory(storage=…)` takes."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from datetime import datetime, timezone
from types import TracebackType
from typing import Any, TypeVar

from crewai.memory.types import MemoryRecord, ScopeInfo

from hyperloom._verbs import Verbs
from hyperloom.crewai._core import Criteria, MemoryCore
from hyperloom.crewai._errors import telling
from hyperloom.crewai._places import Places
from hyperloom.crewai._ranking import Distance
from hyperloom.crewai._way import Broker, Way

Outcome = TypeVar("Outcome")


class HyperloomStorage:
    """Keeps the memory of crews, agents and flows in a Hyperloom broker: `Memory(storage=HyperloomStorage())`.

    `broker`: an address, or `None` for `HYPERLOOM_ADDRESS` or 127.0.0.1:7400: then the storage has a connection of its
    own, made when it is first needed. Or a client of `hyperloom.sync` (for TLS, tokens or another forest), or a ghost
    of it: then nothing is remembered before the ghost is committed.

    `root`: the path that the memory lies at; crews with the same one share what they remember. `author`: whose name is
    on what is written. `distance`: how likeness is scored, `l2` as CrewAI's default storage does (1 / (1 + d²)) or
    `cosine`.

    Serves any number of threads and event loops. Outcomes are durable when they are told. Raises
    `EmbeddingDimensionMismatchError` and other `ValueError`s for bad input, and `StorageError`s.
    """

    def __init__(
        self,
        broker: Broker = None,
        *,
        root: str = "/crewai/memory",
        author: str = "crewai",
        distance: Distance = "l2",
    ) -> None:
        with telling("open the memory"):
            places = Places(root)
        self.root = places.base
        """The path that the memory lies at."""

        def make(verbs: Verbs) -> MemoryCore:
            return MemoryCore(verbs, places, distance)

        self._way = Way(broker, author, make, "HyperloomStorage")

    def save(self, records: list[MemoryRecord]) -> None:
        """Stores records, all at once where a diff can hold them (900 of them, 8 MiB)."""
        if records:
            self._run("save memories", lambda core: core.save(records))

    def search(
        self,
        query_embedding: list[float],
        scope_prefix: str | None = None,
        categories: list[str] | None = None,
        metadata_filter: dict[str, Any] | None = None,
        limit: int = 10,
        min_score: float = 0.0,
    ) -> list[tuple[MemoryRecord, float]]:
        """The records of a scope, and of those below it, that are most like a query; filters come before `limit`."""
        criteria = Criteria(scope_prefix, categories, metadata=metadata_filter)
        return self._run("search memories", lambda core: core.search(query_embedding, criteria, limit, min_score))

    def delete(
        self,
        scope_prefix: str | None = None,
        categories: list[str] | None = None,
        record_ids: list[str] | None = None,
        older_than: datetime | None = None,
        metadata_filter: dict[str, Any] | None = None,
    ) -> int:
        """Deletes the records to which everything that is given applies; how many that were."""
        criteria = Criteria(scope_prefix, categories, record_ids, older_than, metadata_filter)
        return self._run("delete memories", lambda core: core.delete(criteria))

    def update(self, record: MemoryRecord) -> None:
        """Puts a record in the place of the one with its id, wherever that is."""
        self._run("update a memory", lambda core: core.update(record))

    def get_record(self, record_id: str) -> MemoryRecord | None:
        """A record by its id."""
        return self._run("read a memory", lambda core: core.get(record_id))

    def list_records(self, scope_prefix: str | None = None, limit: int = 200, offset: int = 0) -> list[MemoryRecord]:
        """The records of a scope and those below it, newest first."""
        return self._run("list memories", lambda core: core.newest(scope_prefix, limit, offset))

    def get_scope_info(self, scope: str) -> ScopeInfo:
        """What a scope holds, with all below it."""
        return self._run("read a scope", lambda core: core.scope_info(scope))

    def list_scopes(self, parent: str = "/") -> list[str]:
        """The scopes right below one, as whole paths."""
        return self._run("list scopes", lambda core: core.scopes(parent))

    def list_categories(self, scope_prefix: str | None = None) -> dict[str, int]:
        """The categories of a scope, and how many records each has."""
        return self._run("list categories", lambda core: core.categories(scope_prefix))

    def count(self, scope_prefix: str | None = None) -> int:
        """How many records a scope holds, with all below it."""
        return self._run("count memories", lambda core: core.count(scope_prefix))

    def reset(self, scope_prefix: str | None = None) -> None:
        """Deletes the memories of a scope; the whole memory may then take embeddings of other dimensions."""
        self._run("reset the memory", lambda core: core.reset(scope_prefix))

    def touch_records(self, record_ids: list[str]) -> None:
        """Says that records were recalled now; `Memory.recall` does."""
        now = datetime.now(timezone.utc).replace(tzinfo=None)  # Without a zone, as CrewAI writes times.
        if record_ids:
            self._run("touch memories", lambda core: core.touch(record_ids, now))

    async def asave(self, records: list[MemoryRecord]) -> None:
        """`save`, without blocking the event loop."""
        if records:
            await self._wait("save memories", lambda core: core.save(records))

    async def asearch(
        self,
        query_embedding: list[float],
        scope_prefix: str | None = None,
        categories: list[str] | None = None,
        metadata_filter: dict[str, Any] | None = None,
        limit: int = 10,
        min_score: float = 0.0,
    ) -> list[tuple[MemoryRecord, float]]:
        """`search`, without blocking the event loop."""
        criteria = Criteria(scope_prefix, categories, metadata=metadata_filter)
        return await self._wait(
            "search memories", lambda core: core.search(query_embedding, criteria, limit, min_score)
        )

    async def adelete(
        self,
        scope_prefix: str | None = None,
        categories: list[str] | None = None,
        record_ids: list[str] | None = None,
        older_than: datetime | None = None,
        metadata_filter: dict[str, Any] | None = None,
    ) -> int:
        """`delete`, without blocking the event loop."""
        criteria = Criteria(scope_prefix, categories, record_ids, older_than, metadata_filter)
        return await self._wait("delete memories", lambda core: core.delete(criteria))

    def close(self) -> None:
        """Closes the connection, where it is the storage's own; the next call opens another one."""
        self._way.close()

    def __enter__(self) -> HyperloomStorage:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __deepcopy__(self, memo: dict[int, Any]) -> HyperloomStorage:
        """Itself: crews that are copied share their memory."""
        return self

    def _run(self, what: str, work: Callable[[MemoryCore], Coroutine[Any, Any, Outcome]]) -> Outcome:
        with telling(what):
            return self._way.run(work)

    async def _wait(self, what: str, work: Callable[[MemoryCore], Coroutine[Any, Any, Outcome]]) -> Outcome:
        with telling(what):
            return await self._way.wait(work)
