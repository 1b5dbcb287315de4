"""Goal: locks exclude, wait, nest, fence and end as they say, against a real broker.

Method: two clients, each an agent of its own; what others may do is tried, not read from the lock table.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

import hyperloom
from hyperloom import LockTarget, operation
from tests.support import BrokerProcess, until


@pytest.fixture
async def other(broker: BrokerProcess) -> AsyncIterator[hyperloom.Client]:
    """Another agent, with a connection of its own."""
    async with hyperloom.connect(broker.address, author="other") as connected:
        yield connected


async def waiting(client: hyperloom.Client, path: str, count: int) -> None:
    """Until so many wait for a lock."""

    async def so_many() -> bool:
        return sum(each.lock.state == "waiting" for each in await client.locks(path).all()) == count

    await until(so_many)


async def test_only_the_holder_writes_below_an_exclusive_lock(
    client: hyperloom.Client, other: hyperloom.Client, tree: str
) -> None:
    async with client.lock(f"{tree}/plan", label="planning") as lock:
        await lock.put(f"{tree}/plan/step", 1)
        with pytest.raises(hyperloom.LockedError) as locked:
            await other.put(f"{tree}/plan/step", 2)
        assert (locked.value.holder, locked.value.path) == ("tester", f"{tree}/plan/step")
        with pytest.raises(hyperloom.LockedError):
            await client.put(f"{tree}/plan", "the same client, but not through the lock")
        with pytest.raises(hyperloom.LockedError):
            await other.delete(tree)
        await other.put(f"{tree}/elsewhere", 3)
        assert (await other.get(f"{tree}/plan/step")).value == 1
        (held,) = await other.locks(f"{tree}/plan").all()
        assert (held.lock.id, held.lock.label, held.lock.state) == (lock.id, "planning", "held")
        assert held.lock.targets == (LockTarget(f"{tree}/plan", "exclusive"),)
        assert held.lock.fencing_token == lock.fencing_token > 0
    assert lock.over
    assert not lock.lost.is_set()
    await other.put(f"{tree}/plan/step", 2)
    assert await other.locks(tree).all() == []
    with pytest.raises(hyperloom.StateError, match="given back"):
        await lock.put(f"{tree}/plan/step", 3)


async def test_every_verb_goes_through_a_lock_with_its_token(client: hyperloom.Client, tree: str) -> None:
    async with client.lock(tree) as lock:
        await lock.put(f"{tree}/a", {"n": 1})
        await lock.merge(f"{tree}/a", {"m": 2})
        await lock.append(f"{tree}/text", "x")
        await lock.increment(f"{tree}/n", 5)
        await lock.copy(f"{tree}/a", f"{tree}/b")
        await lock.delete(f"{tree}/a")
        futures = [await lock.submit([operation.increment(f"{tree}/n")]) for _ in range(100)]
        published = await lock.publish([operation.put(f"{tree}/c", 1)])
        await lock.revert_revision(published.revision, "not needed")
        assert await lock.find(f"{tree}/c") is None
        assert [node.path for node in await lock.list(tree, keys_only=True).all()] == [
            f"{tree}/{name}" for name in ("b", "n", "text")
        ]
    # Those that nobody waited for have their outcome before the lock is let go of.
    assert [future.result().repeated for future in futures] == [False] * 100
    assert (await client.get(f"{tree}/n")).value == 105


async def test_modes_are_those_of_the_matrix(client: hyperloom.Client, other: hyperloom.Client, tree: str) -> None:
    async with client.lock(f"{tree}/a", mode="shared"):
        async with other.lock(f"{tree}/a", mode="shared", wait=0):
            with pytest.raises(hyperloom.LockedError):
                await other.lock(tree, mode="exclusive", wait=0)
        with pytest.raises(hyperloom.LockedError):
            await other.put(f"{tree}/a", 1)
    async with client.lock(f"{tree}/a", mode="shared_intent_exclusive") as six:
        async with other.lock(f"{tree}/a/part", mode="shared", wait=0):
            with pytest.raises(hyperloom.LockedError):
                await six.lock(f"{tree}/a/part", wait=0)
        async with six.lock(f"{tree}/a/part", wait=0) as part:
            await part.put(f"{tree}/a/part", 1)


async def test_several_targets_are_granted_together_or_not_at_all(
    client: hyperloom.Client, other: hyperloom.Client, tree: str
) -> None:
    async with client.lock([f"{tree}/a", LockTarget(f"{tree}/b", "shared")]) as lock:
        assert lock.info.targets == (LockTarget(f"{tree}/a", "exclusive"), LockTarget(f"{tree}/b", "shared"))
        with pytest.raises(hyperloom.LockedError):
            await other.lock([f"{tree}/b", f"{tree}/c"], wait=0)
        async with other.lock([f"{tree}/c", LockTarget(f"{tree}/b", "shared")], wait=0):
            pass


async def test_who_waits_is_served_in_order(client: hyperloom.Client, broker: BrokerProcess, tree: str) -> None:
    order: list[int] = []

    async def wait(index: int) -> None:
        name = f"agent {index}"
        async with hyperloom.connect(broker.address, author=name) as own, own.lock(tree, wait=30) as lock:
            order.append(index)
            await lock.append(f"{tree}/log", f"{index} ")

    async with client.lock(tree):
        tasks = []
        for index in range(5):
            tasks.append(asyncio.create_task(wait(index)))
            await waiting(client, tree, index + 1)
        last = (await client.locks(tree).all())[-1]
        assert last.waits_for_total >= 1
    await asyncio.gather(*tasks)
    assert order == [0, 1, 2, 3, 4]
    assert (await client.get(f"{tree}/log")).value == "0 1 2 3 4 "


async def test_a_wait_that_is_over_says_who_was_in_the_way(
    client: hyperloom.Client, other: hyperloom.Client, tree: str
) -> None:
    async with client.lock(tree):
        with pytest.raises(hyperloom.LockedError) as locked:
            async with other.lock(tree, wait=0.05):
                pytest.fail("the lock is held")
        assert locked.value.holder == "tester"
        assert int(locked.value.metadata["wait_ms"]) >= 50
        assert len(await client.locks(tree).all()) == 1
        assert len([each for each in await client.leases().all() if each.author == "other"]) == 0


async def test_who_is_cancelled_gives_up_the_place(
    client: hyperloom.Client, other: hyperloom.Client, tree: str
) -> None:
    async def wait() -> None:
        await other.lock(tree, wait=30)

    async with client.lock(tree):
        task = asyncio.create_task(wait())
        await waiting(client, tree, 1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await waiting(client, tree, 0)
    await client.lock(tree, wait=5)


async def test_nested_locks_are_of_the_same_lease(client: hyperloom.Client, other: hyperloom.Client, tree: str) -> None:
    async with client.lock(f"{tree}/a", mode="shared") as outer:
        async with outer.lock([f"{tree}/a", f"{tree}/b"], wait=0) as inner:
            assert inner.lease is outer.lease
            assert inner.fencing_token > outer.fencing_token
            await inner.put(f"{tree}/b", 1)
            await outer.put(f"{tree}/a", 1)
            with pytest.raises(hyperloom.LockedError):
                await other.lock(f"{tree}/b", mode="shared", wait=0)
        async with other.lock([f"{tree}/b", LockTarget(f"{tree}/a", "shared")], wait=0):
            pass
        assert not outer.over
    assert await client.locks(tree).all() == []


async def test_a_write_waits_for_a_lock_and_those_behind_it_do_not(
    client: hyperloom.Client, other: hyperloom.Client, tree: str
) -> None:
    async with client.lock(f"{tree}/a") as lock:
        first = await other.submit([operation.append(f"{tree}/log", "first ")])
        late = await other.submit(
            [operation.put(f"{tree}/a", "late"), operation.append(f"{tree}/log", "late ")], lock_wait=20
        )
        await waiting(client, f"{tree}/a", 1)
        assert first.done()
        await other.append(f"{tree}/log", "second ")
        await lock.put(f"{tree}/a", "holder")
        assert not late.done()
    await late
    assert (await other.get(f"{tree}/log")).value == "first second late "
    assert (await other.get(f"{tree}/a")).value == "late"
    async with client.lock(f"{tree}/a"):
        with pytest.raises(hyperloom.LockedError) as locked:
            await other.put(f"{tree}/a", 1, lock_wait=0.05)
        assert int(locked.value.metadata["wait_ms"]) >= 50


async def test_a_write_that_waits_and_is_cancelled_takes_no_effect(
    client: hyperloom.Client, other: hyperloom.Client, tree: str
) -> None:
    async with client.lock(tree):
        task = asyncio.create_task(other.put(f"{tree}/a", 1, lock_wait=20))
        await waiting(client, tree, 1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await waiting(client, tree, 0)
    assert await client.find(f"{tree}/a") is None


async def test_a_deadlock_names_its_circle_and_ends_its_youngest_member(
    client: hyperloom.Client, other: hyperloom.Client, tree: str
) -> None:
    async with client.lock(f"{tree}/a") as older, other.lock(f"{tree}/b") as younger:
        waits = asyncio.create_task(locked_for_a_moment(older, f"{tree}/b"))
        await waiting(client, tree, 1)
        with pytest.raises(hyperloom.DeadlockError) as deadlock:
            await younger.lock(f"{tree}/a")
        assert [each.author for each in deadlock.value.circle] == ["other", "tester"]
        assert deadlock.value.circle[0].targets == (LockTarget(f"{tree}/a", "exclusive"),)
        assert not younger.over
        await younger.release()
        await waits


async def locked_for_a_moment(lock: hyperloom.Lock, path: str) -> None:
    """Takes a nested lock, and lets go of it."""
    async with lock.lock(path) as inner:
        await inner.put(path, 1)


async def test_bad_input_is_refused(client: hyperloom.Client, tree: str) -> None:
    with pytest.raises(ValueError, match="a lock's mode is one of"):
        client.lock(tree, mode="intent_shared")  # type: ignore[arg-type]
    empty: list[str] = []
    for targets in (empty, [tree, f"{tree}/a"], [tree, tree], "no/root"):
        with pytest.raises(hyperloom.InvalidRequestError):
            await client.lock(targets, wait=0)
    for ttl in (0.0, 100_000.0):
        with pytest.raises(hyperloom.InvalidRequestError):
            await client.lock(tree, ttl=ttl)
        with pytest.raises(hyperloom.InvalidRequestError):
            await client.lease(ttl=ttl)
    assert await client.locks(tree).all() == []
