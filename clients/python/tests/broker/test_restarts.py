"""Goal: nothing is lost or repeated when the broker is killed and restarted on the same data and port.

Method: SIGKILL while publishes and subscriptions are under way; counting afterwards.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

import hyperloom
from hyperloom import Event, Snapshot, operation
from tests.support import BrokerProcess

PUBLISHES = 3_000


async def restart(broker: BrokerProcess) -> None:
    """In a thread, so that the client goes on meanwhile."""
    await asyncio.to_thread(broker.kill)
    await asyncio.to_thread(broker.start)


async def test_each_of_many_increments_takes_effect_once_across_a_kill(own_broker: BrokerProcess) -> None:
    async with hyperloom.connect(own_broker.address, timeout=60) as client:
        futures: list[asyncio.Future[hyperloom.Published]] = []
        killing: asyncio.Task[None] | None = None
        for index in range(PUBLISHES):
            futures.append(await client.submit([operation.increment("/count"), operation.append("/log", f"{index} ")]))
            if index == PUBLISHES // 3:
                await futures[index // 2]
                killing = asyncio.create_task(restart(own_broker))
        outcomes = await asyncio.gather(*futures)
        assert killing is not None
        await killing
        revisions = [outcome.revision for outcome in outcomes]
        assert revisions == sorted(set(revisions))
        assert (await client.get("/count")).value == PUBLISHES
        assert str((await client.get("/log")).value).split() == [str(index) for index in range(PUBLISHES)]


async def test_a_subscription_resumes_across_kills_exactly_once(own_broker: BrokerProcess) -> None:
    async with hyperloom.connect(own_broker.address, timeout=60) as client:
        await client.put("/watched/before", 0)
        async with client.subscribe("/watched/**") as watched:
            writing = asyncio.create_task(write(client, own_broker))
            seen: list[int] = []
            snapshots = 0
            while 999 not in seen[-1:]:
                item = await asyncio.wait_for(anext(watched), 60)
                if isinstance(item, Snapshot):
                    snapshots += 1
                    assert [node.path for node in item.nodes if node.kind] == ["/watched/before"]
                elif isinstance(item, Event):
                    seen.extend(change.value for change in item.changes)
            await writing
    assert snapshots == 1
    assert seen == list(range(1_000))


async def write(client: hyperloom.Client, broker: BrokerProcess) -> None:
    """A thousand values, with two kills between."""
    for index in range(1_000):
        await client.put(f"/watched/{index % 10}", index)
        if index in (300, 600):
            await restart(broker)


async def test_reads_and_ghosts_survive_a_restart(own_broker: BrokerProcess) -> None:
    async with hyperloom.connect(own_broker.address, timeout=60) as client:
        await client.put("/a", "durable")
        status = await client.status(state_hash=True)
        killing = asyncio.create_task(restart(own_broker))
        await asyncio.sleep(0)
        assert (await client.get("/a")).value == "durable"
        await killing
        assert (await client.status(state_hash=True)).state_hash == status.state_hash
        async with client.ghost(ttl=30) as ghost:
            await ghost.put("/a", "staged")
            # Staged work needs no sync of its own; a durable publish behind it carries it to the disk.
            await client.put("/b", 1)
            await restart(own_broker)
            assert (await ghost.get("/a")).value == "staged"
            await ghost.put("/c", 1)
            await ghost.commit()
        assert (await client.get("/a")).value == "staged"


async def test_an_orderly_stop_loses_nothing_either(own_broker: BrokerProcess) -> None:
    async with hyperloom.connect(own_broker.address, timeout=60) as client:
        futures = [await client.submit([operation.increment("/n")]) for _ in range(500)]
        await asyncio.to_thread(own_broker.stop)
        await asyncio.to_thread(own_broker.start)
        await asyncio.gather(*futures)
        assert (await client.get("/n")).value == 500


async def test_without_a_broker_a_publish_ends_at_its_deadline(own_broker: BrokerProcess) -> None:
    async with hyperloom.connect(own_broker.address) as client:
        await client.put("/a", 1)
        own_broker.kill()
        with pytest.raises(hyperloom.DeadlineExceededError):
            await client.put("/a", 2, timeout=0.2)
        own_broker.start()
        assert (await client.get("/a")).value == 1


async def large(client: hyperloom.Client) -> list[bytes]:
    """More than connections hold on their way, so that there is something left when one breaks."""
    for index in range(8):
        await client.put(f"/large/{index}", bytes([index]) * 2_000_000)
    return [piece async for piece in client.forests.backup()]


async def test_a_backup_goes_on_where_it_was_across_a_kill(own_broker: BrokerProcess) -> None:
    async with hyperloom.connect(own_broker.address, timeout=60) as client:
        whole = b"".join(await large(client))
        backup = client.forests.backup()
        pieces = [await anext(backup)]
        await client.put("/large/3", "changed since")
        await restart(own_broker)
        pieces += [piece async for piece in backup]
        assert b"".join(pieces) == whole
        assert backup.mark is not None
        assert backup.mark.size == len(whole)


async def test_a_backup_is_gone_on_with_by_another_process(own_broker: BrokerProcess) -> None:
    async with hyperloom.connect(own_broker.address, timeout=60) as client:
        whole = b"".join(await large(client))
        backup = client.forests.backup()
        first = await anext(backup) + await anext(backup)
        await backup.aclose()
        mark = backup.mark
        assert mark is not None
        await client.delete("/large/3")
    await restart(own_broker)
    async with hyperloom.connect(own_broker.address, timeout=60) as client:
        rest = [piece async for piece in client.forests.backup(resume=mark)]
        assert first + b"".join(rest) == whole
        with pytest.raises(hyperloom.InvalidRequestError):
            await anext(client.forests.backup(resume=replace(mark, checksum=mark.checksum ^ 1)))
        with pytest.raises(hyperloom.RevisionError):
            await anext(client.forests.backup(resume=replace(mark, position=mark.position + 1_000)))


async def test_forests_are_made_restored_compacted_and_deleted_once_across_kills(own_broker: BrokerProcess) -> None:
    async with hyperloom.connect(own_broker.address, timeout=60) as client:
        await client.put("/warm", 1)
        backup = [piece async for piece in client.forests.backup()]
        steps: list[Callable[[], Awaitable[object]]] = [
            lambda: client.forests.create("made"),
            lambda: client.forests.restore("restored", backup),
            lambda: client.forests.compact(),
            lambda: client.forests.delete("made"),
        ]
        for step in steps:
            killing = asyncio.create_task(restart(own_broker))
            await step()
            await killing
        names = [forest.name for forest in await client.forests.list()]
        assert names == ["default", "restored"]
        assert (await client.as_agent(forest="restored").get("/warm")).value == 1


async def test_a_broken_upload_is_not_repeated_from_an_iterator(own_broker: BrokerProcess) -> None:
    async with hyperloom.connect(own_broker.address) as client:
        await client.put("/warm", 1)
        backup = [piece async for piece in client.forests.backup()]
        own_broker.kill()
        with pytest.raises(hyperloom.UnavailableError):
            await client.forests.restore("restored", iter(backup))
        own_broker.start()
        assert [forest.name for forest in await client.forests.list()] == ["default"]
        assert (await client.forests.restore("restored", iter(backup))).name == "restored"
