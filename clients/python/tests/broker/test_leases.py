"""Goal: what hangs on a lease ends with it, and whoever works under one that is lost does not go on.

Method: leases that the broker ends behind their owner's back, brokers that are killed, processes that are stopped.
"""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

import hyperloom
from hyperloom._gen.v1 import context_service_pb2 as context
from hyperloom._gen.v1 import lock_service_pb2 as locks
from hyperloom._methods import END_LEASE, PUBLISH
from tests.support import BrokerProcess, until


async def end_behind_its_back(client: hyperloom.Client, lease_id: str) -> None:
    """As an operator may, or a ttl that passes."""
    await client._connection.call(END_LEASE, locks.EndLeaseRequest(lease_id=lease_id), None)


async def test_presence_ends_with_its_lease_in_one_revision(client: hyperloom.Client, tree: str) -> None:
    async with client.subscribe(f"{tree}/agents/*", start="now") as changes:
        async with client.lease(ttl=5, label="presence") as lease:
            await client.put(f"{tree}/agents/planner", {"busy": True}, lease=lease)
            await client.put(f"{tree}/agents/critic", "here", lease=lease.id)
            assert (await client.get(f"{tree}/agents/planner")).lease_id == lease.id
            (state,) = [each for each in await client.leases().all() if each.id == lease.id]
            assert (state.label, state.nodes, state.author) == ("presence", 2, "tester")
            await client.put(f"{tree}/agents/critic", "here to stay")
        events = [await asyncio.wait_for(anext(changes), 60) for _ in range(4)]
    last = events[-1]
    assert isinstance(last, hyperloom.Event)
    assert (last.lease_id, [(each.action, each.path) for each in last.changes]) == (
        lease.id,
        [("delete", f"{tree}/agents/planner")],
    )
    assert [node.path for node in await client.list(f"{tree}/agents").all()] == [f"{tree}/agents/critic"]
    assert lease.over
    with pytest.raises(hyperloom.StateError):
        await client.put(f"{tree}/agents/planner", "again", lease=lease)


async def test_a_lock_lives_longer_than_its_ttl_while_its_owner_does(client: hyperloom.Client, tree: str) -> None:
    """Waits on real time: the least ttl is one second."""
    async with client.lock(tree, ttl=1) as lock:
        abandoned = await client.lease(ttl=1)
        client._connection.keeper.release(abandoned._kept)

        async def is_over() -> bool:
            return abandoned.id not in [each.id for each in await client.leases().all()]

        await until(is_over)
        await lock.put(tree, 1)
    assert not lock.lost.is_set()


async def test_a_lease_that_the_broker_ends_cancels_the_work(client: hyperloom.Client, tree: str) -> None:
    went_on = False
    with pytest.raises(hyperloom.LeaseLostError, match="the broker has ended it"):
        async with client.lock(tree, ttl=1) as lock:
            await end_behind_its_back(client, lock.lease.id)
            await asyncio.Event().wait()
            went_on = True
    assert not went_on
    assert lock.lost.is_set()
    assert lock.lease.lost.is_set()
    for call in (lock.put(tree, 1), lock.get(tree), lock.release()):
        with pytest.raises(hyperloom.LeaseLostError):
            await call
    with pytest.raises(hyperloom.LeaseLostError):
        await lock.lock(f"{tree}/more")
    with pytest.raises(hyperloom.LeaseLostError):
        await lock.ghost()


async def test_a_client_closes_whole_where_its_token_is_not_to_be_had(broker: BrokerProcess) -> None:
    is_away = False

    def token() -> str:
        if is_away:
            raise RuntimeError("the issuer is away")
        return "any"

    client = hyperloom.connect(broker.address, token=token)
    lease = client.lease(ttl=60)
    await lease.__aenter__()
    is_away = True
    await client.close()
    with pytest.raises(hyperloom.HyperloomError):
        await client.get("/anything")


async def test_a_refused_token_is_news_of_the_loss(client: hyperloom.Client, tree: str) -> None:
    with pytest.raises(hyperloom.LeaseLostError) as lost:
        async with client.lock(tree, ttl=60) as lock:
            await end_behind_its_back(client, lock.lease.id)
            await client.put(tree, "somebody else's")
            await lock.put(tree, "too late")
    assert isinstance(lost.value.__cause__, hyperloom.StaleFencingTokenError)
    assert (await client.get(tree)).value == "somebody else's"


async def test_work_that_is_done_when_the_loss_shows_is_told_at_the_end(client: hyperloom.Client, tree: str) -> None:
    with pytest.raises(hyperloom.LeaseLostError, match="the broker had ended it before"):
        async with client.lock(tree, ttl=60) as lock:
            await end_behind_its_back(client, lock.lease.id)


async def test_a_lease_of_its_own_cancels_its_block_too(client: hyperloom.Client) -> None:
    with pytest.raises(hyperloom.LeaseLostError):
        async with client.lease(ttl=1) as lease:
            await end_behind_its_back(client, lease.id)
            await asyncio.Event().wait()


async def test_a_lease_that_is_kept_for_another_cancels_its_block_and_is_left_to_its_owner(
    client: hyperloom.Client, broker: BrokerProcess, tree: str
) -> None:
    async with hyperloom.connect(broker.address, author="owner") as owner:
        lease = await owner.lease(ttl=60)
        async with client.keep_lease(lease.id) as kept:
            assert (kept.info.author, kept.info.ttl.total_seconds()) == ("owner", 60)
            lock = await client.lock(tree, lease=kept)
        # The lock is of the lease, and that goes on.
        assert lock.held
        await lock.put(tree, 1)
        brief = await owner.lease(ttl=1)
        with pytest.raises(hyperloom.LeaseLostError):
            async with client.keep_lease(brief.id):
                await end_behind_its_back(client, brief.id)
                await asyncio.Event().wait()
        with pytest.raises(hyperloom.LeaseLostError) as missing:
            await client.keep_lease(brief.id)
        assert (missing.value.reason, missing.value.metadata["lease_id"]) == ("LEASE_NOT_FOUND", brief.id)
        ended = await client.attach_lease(lease.id).end()
        assert (ended.released_locks, lock.held) == (1, True)
        with pytest.raises(hyperloom.StaleFencingTokenError):
            await lock.put(tree, 2)
        assert not lock.held


async def test_a_client_that_is_closed_leaves_what_it_only_kept(
    client: hyperloom.Client, broker: BrokerProcess
) -> None:
    lease = await client.lease(ttl=60)
    async with hyperloom.connect(broker.address) as brief:
        kept, named = await brief.keep_lease(lease.id), brief.attach_lease(lease.id)
    assert (kept.over, named.over) == (True, False)
    assert lease.id in [each.id for each in await client.leases().all()]
    await lease.end()


async def test_closing_the_client_ends_its_leases(client: hyperloom.Client, broker: BrokerProcess, tree: str) -> None:
    async with hyperloom.connect(broker.address) as own:
        lease = await own.lease()
        await own.put(f"{tree}/here", 1, lease=lease)
        await own.lock(f"{tree}/locked")
    assert await client.find(f"{tree}/here") is None
    assert await client.locks(tree).all() == []


async def test_locks_survive_a_restart_of_the_broker(own_broker: BrokerProcess) -> None:
    async with hyperloom.connect(own_broker.address, timeout=60) as client:
        async with client.lock("/a", ttl=60) as lock, client.lease(ttl=60) as lease:
            await client.put("/here", 1, lease=lease)
            await asyncio.to_thread(own_broker.kill)
            await asyncio.to_thread(own_broker.start)
            with pytest.raises(hyperloom.LockedError):
                await client.put("/a", "not through the lock")
            await lock.put("/a", 1)
            assert (await client.get("/here")).value == 1
        assert await client.find("/here") is None
        await client.put("/a", 2)


async def test_a_wait_for_a_lock_goes_on_across_a_restart_of_the_broker(own_broker: BrokerProcess) -> None:
    async with (
        hyperloom.connect(own_broker.address, timeout=60) as client,
        hyperloom.connect(own_broker.address, author="other", timeout=60) as other,
    ):
        async with client.lock("/a", ttl=60):
            acquiring = asyncio.ensure_future(acquire(other, "/a"))

            async def waits() -> bool:
                return len(await client.locks("/a").all()) == 2

            await until(waits)
            await asyncio.to_thread(own_broker.kill)
            await asyncio.to_thread(own_broker.start)
            assert not acquiring.done()
        lock = await acquiring
        await lock.put("/a", 1)
        assert len(await client.locks("/a").all()) == 1


async def acquire(client: hyperloom.Client, path: str) -> hyperloom.Lock:
    return await client.lock(path, ttl=60, wait=60)


async def test_a_broker_that_is_away_past_the_ttl_is_the_loss_of_the_lock(own_broker: BrokerProcess) -> None:
    async with hyperloom.connect(own_broker.address) as client:
        await client.put("/a", 1)
        with pytest.raises(hyperloom.LeaseLostError, match="no sign of life was answered for 1 s"):
            async with client.lock("/a", ttl=1):
                own_broker.kill()
                await asyncio.Event().wait()
        own_broker.start()
        assert (await client.get("/a")).value == 1


HOLDER = """
import asyncio, sys
import hyperloom

async def main():
    client = hyperloom.connect({address!r}, author="holder")
    try:
        async with client.lock({path!r}, ttl=1) as lock:
            print(lock.fencing_token, flush=True)
            await asyncio.Event().wait()
    except hyperloom.LeaseLostError as lost:
        print("lost:", lost, flush=True)
    for write in (lock.put({path!r}, "late"), lock.append({path!r}, "late"), lock.delete({path!r})):
        try:
            await write
            print("written", flush=True)
        except hyperloom.LeaseLostError:
            print("refused", flush=True)
    await client.close()

asyncio.run(main())
"""

BLOCKED_HOLDER = """
import asyncio, sys
import hyperloom

async def main():
    client = hyperloom.connect({address!r}, author="holder")
    try:
        async with client.lock({path!r}, ttl=1) as lock:
            print(lock.fencing_token, flush=True)
            sys.stdin.readline()  # Blocks the event loop, as a careless agent does.
            await lock.put({path!r}, "late")
            print("written", flush=True)
    except hyperloom.LeaseLostError as lost:
        print("lost:", lost, flush=True)
    await client.close()

asyncio.run(main())
"""

SYNC_HOLDER = """
import sys
import hyperloom
from hyperloom.sync import connect

with connect({address!r}, author="holder") as client:
    try:
        with client.lock({path!r}, ttl=1) as lock:
            print(lock.fencing_token, flush=True)
            sys.stdin.readline()
            try:
                lock.put({path!r}, "late")
                print("written", flush=True)
            except hyperloom.LeaseLostError:
                print("refused", lock.lost.wait(5), flush=True)
    except hyperloom.LeaseLostError as lost:
        print("lost:", lost, flush=True)
"""


def start(program: str) -> subprocess.Popen[str]:
    """Another Python process."""
    command = [sys.executable, "-c", program]
    return subprocess.Popen(command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@asynccontextmanager
async def stopped_past_its_ttl(
    program: str, client: hyperloom.Client, broker: BrokerProcess, path: str
) -> AsyncIterator[subprocess.Popen[str]]:
    """A process that held a lock, and was stopped until somebody else had got it."""
    holder = start(program.format(address=broker.address, path=path))
    try:
        assert holder.stdout is not None
        token = int(await asyncio.to_thread(holder.stdout.readline))
        holder.send_signal(signal.SIGSTOP)
        async with client.lock(path, wait=20) as lock:
            assert lock.fencing_token > token
            await lock.put(path, "the next holder's")
            # What the paused process might still have under way reaches the broker now.
            late = context.PublishRequest(
                operations=[hyperloom.operation.put(path, "late")], fencing_tokens=[token], author="holder"
            )
            with pytest.raises(hyperloom.StaleFencingTokenError) as stale:
                await client._connection.call(PUBLISH, late, None)
            assert stale.value.holder == "tester"
            assert int(stale.value.metadata["newest_token"]) == lock.fencing_token
        holder.send_signal(signal.SIGCONT)
        yield holder
        assert await asyncio.to_thread(holder.wait, 20) == 0
        assert (await client.get(path)).value == "the next holder's"
    finally:
        holder.kill()
        holder.communicate()


async def test_a_process_that_was_stopped_past_the_ttl_wakes_up_cancelled_and_writes_nothing(
    client: hyperloom.Client, broker: BrokerProcess, tree: str
) -> None:
    async with stopped_past_its_ttl(HOLDER, client, broker, tree) as holder:
        out, errors = await asyncio.to_thread(holder.communicate, timeout=20)
    lines = out.splitlines()
    assert lines[0].startswith("lost: lock")
    assert "no sign of life was answered for 1 s" in lines[0]
    assert lines[1:] == ["refused"] * 3
    assert errors == ""


@pytest.mark.parametrize("program", [BLOCKED_HOLDER, SYNC_HOLDER], ids=["blocked event loop", "sync"])
async def test_the_first_thing_that_a_woken_process_does_is_refused(
    client: hyperloom.Client, broker: BrokerProcess, tree: str, program: str
) -> None:
    async with stopped_past_its_ttl(program, client, broker, tree) as holder:
        out, errors = await asyncio.to_thread(holder.communicate, "go on\n", timeout=20)
    lines = out.splitlines()
    if program == SYNC_HOLDER:
        assert lines.pop(0) == "refused True"
    assert len(lines) == 1
    assert "lost: " in lines[0]
    assert errors == ""
