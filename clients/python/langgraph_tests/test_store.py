"""Goal: the store is one as LangGraph means it.

Method: the same random operations, from seeds, on it and on LangGraph's own store in memory; then what that one cannot:
times to live, other processes, names of any kind, writers at once, bad input.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, timezone
from itertools import count
from typing import Any

import pytest
from langgraph.store.base import GetOp, IndexConfig, InvalidNamespaceError, ListNamespacesOp, PutOp, SearchOp
from langgraph.store.memory import InMemoryStore

from hyperloom.langgraph import HyperloomStore, InvalidIdError, NotStorableError, TooLargeError
from tests.support import BrokerProcess

_numbers = count(1)
NAMES = ["a", "b", "a/b c", "ü%2F*", "..", " "]


def embed(texts: Sequence[str]) -> list[list[float]]:
    """How often three letters occur."""
    return [[float(text.count(letter)) + 0.1 for letter in "abc"] for text in texts]


INDEX: IndexConfig = {"dims": 3, "embed": embed}


@pytest.fixture
def store(broker: BrokerProcess) -> Iterator[HyperloomStore]:
    with HyperloomStore(broker.address, root=f"/store_{next(_numbers)}", index=INDEX) as made:
        yield made


def _namespace(chance: random.Random) -> tuple[str, ...]:
    # LangGraph takes no dots in namespaces, but for tuples that come by batch.
    return tuple(chance.choice(NAMES) for _ in range(chance.randint(1, 3)))


def _operation(chance: random.Random) -> Any:
    namespace, key = _namespace(chance), chance.choice(NAMES)
    kind = chance.randrange(8)
    if kind < 4:
        value: dict[str, Any] = {"text": "".join(chance.choices("abc", k=6)), "size": chance.randint(0, 3)}
        return PutOp(
            namespace, key, value | {"tags": {"kind": chance.choice("xy")}}, index=chance.choice([None, ["text"]])
        )
    if kind == 4:
        return PutOp(namespace, key, None)
    if kind == 5:
        return GetOp(namespace, key)
    if kind == 6:
        wanted = chance.choice(
            [None, {"size": {"$gte": 2}}, {"tags": {"kind": "x"}}, {"size": 1, "text": {"$ne": "a"}}]
        )
        return SearchOp(namespace[: chance.randint(0, 2)], filter=wanted, limit=100)
    return ListNamespacesOp(max_depth=chance.choice([None, 1, 2]), limit=100)


def _plain(result: Any) -> Any:
    """Without times, and searches in one order: that of the other store is that of insertion."""
    if isinstance(result, list):
        return sorted((_plain(each) for each in result), key=str)
    if hasattr(result, "value"):
        return (result.namespace, result.key, result.value)
    return result


@pytest.mark.parametrize("seed", range(6))
def test_it_answers_as_the_store_in_memory_does(store: HyperloomStore, seed: int) -> None:
    chance = random.Random(seed)
    model = InMemoryStore(index=INDEX)
    for _ in range(12):
        ops = [_operation(chance) for _ in range(chance.randint(1, 8))]
        expected = model.batch(ops)
        # An empty namespace stays in memory.
        for found, wanted, op in zip(store.batch(ops), expected, ops, strict=True):
            if isinstance(op, ListNamespacesOp):
                assert set(_plain(found)) <= set(_plain(wanted)), f"seed {seed}"
            else:
                assert _plain(found) == _plain(wanted), f"seed {seed}: {op}"
    for query in ("aaa", "abc"):
        ours = store.search((), query=query, limit=5)
        theirs = model.search((), query=query, limit=5)
        assert [each.score for each in ours] == pytest.approx([each.score for each in theirs], abs=1e-6)


async def test_blocking_and_asyncio_callers_see_the_same(store: HyperloomStore) -> None:
    await store.aput(("users", "7"), "likes", {"text": "window seats"})
    item = await asyncio.to_thread(store.get, ("users", "7"), "likes")
    assert item is not None and item.value == {"text": "window seats"}
    assert await store.asearch(("users",), query="window", limit=1)
    assert await store.alist_namespaces(prefix=("users",)) == [("users", "7")]
    await store.adelete(("users", "7"), "likes")
    assert await store.aget(("users", "7"), "likes") is None
    assert await store.asearch(("users",), query="window") == []


def test_an_item_keeps_the_time_at_which_it_was_made(store: HyperloomStore, broker: BrokerProcess) -> None:
    store.put(("a",), "k", {"n": 1})
    first = store.get(("a",), "k")
    with HyperloomStore(broker.address, root=store.root) as other:
        other.put(("a",), "k", {"n": 2})
    second = store.get(("a",), "k")
    assert first is not None and second is not None
    assert second.value == {"n": 2} and second.created_at == first.created_at
    assert second.updated_at >= first.updated_at and second.updated_at.tzinfo is timezone.utc


async def test_of_many_writers_at_once_none_fails(store: HyperloomStore) -> None:
    await asyncio.gather(*(store.aput(("a",), "k", {"n": at}) for at in range(10)))
    item = await store.aget(("a",), "k")
    assert item is not None and item.value["n"] in range(10)


class Clock:
    """The time of a store's core, driven by the test."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, tzinfo=timezone.utc)

    def __call__(self) -> datetime:
        return self.now

    def pass_minutes(self, minutes: float) -> None:
        self.now += timedelta(minutes=minutes)


def test_items_live_as_long_as_they_are_read(broker: BrokerProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr("hyperloom.langgraph._store._now", clock)
    root = f"/store_{next(_numbers)}"
    with HyperloomStore(broker.address, root=root, ttl={"default_ttl": 10, "refresh_on_read": True}) as store:
        store.put(("a",), "read", {"n": 1})
        store.put(("a",), "looked at", {"n": 2})
        store.put(("a",), "for ever", {"n": 3}, ttl=None)
        clock.pass_minutes(6)
        assert store.get(("a",), "read") is not None
        assert store.get(("a",), "looked at", refresh_ttl=False) is not None
        clock.pass_minutes(6)
        assert store.get(("a",), "looked at") is None
        assert {item.key for item in store.search(("a",))} == {"read", "for ever"}
        clock.pass_minutes(11)
        assert store.sweep() == 2
        assert store.sweep() == 0
        assert [item.key for item in store.search(("a",))] == ["for ever"]


def test_bad_input_is_refused_with_what_to_do(store: HyperloomStore) -> None:
    with pytest.raises(NotStorableError, match="plain JSON"):
        store.put(("a",), "k", {"when": datetime.now(timezone.utc)})
    with pytest.raises(TooLargeError, match="split it up"):
        store.put(("a",), "k", {"text": "x" * 3_000_000}, index=False)
    with pytest.raises(InvalidIdError, match="shorter"):
        store.put(("a",), "k" * 300, {"n": 1})
    with pytest.raises(InvalidIdError, match="surrogate"):
        store.put(("a\ud800",), "k", {"n": 1})
    with pytest.raises(InvalidNamespaceError):
        store.put((), "k", {"n": 1})
    with pytest.raises(ValueError, match="\\$gte"):
        store.batch([PutOp(("a",), "n", {"n": 1}), SearchOp(("a",), filter={"n": {"$like": 1}})])
        store.search(("a",), filter={"n": {"$like": 1}})
    with pytest.raises(ValueError, match="path"):
        HyperloomStore(store.client, root="store")


def test_what_others_keep_below_the_root_is_no_item(store: HyperloomStore) -> None:
    store.client.put(f"{store.root}/a/foreign", {"some": "thing"})
    store.client.put(f"{store.root}/a/text", "not JSON")
    store.put(("a",), "ours", {"n": 1})
    assert [item.key for item in store.search(("a",))] == ["ours"]
    assert store.get(("a",), "foreign") is None
