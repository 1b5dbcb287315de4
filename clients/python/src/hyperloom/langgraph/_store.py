"""The store: memory across threads."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime, timezone
from types import TracebackType
from typing import Any

from langchain_core.embeddings import Embeddings
from langgraph.store.base import (
    BaseStore,
    GetOp,
    IndexConfig,
    ListNamespacesOp,
    Op,
    PutOp,
    Result,
    SearchOp,
    TTLConfig,
    ensure_embeddings,
    get_text_at_path,
    tokenize_path,
)

import hyperloom.sync
from hyperloom.langgraph._bridge import Bridge
from hyperloom.langgraph._places import not_plain
from hyperloom.langgraph._saver import root_of
from hyperloom.langgraph._store_core import StoreCore, Vectors


class HyperloomStore(BaseStore):
    """Keeps items of graphs in a Hyperloom broker, and shares them with graphs in JavaScript.

    ```python
    with HyperloomStore("127.0.0.1:7400", index={"dims": 3, "embed": embed}) as store:
        store.put(("users", "7"), "likes", {"text": "window seats"})
        store.search(("users",), query="where to sit")
    ```

    An item is the node `{root}/{namespace…}/{key}`. Outcomes are durable when they are told. Expired items are not told
    any more; `sweep` deletes them.
    """

    supports_ttl = True

    __slots__ = ("_bridge", "_core", "_fields", "embeddings", "index_config", "root", "ttl_config")

    def __init__(
        self,
        broker: hyperloom.sync.Client | str | Sequence[str] | None = None,
        *,
        root: str = "/store",
        author: str = "langgraph",
        index: IndexConfig | None = None,
        ttl: TTLConfig | None = None,
    ) -> None:
        """`broker`: as for `HyperloomSaver`. `root`: the path that items lie below. `index`: how texts are embedded,
        for searches by likeness; without it a query is not looked at. `ttl`: minutes that items live after they were
        last read or put, where nobody says otherwise, and whether reading counts.
        """
        super().__init__()
        self._bridge = Bridge(broker, author)
        self.root = root_of(root)
        if not self.root:
            raise ValueError("root must be a path such as '/store'")
        self.ttl_config = ttl
        omits_expired = True if ttl is None else ttl.get("omit_expired", True)
        self._core = StoreCore(self._bridge.client, self.root, _now, omits_expired)
        self.index_config = index
        self.embeddings: Embeddings | None = None if index is None else ensure_embeddings(index["embed"])
        self._fields = [] if index is None else _fields_of(index.get("fields") or ["$"])

    @property
    def client(self) -> hyperloom.sync.Client:
        """The client that it works with."""
        return self._bridge.blocking

    def close(self) -> None:
        """Closes the connection, where the store opened it."""
        self._bridge.close()

    def __enter__(self) -> HyperloomStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def __aenter__(self) -> HyperloomStore:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.close)

    def batch(self, ops: Iterable[Op]) -> list[Result]:
        """Does several things: what is read is read first, then all is put, in one revision."""
        wanted = list(ops)
        texts, queries = self._texts(wanted)
        embedded: list[list[float]] = []
        if self.embeddings is not None:
            embedded = self.embeddings.embed_documents(texts) if texts else []
            queries = {query: self.embeddings.embed_query(query) for query in queries}
        return self._bridge.run(self._work(wanted, dict(zip(texts, embedded, strict=True)), queries))

    async def abatch(self, ops: Iterable[Op]) -> list[Result]:
        """Does several things: what is read is read first, then all is put, in one revision."""
        wanted = list(ops)
        texts, queries = self._texts(wanted)
        embedded: list[list[float]] = []
        if self.embeddings is not None:
            embedded = await self.embeddings.aembed_documents(texts) if texts else []
            queries = {query: await self.embeddings.aembed_query(query) for query in queries}
        return await self._bridge.wait(self._work(wanted, dict(zip(texts, embedded, strict=True)), queries))

    def sweep(self) -> int:
        """Deletes the items that have expired, as `ttl` says; how many that were. Run it now and then, anywhere."""
        return self._bridge.run(self._core.sweep())

    async def asweep(self) -> int:
        """Deletes the items that have expired, as `ttl` says; how many that were. Run it now and then, anywhere."""
        return await self._bridge.wait(self._core.sweep())

    def _texts(self, ops: Sequence[Op]) -> tuple[list[str], dict[str, list[float]]]:
        """What is to be embedded: texts of items, and queries."""
        if self.embeddings is None:
            return [], {}
        texts: dict[str, None] = {}
        queries: dict[str, list[float]] = {}
        for op in ops:
            if isinstance(op, PutOp):
                texts.update(dict.fromkeys(text for _, text in self._texts_of(op)))
            elif isinstance(op, SearchOp) and op.query:
                queries[op.query] = []
        return list(texts), queries

    def _texts_of(self, op: PutOp) -> list[tuple[str, str]]:
        """The texts of an item that are embedded, with the paths of their fields."""
        if op.value is None or op.index is False:
            return []
        fields = self._fields if op.index is None else _fields_of(op.index)
        found: list[tuple[str, str]] = []
        for path, tokens in fields:
            try:
                texts = get_text_at_path(op.value, tokens)
            except (TypeError, ValueError) as error:
                raise not_plain(op.namespace, op.key, error) from error
            found += (
                [(path, texts[0])] if len(texts) == 1 else [(f"{path}.{at}", text) for at, text in enumerate(texts)]
            )
        return found

    async def _work(
        self, ops: Sequence[Op], embedded: dict[str, list[float]], queries: dict[str, list[float]]
    ) -> list[Result]:
        results: list[Result] = [None] * len(ops)
        gets: list[tuple[int, GetOp]] = []
        puts: list[PutOp] = []
        searches: list[tuple[int, Any]] = []
        for at, op in enumerate(ops):
            if isinstance(op, GetOp):
                gets.append((at, op))
            elif isinstance(op, PutOp):
                puts.append(op)
            elif isinstance(op, SearchOp):
                query = queries.get(op.query) if op.query else None
                searches.append((at, self._core.search(op, query, self._refreshes(op))))
            elif isinstance(op, ListNamespacesOp):
                searches.append((at, self._core.namespaces(op)))
            else:
                raise TypeError(f"a store knows GetOp, PutOp, SearchOp and ListNamespacesOp, not {type(op).__name__}")
        reading = [self._core.get([(op, self._refreshes(op)) for _, op in gets])] if gets else []
        found = await asyncio.gather(*reading, *(work for _, work in searches))
        if gets:
            items: Any = found[0]
            for (at, _), item in zip(gets, items, strict=True):
                results[at] = item
        for (at, _), result in zip(searches, found[len(reading) :], strict=True):
            results[at] = result
        if puts:
            await self._core.put(puts, [self._vectors_of(op, embedded) for op in puts])
        return results

    def _refreshes(self, op: GetOp | SearchOp) -> bool:
        return bool(op.refresh_ttl)

    def _vectors_of(self, op: PutOp, embedded: dict[str, list[float]]) -> Vectors:
        return {path: embedded[text] for path, text in self._texts_of(op)} if self.embeddings is not None else {}


def _fields_of(paths: Iterable[str]) -> list[tuple[str, Any]]:
    return [(path, path if path == "$" else tokenize_path(path)) for path in paths]


def _now() -> datetime:
    return datetime.now(timezone.utc)
