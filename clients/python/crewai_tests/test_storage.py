"""Goal: a memory keeps its records, in the scope that they were put in, whoever writes at the same time.

Method: the storage's own methods against a real broker; several storages of one root are several processes.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

import pytest
from crewai.memory.storage.backend import EmbeddingDimensionMismatchError, StorageBackend

import hyperloom.sync
from crewai_tests.records import contents, day, found, record
from hyperloom.crewai import (
    HyperloomStorage,
)

StorageOf = Callable[..., HyperloomStorage]
QUERY = [1.0, 0.0, 0.0, 0.0]


def test_it_is_what_memory_takes(storage: HyperloomStorage) -> None:
    assert isinstance(storage, StorageBackend)


def test_a_record_comes_back_as_it_was(storage_of: StorageOf) -> None:
    saved = record(
        "We chose Postgres \u2028 ☃",
        "/project/decisions",
        [0.25, -0.5, 0.0, 1.0],
        categories=["decision", "ärger"],
        metadata={"by": "Ada", "votes": 12345678901234567890, "tags": ["a", None], "nested": {"x": 1e-300}},
        importance=0.7,
        source="user 1",
        private=True,
        created_at=datetime(2026, 1, 2, 3, 4, 5, 678901),
        last_accessed=datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=2))),
    )
    storage_of().save([saved])
    other = storage_of()
    assert other.get_record(saved.id) == saved
    assert other.list_records() == [saved]
    [(searched, score)] = other.search([0.25, -0.5, 0.0, 1.0])
    assert searched == saved
    assert score == 1.0


def test_an_empty_memory_answers_everything(storage: HyperloomStorage) -> None:
    storage.save([])
    storage.touch_records([])
    storage.touch_records(["nobody"])
    assert storage.search(QUERY) == []
    assert storage.get_record("nobody") is None
    assert storage.list_records() == []
    assert storage.list_scopes() == []
    assert storage.list_categories() == {}
    assert storage.count() == storage.count("/x") == storage.delete() == storage.delete(record_ids=["nobody"]) == 0
    info = storage.get_scope_info("/x/")
    assert (info.path, info.record_count, info.oldest_record, info.child_scopes) == ("/x", 0, None, [])
    storage.reset()
    storage.reset("/x")


def test_a_search_ranks_by_likeness_and_filters_before_it_counts(storage: HyperloomStorage) -> None:
    storage.save(
        [
            record("far", "/a", [0.0, 1.0, 0.0, 0.0], categories=["x"], metadata={"env": "prod"}),
            record("near", "/a", [0.9, 0.1, 0.0, 0.0], categories=["y"]),
            record("exact", "/a/b", [1.0, 0.0, 0.0, 0.0], categories=["x", "y"], metadata={"env": "dev"}),
            record("none", "/a", None, categories=["x"]),
            record("zeros", "/c", [0.0, 0.0, 0.0, 0.0]),
        ]
    )
    results = storage.search(QUERY)
    assert found(results) == ["exact", "near", "zeros", "far", "none"]
    assert [round(score, 4) for _, score in results] == [1.0, round(1 / 1.02, 4), 0.5, round(1 / 3, 4), 0.0]
    assert found(storage.search(QUERY, limit=2)) == ["exact", "near"]
    assert found(storage.search(QUERY, limit=0)) == []
    assert found(storage.search(QUERY, min_score=0.4)) == ["exact", "near", "zeros"]
    assert found(storage.search(QUERY, scope_prefix="/a", limit=10)) == ["exact", "near", "far", "none"]
    assert found(storage.search(QUERY, scope_prefix="a/b/")) == ["exact"]
    assert found(storage.search(QUERY, categories=["x"], limit=1)) == ["exact"]
    assert found(storage.search(QUERY, categories=["x"])) == ["exact", "far", "none"]
    assert found(storage.search(QUERY, metadata_filter={"env": "prod"})) == ["far"]
    assert found(storage.search(QUERY, metadata_filter={"env": "prod", "none": 1})) == []
    assert storage.search([]) == []


def test_cosine_scores_by_the_angle_alone(storage_of: StorageOf) -> None:
    storage = storage_of(distance="cosine")
    storage.save([record("long", embedding=[10.0, 0.0, 0.0, 0.0]), record("aside", embedding=[1.0, 1.0, 0.0, 0.0])])
    results = storage.search(QUERY)
    assert found(results) == ["long", "aside"]
    assert [score for _, score in results] == pytest.approx([1.0, math.sqrt(0.5)])
    with pytest.raises(ValueError, match="distance must be 'l2' or 'cosine'"):
        storage_of(distance="dot").count()


def test_a_scope_is_a_subtree_and_no_beginning_of_a_name(storage: HyperloomStorage) -> None:
    storage.save([record("crew", "/crew"), record("crew 2", "/crew2"), record("inner", "/crew/a"), record("top", "/")])
    assert sorted(contents(storage.list_records("/crew"))) == ["crew", "inner"]
    assert storage.count("/crew/") == storage.count("crew") == 2
    assert storage.count("/") == storage.count("") == storage.count() == 4
    assert storage.delete(scope_prefix="/crew") == 2
    assert sorted(contents(storage.list_records())) == ["crew 2", "top"]


def test_scopes_tell_what_they_hold(storage: HyperloomStorage) -> None:
    storage.save(
        [
            record("1", "/team", categories=["a", "b"], created_at=day(3)),
            record("2", "/team/red/x", categories=["b"], created_at=day(1)),
            record("3", "/team/blue", created_at=day(2).replace(tzinfo=timezone.utc)),
            record("4", "/other", categories=["c"]),
        ]
    )
    assert storage.list_scopes() == storage.list_scopes("/") == ["/other", "/team"]
    assert storage.list_scopes("/team/") == ["/team/blue", "/team/red"]
    assert storage.list_scopes("/team/blue") == []
    info = storage.get_scope_info("/team/")
    assert (info.path, info.record_count, info.categories) == ("/team", 3, ["a", "b"])
    assert (info.oldest_record, info.newest_record) == (day(1), day(3))
    assert info.child_scopes == ["/team/blue", "/team/red"]
    assert storage.get_scope_info("/").child_scopes == ["/other", "/team"]
    assert storage.list_categories() == {"a": 1, "b": 2, "c": 1}
    assert storage.list_categories("/team/red") == {"b": 1}


def test_lists_are_newest_first_in_pages(storage: HyperloomStorage) -> None:
    storage.save([record(str(number), f"/s{number % 3}", created_at=day(number)) for number in range(1, 11)])
    assert contents(storage.list_records(limit=3)) == ["10", "9", "8"]
    assert contents(storage.list_records(limit=3, offset=8)) == ["2", "1"]
    assert contents(storage.list_records("/s1", limit=2, offset=1)) == ["7", "4"]
    assert storage.list_records(limit=0) == storage.list_records(offset=10) == []
    assert all(each.embedding is not None for each in storage.list_records())


def test_an_update_replaces_a_record_wherever_it_is(storage_of: StorageOf) -> None:
    storage, other = storage_of(), storage_of()
    saved = record("before", "/a", metadata={"n": 1})
    storage.save([saved])
    other.update(saved.model_copy(update={"content": "moved", "scope": "/b/c", "embedding": QUERY}))
    assert (storage.count("/a"), storage.count("/b"), storage.list_scopes()) == (0, 1, ["/b"])
    moved = storage.get_record(saved.id)
    assert moved is not None
    assert (moved.content, moved.scope, moved.embedding) == ("moved", "/b/c", QUERY)
    storage.update(moved.model_copy(update={"embedding": None}))
    assert [score for _, score in other.search(QUERY)] == [0.0]
    fresh = record("fresh")
    storage.update(fresh)
    assert sorted(contents(other.list_records())) == ["fresh", "moved"]


def test_a_record_that_is_saved_again_is_there_once(storage_of: StorageOf) -> None:
    saved = record("first", "/a")
    storage_of().save([saved])
    storage = storage_of()
    storage.save([saved.model_copy(update={"content": "second", "scope": "/b"}), record("other")])
    assert sorted(contents(storage.list_records())) == ["other", "second"]
    assert len(storage.search(QUERY)) == 2


def test_deletes_go_by_everything_that_is_given(storage: HyperloomStorage) -> None:
    records = [
        record(
            str(number),
            f"/s{number % 2}",
            categories=[f"c{number % 3}"],
            metadata={"n": number},
            created_at=day(number),
        )
        for number in range(1, 13)
    ]
    storage.save(records)
    assert storage.delete(record_ids=[records[0].id, "nobody"]) == 1
    assert storage.delete(scope_prefix="/s0", record_ids=[records[2].id, records[3].id]) == 1
    assert storage.delete(categories=["c0"], older_than=day(7)) == 2
    assert storage.delete(scope_prefix="/s1", metadata_filter={"n": 5}) == 1
    assert storage.delete(record_ids=[]) == 0
    assert sorted(int(text) for text in contents(storage.list_records())) == [2, 7, 8, 9, 10, 11, 12]
    assert storage.delete(older_than=day(9).replace(tzinfo=timezone.utc)) == 3
    assert storage.delete() == 4
    assert storage.list_scopes() == []


def test_a_reset_of_everything_lets_another_embedder_in(storage_of: StorageOf) -> None:
    storage, other = storage_of(), storage_of()
    storage.save([record("old")])
    with pytest.raises(EmbeddingDimensionMismatchError) as raised:
        other.save([record("new", embedding=[0.5] * 8)])
    assert (raised.value.stored_dim, raised.value.new_dim) == (4, 8)
    for refused in (
        lambda: storage.search([0.5] * 8),
        lambda: other.search([0.5] * 8),
        lambda: other.update(record("new", embedding=[0.5] * 8)),
        lambda: other.save([record("a"), record("b", embedding=[0.5] * 8)]),
    ):
        with pytest.raises(EmbeddingDimensionMismatchError):
            refused()
    assert contents(storage.list_records()) == ["old"]
    other.reset()
    other.save([record("new", embedding=[0.5] * 8)])
    # The first one still thinks that it takes four.
    storage.save([record("newer", embedding=[0.5] * 8)])
    assert len(storage.search([0.5] * 8)) == 2


def test_a_reset_of_a_scope_leaves_the_others(storage: HyperloomStorage) -> None:
    storage.save([record(str(number), f"/s{number % 2}/x") for number in range(20)])
    storage.reset("/s0")
    assert (storage.count(), storage.list_scopes()) == (10, ["/s1"])


def test_what_others_write_is_seen_at_once(storage_of: StorageOf) -> None:
    one, other = storage_of(), storage_of()
    for number in range(5):
        saved = record(str(number), "/a", [float(number), 0.0, 0.0, 0.0])
        one.save([saved])
        assert found(other.search([float(number), 0.0, 0.0, 0.0], limit=1)) == [str(number)]
        if number % 2:
            other.update(saved.model_copy(update={"content": f"{number}!", "embedding": [-9.0, 0.0, 0.0, 0.0]}))
            assert f"{number}!" in found(one.search([-9.0, 0.0, 0.0, 0.0], limit=10))
    assert other.delete(scope_prefix="/a") == 5
    assert one.search(QUERY) == []


def test_what_is_handed_out_is_the_callers_own(storage: HyperloomStorage) -> None:
    storage.save([record("text", metadata={"list": [1]})])
    for [read] in (storage.list_records(), [storage.search(QUERY)[0][0]]):
        read.metadata["list"].append(2)
        read.content = "changed"
        assert read.embedding is not None
        read.embedding.clear()
    [again] = storage.list_records()
    assert (again.content, again.metadata, len(again.embedding or [])) == ("text", {"list": [1]}, 4)
    assert storage.search(QUERY)[0][0].metadata == {"list": [1]}


def test_a_recall_is_noted_and_costs_no_embedding(storage_of: StorageOf, client: hyperloom.sync.Client) -> None:
    storage = storage_of()
    saved = [record(str(number), "/a") for number in range(3)]
    storage.save(saved)
    before = client.get(storage.root).revision
    storage.touch_records([saved[1].id, "nobody", saved[2].id])
    touched = storage.get_record(saved[1].id)
    assert touched is not None
    assert touched.last_accessed > saved[1].last_accessed
    assert touched.last_accessed.tzinfo is None
    assert storage.get_record(saved[0].id) == saved[0]
    events = list(client.history(storage.root, after_revision=before))
    assert [change.action for event in events for change in event.changes] == ["merge", "merge"]
    storage.delete(record_ids=[saved[1].id])
    storage.touch_records([each.id for each in saved])
    assert storage.count() == 2


def test_many_writers_at_once_lose_nothing(storage_of: StorageOf) -> None:
    storages = [storage_of() for _ in range(4)]
    shared = [record(f"shared {number}", "/shared") for number in range(10)]
    storages[0].save(shared)

    def work(name: int) -> int:
        storage = storages[name]
        for turn in range(10):
            storage.save([record(f"{name} {turn} {part}", f"/agents/{name}") for part in range(3)])
            storage.touch_records([each.id for each in shared])
            storage.update(shared[turn].model_copy(update={"scope": f"/shared/{name}", "content": f"by {name}"}))
        return storage.delete(record_ids=[each.id for each in shared])

    with ThreadPoolExecutor(4) as pool:
        deleted = list(pool.map(work, range(4)))
    storage = storages[0]
    assert storage.count("/agents") == 120
    assert storage.list_scopes("/agents") == [f"/agents/{name}" for name in range(4)]
    # A record is in one place only, whoever moved it last, and the last to be deleted may have been saved again since.
    left = storage.list_records("/shared", limit=1_000)
    assert len({each.id for each in left}) == len(left) == storage.count("/shared")
    assert sum(deleted) >= 10 - len(left)


def test_more_than_a_diff_can_hold_is_saved_and_deleted(storage: HyperloomStorage) -> None:
    storage.save([record(f"{number}", f"/s{number % 7}", [float(number), 1.0]) for number in range(2_000)])
    assert storage.count() == 2_000
    assert found(storage.search([1_234.0, 1.0], limit=1)) == ["1234"]
    assert storage.delete(scope_prefix="/s3") == 286
    assert storage.count() == 1_714


async def test_asynchronous_calls_do_not_block_the_loop(storage: HyperloomStorage) -> None:
    await asyncio.gather(*(storage.asave([record(str(number), "/a")]) for number in range(20)))
    results = await asyncio.gather(*(storage.asearch(QUERY, "/a", limit=20) for _ in range(5)))
    assert {len(each) for each in results} == {20}
    assert await storage.adelete(scope_prefix="/a") == 20
    await storage.asave([])
