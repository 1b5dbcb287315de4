"""Goal: every verb does what it says against a real broker, and every refusal is typed."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import hyperloom
from hyperloom import Json, operation, precondition
from tests.support import BrokerProcess


@pytest.mark.parametrize(
    "value",
    [
        "",
        "text",
        "ünïcödé 🧶 \u2028",
        b"",
        bytes(range(256)),
        None,
        True,
        0,
        2**53 + 1,
        -(2**63),
        10**30,
        0.1,
        [],
        {},
        {"schlüssel": [1, "zwei", None, {"drei": 3.5}], "": 2**62 + 1},
    ],
)
async def test_a_value_reads_back_the_same(client: hyperloom.Client, tree: str, value: Any) -> None:
    published = await client.put(f"{tree}/välue", value)
    node = await client.get(f"{tree}/välue")
    assert node.value == value
    assert type(node.value) is type(value)
    assert (node.modified_revision, node.version, node.author) == (published.revision, 1, "tester")
    assert node.revision >= published.revision


async def test_exact_json_text_reads_back_byte_for_byte(client: hyperloom.Client, tree: str) -> None:
    text = '{ "b": 1.00, "a": 12345678901234567890, "s": "\\u00e9" }'
    await client.put(tree, Json(text))
    node = await client.get(tree)
    assert node.json_text == text
    await client.put(tree, Json('"a JSON string"'))
    assert (await client.get(tree)).value == "a JSON string"
    assert (await client.get(tree)).kind == "json"


async def test_appends_add_to_text_bytes_and_arrays(client: hyperloom.Client, tree: str) -> None:
    for part in ("one ", "zwei ", "三"):
        await client.append(f"{tree}/text", part)
    await client.append(f"{tree}/bytes", b"\0\1")
    await client.append(f"{tree}/bytes", b"\2")
    await client.append(f"{tree}/array", [1, "two"])
    await client.append(f"{tree}/array", [{"three": 3}])
    assert (await client.get(f"{tree}/text")).value == "one zwei 三"
    assert (await client.get(f"{tree}/bytes")).value == b"\0\1\2"
    assert (await client.get(f"{tree}/array")).value == [1, "two", {"three": 3}]


async def test_merge_increment_delete_and_copy(client: hyperloom.Client, tree: str) -> None:
    await client.put(f"{tree}/object", {"keep": 1, "drop": 2, "deep": {"a": 1}})
    await client.merge(f"{tree}/object", {"drop": None, "deep": {"b": 2}})
    assert (await client.get(f"{tree}/object")).value == {"keep": 1, "deep": {"a": 1, "b": 2}}
    await client.increment(f"{tree}/count", 2**60 + 1)
    await client.increment(f"{tree}/count")
    assert (await client.get(f"{tree}/count")).value == 2**60 + 2
    await client.increment(f"{tree}/real", 0.5)
    await client.increment(f"{tree}/real", 0.25)
    assert (await client.get(f"{tree}/real")).value == 0.75
    before = await client.put(f"{tree}/from/leaf", "old")
    await client.put(f"{tree}/from/leaf", "new")
    await client.copy(f"{tree}/from", f"{tree}/now")
    await client.copy(f"{tree}/from", f"{tree}/then", before.revision)
    assert (await client.get(f"{tree}/now/leaf")).value == "new"
    assert (await client.get(f"{tree}/then/leaf")).value == "old"
    await client.put(f"{tree}/from", "own")
    await client.delete(f"{tree}/from", "node")
    assert (await client.get(f"{tree}/from/leaf")).value == "new"
    await client.delete(f"{tree}/from")
    assert await client.find(f"{tree}/from/leaf") is None
    await client.delete(f"{tree}/never_there")


async def test_a_diff_takes_effect_as_one_revision_or_not_at_all(client: hyperloom.Client, tree: str) -> None:
    published = await client.publish(
        [operation.put(f"{tree}/a", 1), operation.increment(f"{tree}/a", 2), operation.put(f"{tree}/b", "x")],
        preconditions=[precondition.absent(f"{tree}/a")],
        label="first",
    )
    nodes = await client.batch_get([f"{tree}/b", f"{tree}/missing", f"{tree}/a"])
    assert [(node.path, node.value) for node in nodes] == [(f"{tree}/b", "x"), (f"{tree}/a", 3)]
    assert {node.modified_revision for node in nodes} == {published.revision}
    with pytest.raises(hyperloom.InvalidRequestError) as refused:
        await client.publish([operation.put(f"{tree}/c", 1), operation.append(f"{tree}/b", [1])])
    assert refused.value.reason == "WRONG_TYPE"
    assert await client.find(f"{tree}/c") is None


async def test_preconditions_are_checked(client: hyperloom.Client, tree: str) -> None:
    first = await client.put(f"{tree}/a", 1)
    await client.publish([operation.put(f"{tree}/a", 2)], preconditions=[precondition.version(f"{tree}/a", 1)])
    for stale in (
        precondition.absent(f"{tree}/a"),
        precondition.present(f"{tree}/b"),
        precondition.version(f"{tree}/a", 1),
        precondition.modified_revision(f"{tree}/a", first.revision),
        precondition.subtree_unchanged_since(tree, first.revision),
    ):
        with pytest.raises(hyperloom.PreconditionFailedError) as refused:
            await client.publish([operation.put(f"{tree}/a", 3)], preconditions=[stale])
        assert refused.value.reason == "PRECONDITION_FAILED"
        assert refused.value.metadata["path"] == stale.path
    assert (await client.get(f"{tree}/a")).value == 2


async def test_the_same_request_id_takes_effect_once(client: hyperloom.Client, tree: str) -> None:
    diff = [operation.increment(f"{tree}/n")]
    first = await client.publish(diff, request_id=f"mine{tree}", basis=[])
    again = await client.publish(diff, request_id=f"mine{tree}", basis=[])
    assert (again.revision, first.repeated, again.repeated) == (first.revision, False, True)
    assert (await client.get(f"{tree}/n")).value == 1
    with pytest.raises(hyperloom.StateError) as refused:
        await client.put(f"{tree}/n", 5)
        await client.publish([operation.put(f"{tree}/other", 1)], request_id=f"mine{tree}", basis=[])
    assert refused.value.reason == "REQUEST_ID_REUSED"


async def test_what_is_not_there_is_not_found_and_not_created(client: hyperloom.Client, tree: str) -> None:
    with pytest.raises(hyperloom.NotFoundError) as missing:
        await client.get(f"{tree}/missing")
    assert missing.value.reason == "NODE_NOT_FOUND"
    assert missing.value.metadata["path"] == f"{tree}/missing"
    assert await client.find(tree) is None
    with pytest.raises(hyperloom.NotFoundError) as forest:
        await client.as_agent(forest="nowhere").put("/a", 1)
    assert forest.value.reason == "FOREST_NOT_FOUND"
    with pytest.raises(hyperloom.NotFoundError) as ghost:
        await client.attach("no-such-ghost")
    assert ghost.value.reason == "GHOST_NOT_FOUND"


async def test_malformed_requests_say_what_is_wrong(client: hyperloom.Client) -> None:
    for path in ("", "relative", "/a//b", "/a/../b", "/" + "x" * 256, "/"):
        with pytest.raises(hyperloom.InvalidRequestError):
            await client.put(path, 1)
    with pytest.raises(hyperloom.InvalidRequestError) as value:
        await client.put("/a", Json("{not json"))
    assert value.value.reason == "INVALID_VALUE"
    with pytest.raises(hyperloom.InvalidRequestError) as pattern:
        async with client.subscribe("no/slash"):
            raise AssertionError("unreachable")
    assert pattern.value.reason == "INVALID_PATTERN"
    with pytest.raises(hyperloom.InvalidRequestError) as large:
        await client.put("/large", b"x" * (17 * 1024 * 1024))
    assert large.value.reason == "LIMIT_EXCEEDED"
    with pytest.raises(hyperloom.RevisionError) as future:
        await client.get("/a", at_revision=10**9)
    assert future.value.newest_revision is not None


async def test_list_goes_in_pages_in_the_order_of_bytes(client: hyperloom.Client, tree: str) -> None:
    names = [f"{index:03}" for index in range(25)] + ["ä", "z"]
    await client.publish([operation.put(f"{tree}/{name}/leaf", name) for name in names])
    children = await client.list(tree, page_size=10).all()
    expected = sorted(names, key=lambda name: name.encode())
    assert [node.path for node in children] == [f"{tree}/{name}" for name in expected]
    assert {node.kind for node in children} == {None}
    pages = [page async for page in client.list(tree, depth=0, page_size=10).pages()]
    assert len(pages) == 6
    assert len({page.revision for page in pages}) == 1
    leaves = [node async for node in client.list(tree, depth=0) if node.kind is not None]
    assert [node.value for node in leaves] == expected
    keys = await client.list(tree, depth=2, keys_only=True).all()
    assert len(keys) == 2 * len(names)
    assert {node.value for node in keys} == {None}


async def test_the_past_can_be_read(client: hyperloom.Client, tree: str) -> None:
    first = await client.put(f"{tree}/a", "one")
    second = await client.publish([operation.put(f"{tree}/a", "two"), operation.put(f"{tree}/b", 1)], label="both")
    assert (await client.get(f"{tree}/a", at_revision=first.revision)).value == "one"
    assert (await client.get(f"{tree}/a", consistency="stale")).path == f"{tree}/a"
    assert (await client.get(f"{tree}/a", consistency="linearizable")).value == "two"
    assert (await client.get(f"{tree}/a", consistency=second.revision)).value == "two"
    events = await client.history(tree).all()
    assert [(event.revision, event.label) for event in events] == [(first.revision, ""), (second.revision, "both")]
    assert [(change.path, change.action, change.value) for change in events[1].changes] == [
        (f"{tree}/a", "put", "two"),
        (f"{tree}/b", "put", 1),
    ]
    newest = await client.history(tree, newest_first=True, page_size=1).page()
    assert [event.revision for event in newest.items] == [second.revision]
    differences = await client.diff(first.revision, second.revision, path=tree).all()
    told = {each.path: (each.before and each.before.value, each.after and each.after.value) for each in differences}
    assert told[f"{tree}/a"] == ("one", "two")
    assert told[f"{tree}/b"] == (None, 1)
    (line,) = await client.blame(f"{tree}/a").all()
    assert line.event is not None
    assert (line.node.path, line.event.revision, line.event.label) == (f"{tree}/a", second.revision, "both")


async def test_a_revision_can_be_reverted_unless_others_built_on_it(client: hyperloom.Client, tree: str) -> None:
    await client.put(f"{tree}/a", "good")
    bad = await client.put(f"{tree}/a", "bad")
    reverted = await client.revert_revision(bad.revision, "it was wrong")
    assert reverted.revision > bad.revision
    assert (await client.get(f"{tree}/a")).value == "good"
    bad = await client.put(f"{tree}/a", "bad")
    await client.put(f"{tree}/a", "built on it")
    with pytest.raises(hyperloom.ConflictError) as refused:
        await client.revert_revision(bad.revision)
    assert [conflict.path for conflict in refused.value.conflicts] == [f"{tree}/a"]


async def test_what_was_read_travels_as_the_basis(client: hyperloom.Client, tree: str) -> None:
    await client.put(f"{tree}/read", 1)
    seen = await client.get(f"{tree}/read")
    assert await client.find(f"{tree}/absent") is None
    await client.list(tree).all()
    published = await client.put(f"{tree}/written", 1)
    (event,) = await client.history(tree, after_revision=published.revision - 1).all()
    assert {(entry.path, entry.revision) for entry in event.basis} == {
        (f"{tree}/read", seen.revision),
        (f"{tree}/absent", seen.revision),
        (tree, seen.revision),
    }
    silent = await client.as_agent("silent", track_basis=False).put(f"{tree}/written", 2)
    (event,) = await client.history(tree, after_revision=silent.revision - 1).all()
    assert (event.author, event.basis) == ("silent", ())


async def test_forests_are_apart_and_can_be_backed_up_compacted_and_deleted(
    client: hyperloom.Client, tree: str
) -> None:
    name = tree.strip("/")
    assert (await client.forests.create(name)).name == name
    with pytest.raises(hyperloom.AlreadyExistsError):
        await client.forests.create(name)
    other = client.as_agent(forest=name)
    await other.put("/a", "there")
    last = await other.put("/a", "here")
    assert await client.find("/a") is None
    assert name in [forest.name for forest in await client.forests.list()]
    status = await other.status(state_hash=True)
    assert (status.forest.name, status.forest.revision, len(status.state_hash)) == (name, last.revision, 32)
    chunks = [chunk async for chunk in client.forests.backup(name)]
    restored = await client.forests.restore(f"{name}_copy", chunks)
    assert restored.revision == last.revision
    assert (await client.as_agent(forest=f"{name}_copy").get("/a")).value == "here"
    with pytest.raises(hyperloom.HyperloomError) as damaged:
        await client.forests.restore(f"{name}_damaged", [b"".join(chunks)[:-3]])
    assert damaged.value.reason == "BACKUP_DAMAGED"
    assert (await client.forests.compact(name)).compacted_revision == last.revision
    with pytest.raises(hyperloom.RevisionError) as gone:
        await other.get("/a", at_revision=1)
    assert gone.value.oldest_revision == last.revision
    await client.forests.delete(name)
    with pytest.raises(hyperloom.NotFoundError):
        await other.get("/a", consistency="linearizable")
    with pytest.raises(hyperloom.StateError):
        await client.forests.delete("default")


async def test_fifty_appenders_lose_and_repeat_nothing(broker: BrokerProcess, tree: str) -> None:
    async def append(agent: int) -> None:
        async with hyperloom.connect(broker.address, author=f"agent_{agent}") as own:
            for index in range(20):
                await own.append(f"{tree}/log", f"{agent}:{index}\n")

    await asyncio.gather(*(append(agent) for agent in range(50)))
    async with hyperloom.connect(broker.address) as reader:
        lines = str((await reader.get(f"{tree}/log")).value).split()
    assert sorted(lines) == sorted(f"{agent}:{index}" for agent in range(50) for index in range(20))
    for agent in range(50):
        own = [line for line in lines if line.startswith(f"{agent}:")]
        assert own == [f"{agent}:{index}" for index in range(20)]


async def test_a_closed_client_says_so(broker: BrokerProcess) -> None:
    client = hyperloom.connect(broker.address)
    await client.put("/closed", 1)
    await client.close()
    for call in (client.put("/closed", 2), client.get("/closed")):
        with pytest.raises(hyperloom.ClosedError):
            await call


async def test_a_broker_that_is_not_there_is_unavailable_within_the_timeout() -> None:
    async with hyperloom.connect("127.0.0.1:1", timeout=0.3) as client:
        with pytest.raises((hyperloom.UnavailableError, hyperloom.DeadlineExceededError)):
            await client.get("/a")
        with pytest.raises(hyperloom.DeadlineExceededError):
            await client.put("/a", 1)


async def test_the_older_name_of_find_goes_on_and_warns(client: hyperloom.Client, tree: str) -> None:
    await client.put(tree, 1)
    with pytest.warns(DeprecationWarning, match="get_or_none: use find"):
        node = await client.get_or_none(tree)
    assert node is not None
    with pytest.warns(DeprecationWarning) as warned:
        assert await client.get_or_none(f"{tree}/absent") is None
    assert [each.filename for each in warned] == [__file__]
