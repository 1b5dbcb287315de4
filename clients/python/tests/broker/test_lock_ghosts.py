"""Goal: ghosts that are begun under a lock or a lease carry its token, and end with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

import hyperloom
from tests.broker.test_leases import end_behind_its_back
from tests.broker.test_locks import waiting
from tests.support import BrokerProcess


@pytest.fixture
async def other(broker: BrokerProcess) -> AsyncIterator[hyperloom.Client]:
    """Another agent, with a connection of its own."""
    async with hyperloom.connect(broker.address, author="other") as connected:
        yield connected


async def test_letting_go_of_the_outermost_lock_ends_what_hangs_on_it(client: hyperloom.Client, tree: str) -> None:
    lock = await client.lock(f"{tree}/a")
    nested = await lock.lock(f"{tree}/b")
    ghost = await lock.ghost()
    await lock.put(f"{tree}/a/here", 1, lease=lock.lease)
    await lock.release()
    assert await client.locks(tree).all() == []
    assert (await client.attach(ghost.id)).info.state in ("reverted", "expired")
    assert await client.find(f"{tree}/a/here") is None
    with pytest.raises(hyperloom.StateError):
        await nested.put(f"{tree}/b", 1)
    await lock.release()


async def test_ghosts_of_a_lock_are_committed_under_it(
    client: hyperloom.Client, other: hyperloom.Client, tree: str
) -> None:
    async with other.ghost() as theirs:
        await theirs.put(f"{tree}/a", "theirs")
        async with client.lock(tree) as lock:
            async with lock.ghost(label="under the lock") as ghost:
                assert ghost.info.lease_id == lock.lease.id
                await ghost.put(f"{tree}/b", "ours")
                async with ghost.ghost() as child:
                    await child.put(f"{tree}/c", "ours")
                    await child.commit()
                await ghost.commit()
            with pytest.raises(hyperloom.LockedError):
                await theirs.commit()
            done = await lock.speculate(lambda ghost, _: ghost.put(f"{tree}/d", "ours"))
            assert done.attempts == 1
            committing = asyncio.create_task(theirs.commit(lock_wait=20))
            await waiting(client, tree, 1)
        assert (await committing).operations == 1
    assert [node.value for node in await client.batch_get([f"{tree}/{name}" for name in "abcd"])] == [
        "theirs",
        "ours",
        "ours",
        "ours",
    ]


async def test_ending_tells_what_went_with_it(client: hyperloom.Client, tree: str) -> None:
    lease = await client.lease()
    await client.put(f"{tree}/here", 1, lease=lease)
    await client.lock(f"{tree}/locked", lease=lease)
    ghost = await client.ghost(lease=lease)
    await ghost.put(f"{tree}/staged", 1)
    ended = await lease.end()
    assert (ended.deleted_nodes, ended.released_locks, ended.reverted_ghosts) == (1, 1, 1)
    assert ended.revision > 0
    assert not lease.lost.is_set()
    with pytest.raises(hyperloom.StateError):
        await ghost.put(f"{tree}/staged", 2)


async def test_a_ghost_under_a_lost_lock_ends_with_it(client: hyperloom.Client, tree: str) -> None:
    with pytest.raises(hyperloom.LeaseLostError):
        async with client.lock(tree, ttl=1) as lock, lock.ghost() as ghost:
            await ghost.put(f"{tree}/a", 1)
            await end_behind_its_back(client, lock.lease.id)
            await asyncio.Event().wait()
    assert ghost.over
    assert (await (await client.attach(ghost.id)).state()).state in ("reverted", "expired")
    assert await client.find(f"{tree}/a") is None
