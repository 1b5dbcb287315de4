"""Goal: a subscription tells everything once, in order and whole, against a real broker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

import hyperloom
from hyperloom import AfterRevision, Bookmark, Event, Item, Snapshot, operation

SECONDS_MAX = 20


async def first(items: AsyncIterator[Item], count: int) -> list[Item]:
    """So many items."""
    return [await asyncio.wait_for(anext(items), SECONDS_MAX) for _ in range(count)]


def events(items: list[Item]) -> list[Event]:
    """They must all be events."""
    told = [item for item in items if isinstance(item, Event)]
    assert len(told) == len(items)
    return told


async def test_a_snapshot_is_followed_by_what_changes_without_a_gap(client: hyperloom.Client, tree: str) -> None:
    """A writer never stops meanwhile: snapshot and events together must be all that it wrote, each once."""
    stop = asyncio.Event()

    async def write() -> int:
        written = 0
        while not stop.is_set():
            await client.append(f"{tree}/log", [written])
            written += 1
        return written

    writer = asyncio.create_task(write())
    while await client.find(f"{tree}/log") is None:
        pass
    subscription = client.subscribe(f"{tree}/**")
    (snapshot,) = await first(subscription, 1)
    assert isinstance(snapshot, Snapshot)
    seen = [value for node in snapshot.nodes if node.path == f"{tree}/log" for value in node.value]
    stop_at = len(seen) + 100
    while len(seen) < stop_at:
        for event in events(await first(subscription, 1)):
            assert event.revision > snapshot.revision
            seen.extend(value for change in event.changes for value in change.value)
    stop.set()
    written = await writer
    while len(seen) < written:
        seen.extend(v for event in events(await first(subscription, 1)) for c in event.changes for v in c.value)
    await subscription.aclose()
    assert seen == list(range(written))


async def test_only_what_matches_is_told(client: hyperloom.Client, tree: str) -> None:
    async with client.subscribe([f"{tree}/a/b/**", f"{tree}/*/status"], start="now") as subscription:
        await client.put(f"{tree}/a/bc", "not below")
        await client.put(f"{tree}/x/status", "one segment")
        await client.put(f"{tree}/x/y/status", "two segments")
        await client.publish([operation.put(f"{tree}/a/b/c", 1), operation.put(f"{tree}/elsewhere", 2)])
        await client.put(f"{tree}/a/b", "itself")
        told = events(await first(subscription, 3))
    paths = [[change.path for change in event.changes] for event in told]
    assert paths == [[f"{tree}/x/status"], [f"{tree}/a/b/c"], [f"{tree}/a/b"]]


async def test_every_kind_of_change_is_told_with_details(client: hyperloom.Client, tree: str) -> None:
    path = f"{tree}/n"
    async with client.subscribe(
        f"{tree}/**", start="now", detail="result", include_previous=True, include_basis=True
    ) as subscription:
        await client.put(path, 1)
        await client.get(path)
        await client.publish([operation.increment(path, 41)], label="add")
        await client.put(f"{tree}/o", {"a": 1})
        await client.merge(f"{tree}/o", {"b": 2})
        await client.append(f"{tree}/t", "text")
        await client.append(f"{tree}/b", b"bytes")
        await client.delete(path, "node")
        told = events(await first(subscription, 7))
    increment = told[1]
    (change,) = increment.changes
    assert (increment.label, increment.author) == ("add", "tester")
    assert (change.action, change.value, change.sum) == ("increment", 41, 42)
    assert change.result is not None
    assert change.previous is not None
    assert (change.previous.value, change.result.value) == (1, 42)
    assert [entry.path for entry in increment.basis] == [path]
    assert [(each.action, each.value) for event in told[2:] for each in event.changes] == [
        ("put", {"a": 1}),
        ("merge", {"b": 2}),
        ("append", "text"),
        ("append", b"bytes"),
        ("delete", None),
    ]
    assert told[6].changes[0].scope == "node"


async def test_the_past_is_told_from_a_revision(client: hyperloom.Client, tree: str) -> None:
    start = (await client.put(f"{tree}/0", 0)).revision
    for index in range(1, 20):
        await client.put(f"{tree}/{index}", index)
    told = events(await first(client.subscribe(f"{tree}/**", start=AfterRevision(start)), 19))
    assert [event.changes[0].value for event in told] == list(range(1, 20))


async def test_a_large_diff_arrives_whole(client: hyperloom.Client, tree: str) -> None:
    async with client.subscribe(f"{tree}/**", start="now") as subscription:
        await client.publish([operation.put(f"{tree}/{index}", "x" * 1_000) for index in range(10_000)])
        (event,) = events(await first(subscription, 1))
    assert [change.path for change in event.changes] == [f"{tree}/{index}" for index in range(10_000)]


async def test_a_ghosts_subscription_ends_with_the_ghost(client: hyperloom.Client, tree: str) -> None:
    ghost = await client.ghost(label="watched")
    trunk = client.subscribe(f"{tree}/**", start="now")
    async with trunk, ghost.subscribe(f"{tree}/**", start="now") as subscription:
        await ghost.put(f"{tree}/a", 1)
        await ghost.checkpoint("here")
        await ghost.put(f"{tree}/a", 2)
        await ghost.rewind("here", "why not")
        await ghost.commit()
        told = events([item async for item in subscription])
        kinds = [event.transition.kind for event in told if event.transition is not None]
        assert kinds == ["staged", "checkpointed", "staged", "rewound", "committed"]
        (event,) = events(await first(trunk, 1))
        assert [change.value for change in event.changes] == [1]


async def test_bookmarks_come_on_request(client: hyperloom.Client, tree: str) -> None:
    await client.put(f"{tree}/a", 1)
    async with client.subscribe(f"{tree}/**", bookmarks=True, bookmark_interval=0.1) as subscription:
        snapshot, bookmark, again = await first(subscription, 3)
    assert isinstance(snapshot, Snapshot)
    assert isinstance(bookmark, Bookmark)
    assert isinstance(again, Bookmark)
    assert again.revision >= bookmark.revision >= snapshot.revision


async def test_a_timeout_of_the_consumer_loses_nothing(client: hyperloom.Client, tree: str) -> None:
    async with client.subscribe(f"{tree}/**", start="now") as subscription:
        for index in range(3):
            with pytest.raises(asyncio.TimeoutError):  # Its name until Python 3.10.
                await asyncio.wait_for(anext(subscription), 0.01)
            await client.put(f"{tree}/a", index)
            (event,) = events(await first(subscription, 1))
            assert event.changes[0].value == index


async def test_a_slow_consumer_gets_everything(client: hyperloom.Client, tree: str) -> None:
    """Far more than is read ahead, published before the first item is taken."""
    async with client.subscribe(f"{tree}/**", start="now") as subscription:
        futures = [await client.submit([operation.put(f"{tree}/a", f"{i} {'x' * 1_000}")]) for i in range(3_000)]
        await asyncio.gather(*futures)
        told = events(await first(subscription, 3_000))
    assert [int(event.changes[0].value.split()[0]) for event in told] == list(range(3_000))


async def test_compacted_history_is_a_typed_error_with_the_oldest_revision(client: hyperloom.Client, tree: str) -> None:
    name = tree.strip("/")
    await client.forests.create(name)
    other = client.as_agent(forest=name)
    for index in range(5):
        last = await other.put("/a", index)
    await client.forests.compact(name)
    with pytest.raises(hyperloom.RevisionError) as gone:
        await first(other.subscribe("/**", start=AfterRevision(1)), 1)
    assert gone.value.oldest_revision == last.revision
