"""What a store does with nodes, as coroutines of the client's loop. Texts are embedded before, by the caller."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from langgraph.store.base import GetOp, Item, ListNamespacesOp, PutOp, SearchItem, SearchOp

from hyperloom import operation
from hyperloom._client import Client
from hyperloom._errors import NotFoundError, PreconditionFailedError
from hyperloom._node import Node
from hyperloom._values import Json
from hyperloom.langgraph._errors import TooLargeError
from hyperloom.langgraph._knowledge import named
from hyperloom.langgraph._matching import choose_namespaces, fits, similarity
from hyperloom.langgraph._places import Place, StoredItem, path_of, vectors_json, vectors_of
from hyperloom.operation import Operation
from hyperloom.precondition import Precondition, modified_revision

ITEM_BYTES_MAX: Final = 2 * 1024 * 1024
"""A node takes so much."""

PUTS_PER_DIFF: Final = 400
"""With a precondition each, of which a diff takes 1,000."""

PUT_BYTES_PER_DIFF: Final = 4 * 1024 * 1024

ATTEMPTS_MAX: Final = 64
"""Of puts to items that others change all the time."""

Vectors = Mapping[str, Sequence[float]]
"""By the path of the field that they were made of."""


@dataclass(frozen=True, slots=True)
class Found:
    """An item that a search looks at."""

    place: Place
    item: StoredItem
    node: Node
    vectors: list[tuple[float, ...]] = field(default_factory=list)


class StoreCore:
    """The work of one store."""

    def __init__(self, client: Client, root: str, clock: Callable[[], datetime], omits_expired: bool) -> None:
        self._client = client
        self._root = root
        self._vectors = f"{root}.vectors"
        self._clock = clock
        self._omits_expired = omits_expired

    async def get(self, ops: Sequence[tuple[GetOp, bool]]) -> list[Item | None]:
        """Items, in one call. With each, whether its time to live begins anew."""
        places = [Place(tuple(op.namespace), op.key) for op, _ in ops]
        paths = [place.below(self._root) for place in places]
        nodes = await self._nodes(paths)
        now = self._clock()
        items: list[Item | None] = []
        touched: dict[str, tuple[Node, StoredItem]] = {}
        for (_, refresh), place, path in zip(ops, places, paths, strict=True):
            node = nodes.get(path)
            stored = item_of(node)
            if stored is None or node is None or self._is_hidden(stored, now):
                items.append(None)
                continue
            items.append(stored.item(place))
            if refresh and stored.ttl is not None:
                touched[path] = (node, stored)
        await self._touch(touched, now)
        return items

    def _is_hidden(self, stored: StoredItem, now: datetime) -> bool:
        return self._omits_expired and stored.is_over(now)

    async def _nodes(self, paths: Sequence[str]) -> dict[str, Node]:
        wanted = list(dict.fromkeys(paths))
        # An answer takes 65 MiB, and an item up to 2.
        calls = [
            self._client.batch_get(wanted[at : at + 30], consistency="linearizable") for at in range(0, len(wanted), 30)
        ]
        return {node.path: node for answer in await asyncio.gather(*calls) for node in answer}

    async def _touch(self, touched: Mapping[str, tuple[Node, StoredItem]], now: datetime) -> None:
        """Begins times to live anew. Who changes an item meanwhile does so himself."""
        for path, (node, stored) in touched.items():
            place = Place.of(path[len(self._root) :])
            put = operation.put(path, Json(stored.read(now).json(place)))
            try:
                await self._client.publish([put], preconditions=[modified_revision(path, node.modified_revision)])
            except PreconditionFailedError:
                continue

    async def put(self, ops: Sequence[PutOp], vectors: Sequence[Vectors]) -> None:
        """Puts and deletes items with their vectors, all in one revision where they fit into a diff."""
        last = {Place(tuple(op.namespace), op.key): (op, found) for op, found in zip(ops, vectors, strict=True)}
        waiting = [(place, place.below(self._root), op, found) for place, (op, found) in last.items()]
        while waiting:
            part: list[tuple[Place, str, PutOp, Vectors]] = []
            size = 0
            while waiting and len(part) < PUTS_PER_DIFF and (not part or size < PUT_BYTES_PER_DIFF):
                part.append(waiting.pop(0))
                size += _size(part[-1][2])
            await self._put_part(part)

    async def _put_part(self, part: Sequence[tuple[Place, str, PutOp, Vectors]]) -> None:
        for _ in range(ATTEMPTS_MAX):
            nodes = await self._nodes([path for _, path, op, _ in part if op.value is not None])
            now = self._clock()
            operations: list[Operation] = []
            conditions: list[Precondition] = []
            for place, path, op, vectors in part:
                vectors_path = place.below(self._vectors)
                if op.value is None:
                    operations += [operation.delete(path, "node"), operation.delete(vectors_path, "node")]
                    continue
                node = nodes.get(path)
                before = item_of(node)
                if before is not None and before.is_over(now):
                    before = None
                operations.append(operation.put(path, Json(_json(place, op, before, now))))
                conditions.append(modified_revision(path, node.modified_revision if named(node) and node else 0))
                if vectors:
                    operations.append(operation.put(vectors_path, Json(vectors_json(vectors))))
                else:
                    operations.append(operation.delete(vectors_path, "node"))
            try:
                await self._client.publish(operations, preconditions=conditions)
                return
            except PreconditionFailedError:
                # Somebody else has put one of them: it keeps the time at which that was made.
                continue
        raise TimeoutError(
            f"others changed {part[0][1]} or what is put with it {ATTEMPTS_MAX} times in a row; try again"
        )

    async def search(self, op: SearchOp, query: Sequence[float] | None, refresh: bool) -> list[SearchItem]:
        """Items below a namespace that pass a filter: by likeness to a query, or in the order of their paths."""
        now = self._clock()
        found = [
            each for each in await self._below(tuple(op.namespace_prefix), now) if fits(each.item.value, op.filter)
        ]
        scored: list[tuple[float | None, Found]]
        if query is None:
            scored = [(None, each) for each in found]
        else:
            vectors = await self._vectors_below(tuple(op.namespace_prefix))
            scored = _ranked(found, vectors, query)
        page = scored[op.offset : op.offset + op.limit]
        if refresh:
            wanted = (each for _, each in page if each.item.ttl is not None)
            await self._touch({each.node.path: (each.node, each.item) for each in wanted}, now)
        return [each.item.found(each.place, score) for score, each in page]

    async def _below(self, namespace: tuple[str, ...], now: datetime) -> list[Found]:
        found: list[Found] = []
        for node in await self._list(f"{self._root}{path_of(namespace)}"):
            stored = item_of(node)
            if stored is not None and not self._is_hidden(stored, now):
                found.append(Found(Place.of(node.path[len(self._root) :]), stored, node))
        return found

    async def _vectors_below(self, namespace: tuple[str, ...]) -> dict[Place, list[tuple[float, ...]]]:
        nodes = await self._list(f"{self._vectors}{path_of(namespace)}")
        return {Place.of(node.path[len(self._vectors) :]): vectors_of(node.value) for node in nodes}

    async def _list(self, path: str) -> list[Node]:
        try:
            below = self._client.list(path, depth=0, consistency="linearizable")
            return [node async for node in below if named(node)]
        except NotFoundError:
            return []

    async def namespaces(self, op: ListNamespacesOp) -> list[tuple[str, ...]]:
        """Namespaces that hold items."""
        prefix = _literal_prefix(op)
        found = await self._below(prefix, self._clock())
        return choose_namespaces({each.place.namespace for each in found if each.place.namespace}, op)

    async def sweep(self) -> int:
        """Deletes what has expired; how many that were. What is read or put meanwhile stays."""
        now = self._clock()
        count = 0
        for node in await self._list(self._root):
            stored = item_of(node)
            if stored is None or not stored.is_over(now):
                continue
            vectors_path = Place.of(node.path[len(self._root) :]).below(self._vectors)
            deletes = [operation.delete(node.path, "node"), operation.delete(vectors_path, "node")]
            condition = modified_revision(node.path, node.modified_revision)
            try:
                await self._client.publish(deletes, preconditions=[condition], label="expired")
                count += 1
            except PreconditionFailedError:
                continue
        return count


def item_of(node: Node | None) -> StoredItem | None:
    """The item of a node; `None` where something else lies there."""
    if node is None or not named(node) or not isinstance(node.value, dict):
        return None
    return StoredItem.of(node.value) if {"value", "created", "updated"} <= node.value.keys() else None


def _size(op: PutOp) -> int:
    return len(str(op.value))


def _json(place: Place, op: PutOp, before: StoredItem | None, now: datetime) -> str:
    text = StoredItem.new(dict(op.value or {}), before, op.ttl, now).json(place)
    size = len(text.encode())
    if size > ITEM_BYTES_MAX:
        what = f"item {place.key!r} in namespace {place.namespace!r}"
        raise TooLargeError(f"{what} takes {size:,} bytes of JSON, and a node takes {ITEM_BYTES_MAX:,}: split it up")
    return text


def _ranked(
    found: Sequence[Found], vectors: Mapping[Place, list[tuple[float, ...]]], query: Sequence[float]
) -> list[tuple[float | None, Found]]:
    """By the best of each item's vectors; those without any come last."""
    scores = {
        each.place: max(similarity(query, vector) for vector in vectors[each.place])
        for each in found
        if vectors.get(each.place)
    }
    ranked = sorted((each for each in found if each.place in scores), key=lambda each: -scores[each.place])
    rest = [each for each in found if each.place not in scores]
    return [(scores.get(each.place), each) for each in (*ranked, *rest)]


def _literal_prefix(op: ListNamespacesOp) -> tuple[str, ...]:
    """What all that match begin with, so that nothing else is read."""
    for condition in op.match_conditions or ():
        if condition.match_type == "prefix":
            path: list[Any] = list(condition.path)
            return tuple(path[: path.index("*")] if "*" in path else path)
    return ()
