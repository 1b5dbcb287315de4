"""Goal: locks, leases, reviews and races do the same in the sync client. Method: the asyncio scenarios in short."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

import hyperloom
from hyperloom import Attempt, LockTarget, PendingReview, SettledReview, gate
from hyperloom._gen.v1 import lock_service_pb2 as locks
from hyperloom._methods import END_LEASE
from hyperloom.sync import Client, Ghost, connect
from tests.support import BrokerProcess


@pytest.fixture
def blocking(broker: BrokerProcess) -> Iterator[Client]:
    with connect(broker.address, author="tester") as connected:
        yield connected


@pytest.fixture
def other(broker: BrokerProcess) -> Iterator[Client]:
    with connect(broker.address, author="other") as connected:
        yield connected


def end_behind_its_back(client: Client, lease_id: str) -> None:
    """As an operator may, or a ttl that passes."""
    client._loop.run(client._inner._connection.call(END_LEASE, locks.EndLeaseRequest(lease_id=lease_id), None))


def test_locks_exclude_nest_and_fence(blocking: Client, other: Client, tree: str) -> None:
    with blocking.lock(f"{tree}/a", label="planning") as lock:
        lock.put(f"{tree}/a", 1)
        with pytest.raises(hyperloom.LockedError):
            other.put(f"{tree}/a", 2)
        with pytest.raises(hyperloom.LockedError):
            other.lock(f"{tree}/a", mode="shared", wait=0)
        with lock.lock([LockTarget(f"{tree}/b", "shared")]) as inner:
            assert inner.lease.id == lock.lease.id
            assert inner.fencing_token > lock.fencing_token
        with lock.ghost() as ghost:
            ghost.put(f"{tree}/a", 3)
            ghost.commit()
        (held,) = other.locks(f"{tree}/a")
        assert (held.lock.id, held.lock.label) == (lock.id, "planning")
        done = lock.speculate(lambda ghost, _attempt: ghost.put(f"{tree}/a/deep", 4))
        published = lock.publish([hyperloom.operation.put(f"{tree}/a", 5)])
        lock.revert_revision(published.revision)
        assert done.attempts == 1
    assert lock.over
    assert not lock.lost.is_set()
    other.put(f"{tree}/a", 2, lock_wait=1)
    with pytest.raises(hyperloom.StateError):
        lock.put(f"{tree}/a", 3)
    lock.release()


def test_threads_take_turns(blocking: Client, broker: BrokerProcess, tree: str) -> None:
    inside = 0

    def work(index: int) -> None:
        nonlocal inside
        with connect(broker.address, author=f"agent {index}") as own, own.lock(tree, wait=60) as lock:
            inside += 1
            assert inside == 1
            value = lock.find(f"{tree}/n")
            lock.put(f"{tree}/n", 1 if value is None else value.value + 1)
            inside -= 1

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert blocking.get(f"{tree}/n").value == 8


def test_presence_ends_with_its_lease(blocking: Client, other: Client, tree: str) -> None:
    with blocking.lease(ttl=5) as lease:
        blocking.put(f"{tree}/here", 1, lease=lease)
        assert other.get(f"{tree}/here").lease_id == lease.id
        assert lease.id in [each.id for each in other.leases()]
        ghost = blocking.ghost(lease=lease)
        held = blocking.lock(f"{tree}/locked", lease=lease)
    assert other.find(f"{tree}/here") is None
    assert blocking.attach(ghost.id).over
    with pytest.raises(hyperloom.StateError):
        held.put(f"{tree}/locked", 1)
    with pytest.raises(hyperloom.StateError):
        lease.check()
    assert blocking.lease().end().deleted_nodes == 0


def test_a_lease_of_another_is_named_and_kept(blocking: Client, other: Client, tree: str) -> None:
    lease = other.lease(ttl=60)
    with blocking.keep_lease(lease.id) as kept, blocking.attach_lease(lease.id) as named:
        blocking.put(f"{tree}/here", 1, lease=named)
        assert kept.info.author == "other"
    assert not kept.over
    lease.check()
    brief = other.lease(ttl=1)
    with pytest.raises(hyperloom.LeaseLostError), blocking.keep_lease(brief.id) as kept:
        end_behind_its_back(blocking, brief.id)
        assert kept.lost.wait(20)
    ghost = other.ghost()
    assert blocking.keep_alive([ghost.id, "ghost_none"]) == (ghost.id,)
    ghost.revert()
    assert blocking.keep_alive([ghost.id]) == ()
    lease.close()
    assert lease.over
    assert other.find(f"{tree}/here") is None


def test_every_call_through_a_lock_that_is_lost_is_refused(blocking: Client, tree: str) -> None:
    with pytest.raises(hyperloom.LeaseLostError), blocking.lock(tree, ttl=1) as lock:
        lock.put(tree, 1)
        end_behind_its_back(blocking, lock.lease.id)
        assert lock.lost.wait(10)
        assert lock.lease.lost.wait(10)
        for call in (
            lambda: lock.put(tree, 2),
            lambda: lock.get(tree),
            lambda: lock.lock(f"{tree}/more"),
            lock.ghost,
        ):
            with pytest.raises(hyperloom.LeaseLostError):
                call()
    assert blocking.get(tree).value == 1
    with pytest.raises(ZeroDivisionError), blocking.lock(tree, ttl=1) as lock:
        end_behind_its_back(blocking, lock.lease.id)
        lock.lost.wait(10)
        1 / 0  # noqa: B018


def test_reviews(blocking: Client, other: Client, tree: str) -> None:
    name = f"safety {tree}"

    def judge() -> list[str]:
        seen = []
        with other.review(name).subscribe() as items:
            for item in items:
                if isinstance(item, SettledReview):
                    seen.append(item.settlement)
                    if len(seen) == 2:
                        return seen
                    continue
                value = other.attach(item.ghost.id).get(f"{tree}/a").value
                if value == 1:
                    other.review(name).reject(item, "not 2")
                else:
                    other.review(name).approve(item)
        return seen

    def work(ghost: Ghost, attempt: Attempt) -> None:
        ghost.put(f"{tree}/a", attempt.number)

    with ThreadPoolExecutor(1) as pool:
        judging = pool.submit(judge)
        done = blocking.speculate(work, gates=[gate.review(name)], commit_timeout=20)
        assert judging.result(20) == ["rejected", "approved"]
    assert done.reasons == ("not 2",)
    assert blocking.get(f"{tree}/a").value == 2
    open_reviews: list[PendingReview] = other.review(name).list().all()
    assert open_reviews == []


def test_races_return_with_the_winner(blocking: Client, tree: str) -> None:
    begun, told = threading.Event(), threading.Event()
    losers: list[BaseException] = []

    def slow(ghost: Ghost, _attempt: Attempt) -> str:
        ghost.put(f"{tree}/a", "slow")
        begun.set()
        told.wait(20)
        try:
            ghost.put(f"{tree}/a", "too late")
        except hyperloom.HyperloomError as error:
            losers.append(error)
            raise
        finally:
            over.set()
        return "slow"

    def quick(ghost: Ghost, _attempt: Attempt) -> str:
        begun.wait(20)
        ghost.put(f"{tree}/a", "quick")
        return "quick"

    over = threading.Event()
    won = blocking.race([slow, quick])
    assert (won.result, won.index) == ("quick", 1)
    told.set()
    assert over.wait(20)
    assert [type(error) for error in losers] == [hyperloom.GhostOverError]
    assert blocking.get(f"{tree}/a").value == "quick"
    with pytest.raises(hyperloom.RaceFailed) as failed:
        blocking.race([quick, quick], lambda _ghost, _result: "never", attempts_max=4)
    assert failed.value.reasons == ("never", "never")
