"""Goal: odd names, bad input, ghosts and failing brokers do a memory no harm, and what is refused says what to do.

Method: the storage's own methods against a real broker.
"""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest
from crewai.memory.types import MemoryRecord

import hyperloom.sync
from crewai_tests.records import contents, found, record
from hyperloom import operation
from hyperloom.crewai import (
    HyperloomStorage,
    InvalidScopeError,
    NotStorableError,
    StorageError,
    StorageUnavailableError,
    TooLargeError,
)
from tests.support import BrokerProcess

StorageOf = Callable[..., HyperloomStorage]
QUERY = [1.0, 0.0, 0.0, 0.0]


@pytest.mark.parametrize("part", ["user 1", "..", ".", "*", "**", "%2F", "a\nb", "\x7f\x85", "äöü 😀", "a" * 255])
def test_any_scope_and_id_is_one_of_its_own(storage: HyperloomStorage, part: str) -> None:
    saved = record(part, f"/x/{part}", id=f"id/{part}")
    if len(part) < 250:
        storage.save([saved])
        assert storage.get_record(saved.id) == saved
        assert storage.delete(record_ids=[saved.id]) == 1
    storage.save([record(part, f"//x//{part}/")])
    assert storage.list_scopes("/x") == [f"/x/{part}"]
    assert contents(storage.list_records(f"/x/{part}")) == [part]
    assert storage.get_scope_info(f"/x/{part}").path == f"/x/{part}"


def test_batches_are_cut_by_the_bytes_that_texts_take(storage: HyperloomStorage) -> None:
    storage.save([record("海" * 600_000, "/long") for _ in range(12)])
    assert storage.count("/long") == 12


def test_bad_input_is_refused_with_what_to_do(storage_of: StorageOf) -> None:
    storage = storage_of()
    storage.save([record("there")])
    cyclic: dict[str, Any] = {}
    cyclic["self"] = cyclic
    refused: list[tuple[type[ValueError], str, MemoryRecord]] = [
        (NotStorableError, "metadata plain dicts", record("x", metadata={"when": datetime(2026, 1, 1)})),
        (NotStorableError, "metadata plain dicts", record("x", metadata={"set": {1}})),
        (NotStorableError, "cannot be stored as JSON", record("x", metadata={"nan": math.nan})),
        (NotStorableError, "cannot be stored as JSON", record("x", metadata=cyclic)),
        (NotStorableError, "cannot be stored as JSON", record("half \ud800")),
        (NotStorableError, "list of finite numbers", record("x", embedding=[1.0, math.inf, 0.0, 0.0])),
        (NotStorableError, "list of finite numbers", record("x", embedding=[1.0, 1e300, 0.0, 0.0])),
        (TooLargeError, "2,097,152 are the most: remember it in parts", record("x" * 2_100_000)),
        (InvalidScopeError, "takes 256 bytes in a path", record("x", "/" + "a" * 256)),
        (InvalidScopeError, "has 49 parts", record("x", "/a" * 49)),
        (InvalidScopeError, "takes 300 bytes in a path", record("x", id="i" * 300)),
    ]
    for kind, message, bad in refused:
        with pytest.raises(kind, match=message):
            storage.save([record("good"), bad])
    assert contents(storage.list_records()) == ["there"]
    with pytest.raises(InvalidScopeError):
        storage.search(QUERY, scope_prefix="/" + "a" * 256)
    with pytest.raises(InvalidScopeError, match="root must be"):
        storage_of(root="")
    with pytest.raises(InvalidScopeError, match="root must be"):
        storage_of(root="memory")
    with pytest.raises(TypeError, match=r"takes an address, or a client of hyperloom\.sync\.connect"):
        HyperloomStorage(7400)  # type: ignore[arg-type]


def test_what_others_put_there_does_no_harm(storage: HyperloomStorage, client: hyperloom.sync.Client) -> None:
    saved = record("mine", "/a")
    storage.save([saved])
    root = storage.root
    client.put(f"{root}/records/a/note", "a text")
    client.put(f"{root}/records/a/other", {"id": 1})
    client.put(f"{root}/records/a/wrong", {"id": "1", "content": "x", "scope": "/", "created_at": "never"})
    client.put(f"{root}/vectors/a/{saved.id}", b"abc")
    client.put(f"{root}/ids/stray", [1])
    assert contents(storage.list_records()) == ["mine"]
    [(unlike, score)] = storage.search(QUERY)
    assert (unlike.content, unlike.embedding, score) == ("mine", None, 0.0)
    assert storage.get_record("stray") is None
    assert storage.delete() == 1
    client.put(root, "something else")
    storage.save([record("again", "/a")])
    assert contents(storage.list_records("/a")) == ["again"]


def test_an_unreachable_or_refusing_broker_is_told_with_what_to_do(client: hyperloom.sync.Client, root: str) -> None:
    with (
        hyperloom.sync.connect("127.0.0.1:9", timeout=0.3) as nowhere,
        pytest.raises(StorageUnavailableError) as raised,
    ):
        HyperloomStorage(nowhere).save([record("x")])
    assert "npx hyperloom serve" in str(raised.value)
    assert isinstance(raised.value.__cause__, hyperloom.HyperloomError)
    with pytest.raises(StorageError, match="hyperloom forest create"):
        HyperloomStorage(client.as_agent(forest="nobody")).count()
    with client.lock(f"{root}/memory"), pytest.raises(StorageError, match="holds a lock"):
        HyperloomStorage(client, root=f"{root}/memory").save([record("x")])


def test_a_closed_storage_connects_again(storage: HyperloomStorage) -> None:
    storage.save([record("one")])
    storage.close()
    storage.close()
    storage.save([record("two")])
    with storage as same:
        assert same.count() == 2
    assert copy.deepcopy(storage) is storage


def test_a_memory_in_a_ghost_is_seen_when_that_is_committed(
    storage: HyperloomStorage, client: hyperloom.sync.Client
) -> None:
    storage.save([record("before", "/a")])
    with client.ghost(scope=storage.root) as ghost:
        inside = HyperloomStorage(ghost, root=storage.root)
        saved = record("inside", "/a", QUERY)
        inside.save([saved])
        inside.update(saved.model_copy(update={"content": "changed"}))
        inside.touch_records([saved.id])
        assert found(inside.search(QUERY, limit=1)) == ["changed"]
        assert inside.delete(record_ids=[each.id for each in storage.list_records()]) == 1
        assert contents(storage.list_records()) == ["before"]
        ghost.commit()
    assert contents(storage.list_records()) == ["changed"]


def test_the_tree_shows_what_is_remembered(storage: HyperloomStorage, client: hyperloom.sync.Client) -> None:
    saved = record("Postgres it is", "/project/decisions", id="1")
    storage.save([saved])
    node = client.get(f"{storage.root}/records/project/decisions/1")
    assert json.loads(node.json_text or "")["content"] == "Postgres it is"
    assert "embedding" not in node.value
    assert node.author == "crewai"
    storage.delete()
    # What was forgotten is still in history.
    client.publish([operation.copy(storage.root, storage.root, node.modified_revision)])
    assert storage.list_records() == [saved]


def test_a_memory_goes_on_across_a_kill_of_the_broker(own_broker: BrokerProcess) -> None:
    storage = HyperloomStorage(own_broker.address)
    storage.save([record("before", "/a")])
    own_broker.kill()
    with ThreadPoolExecutor(1) as pool:
        saving = pool.submit(storage.save, [record("meanwhile", "/a")])
        own_broker.start()
        saving.result()
    assert sorted(found(storage.search(QUERY, "/a"))) == ["before", "meanwhile"]
    storage.close()
