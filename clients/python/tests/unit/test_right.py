"""Goal: work under a lock that is lost does not go on, whatever it is doing. Method: rights without a broker."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import grpc
import pytest

from hyperloom._errors import HyperloomError, LeaseLostError, StaleFencingTokenError, StateError
from hyperloom._right import Fence, Right

counts_cancellations = pytest.mark.skipif(sys.version_info < (3, 11), reason="Python 3.10 does not count cancellations")


@asynccontextmanager
async def block(right: Right) -> AsyncIterator[None]:
    """A block as those of locks and leases are, without the broker."""
    right.enter()
    error: BaseException | None = None
    try:
        yield
    except BaseException as raised:
        error = raised
    ours = right.leave(error)
    if right.lost.is_set() and (error is None or ours):
        raise right.loss()
    if error is not None:
        raise error


def lose_soon(right: Right) -> None:
    """From the event loop, as a keeper does."""
    asyncio.get_running_loop().call_soon(right.lose, "no sign of life was answered for 3 s")


async def test_the_loss_cancels_the_task_in_the_block_and_comes_out_as_a_typed_error() -> None:
    right = Right("lock 1")
    with pytest.raises(LeaseLostError, match="lock 1 was lost: no sign of life was answered for 3 s") as lost:
        async with block(right):
            lose_soon(right)
            await asyncio.Event().wait()
    assert lost.value.reason == "LEASE_LOST"
    task = asyncio.current_task()
    assert task is not None
    if sys.version_info >= (3, 11):
        assert task.cancelling() == 0
    await asyncio.sleep(0)


async def test_work_that_swallows_the_cancellation_is_told_at_the_end() -> None:
    right = Right("lock 1")
    with pytest.raises(LeaseLostError):
        async with block(right):
            lose_soon(right)
            with suppress(asyncio.CancelledError):
                await asyncio.Event().wait()
    await asyncio.sleep(0)


async def test_work_that_ends_before_it_hears_of_the_loss_is_told_at_the_end() -> None:
    right = Right("lock 1")
    with pytest.raises(LeaseLostError):
        async with block(right):
            right.lose("the broker has ended it")
    await asyncio.sleep(0)


@counts_cancellations
async def test_a_cancellation_from_outside_passes_on_even_when_the_right_is_lost_too() -> None:
    right = Right("lock 1")

    async def work() -> None:
        async with block(right):
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()
    right.lose("the broker has ended it")
    with pytest.raises(asyncio.CancelledError):
        await task
    assert task.cancelled()


@counts_cancellations
async def test_a_timeout_around_the_block_keeps_its_own_meaning() -> None:
    right = Right("lock 1")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01), block(right):
            await asyncio.Event().wait()
    assert not right.lost.is_set()


@counts_cancellations
async def test_a_timeout_inside_the_block_does_not_take_the_loss_for_its_own() -> None:
    right = Right("lock 1")
    with pytest.raises(LeaseLostError):
        async with block(right), asyncio.timeout(60):
            lose_soon(right)
            await asyncio.Event().wait()


@counts_cancellations
async def test_the_outermost_of_the_blocks_that_are_lost_together_tells() -> None:
    lease = Right("lease 1")
    outer, inner = Right("lock 1", under=lease), Right("lock 2", under=lease)
    between: list[BaseException] = []
    with pytest.raises(LeaseLostError, match="lock 1"):
        async with block(outer):
            try:
                async with block(inner):
                    asyncio.get_running_loop().call_soon(lease.lose, "the broker has ended it")
                    await asyncio.Event().wait()
            except BaseException as error:
                between.append(error)
                raise
    assert [type(error) for error in between] == [asyncio.CancelledError]
    assert inner.lost.is_set()
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


@counts_cancellations
async def test_an_inner_lock_that_is_lost_alone_leaves_the_outer_one_and_its_task_in_peace() -> None:
    lease = Right("lease 1")
    outer, inner = Right("lock 1", under=lease), Right("lock 2", under=lease)
    async with block(outer):
        with pytest.raises(LeaseLostError, match="lock 2"):
            async with block(inner):
                lose_soon(inner)
                await asyncio.Event().wait()
        await asyncio.sleep(0)
        outer.check()


async def test_another_error_is_not_hidden_by_the_loss() -> None:
    right = Right("lock 1")
    with pytest.raises(ZeroDivisionError):
        async with block(right):
            right.lose("the broker has ended it")
            raise ZeroDivisionError
    await asyncio.sleep(0)


async def test_a_task_that_finds_the_loss_itself_gets_an_error_and_no_cancellation() -> None:
    clock = [0.0]

    def alive() -> None:
        if clock[0] >= 3:
            right.lose("no sign of life was answered for 3 s")

    right = Right("lease 1", alive=alive)
    lock = Right("lock 1", under=right)
    with pytest.raises(LeaseLostError, match="lease 1"):
        async with block(lock):
            lock.check()
            clock[0] = 3.0
            with pytest.raises(LeaseLostError):
                lock.check()
            await asyncio.sleep(0)
            lock.check()
    assert lock.lost.is_set()


@counts_cancellations
async def test_a_child_task_that_finds_the_loss_ends_the_block_with_all_its_tasks() -> None:
    lost = [False]
    right = Right("lock 1", alive=lambda: right.lose("expired") if lost[0] else None)
    ended: list[str] = []

    async def bystander() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("bystander")

    async def finder() -> None:
        lost[0] = True
        await asyncio.sleep(0)
        with pytest.raises(LeaseLostError):
            right.check()
        ended.append("finder")

    with pytest.raises(LeaseLostError):
        async with block(right), asyncio.TaskGroup() as group:
            group.create_task(bystander())
            group.create_task(finder())
    assert sorted(ended) == ["bystander", "finder"]


async def test_nothing_can_be_done_under_what_was_given_back_and_it_cannot_be_lost() -> None:
    right = Right("lock 1")
    right.give_back()
    right.lose("the broker has ended it")
    assert not right.lost.is_set()
    with pytest.raises(StateError, match="lock 1 was given back"):
        right.check()


async def test_listeners_hear_of_a_loss_once_also_when_they_come_late() -> None:
    right, heard = Right("lock 1"), []
    right.on_lost(lambda: heard.append("early"))
    right.lose("the broker has ended it")
    right.lose("again")
    right.on_lost(lambda: heard.append("late"))
    assert heard == ["early", "late"]
    assert "the broker has ended it" in str(right.loss())


async def test_a_stale_token_is_the_loss_of_the_lock_that_it_belongs_to() -> None:
    lease = Right("lease 1")
    outer, inner = Right("lock 1", under=lease), Right("lock 2", under=lease)
    fence = Fence(lease, "lease 1").within(outer, 7).within(inner, 9)
    assert fence.tokens == (7, 9)
    error = StaleFencingTokenError(
        "stale", code=grpc.StatusCode.FAILED_PRECONDITION, reason="STALE_FENCING_TOKEN", metadata={"fencing_token": "9"}
    )
    fence.refused(error)
    assert (lease.lost.is_set(), outer.lost.is_set(), inner.lost.is_set()) == (False, False, True)
    with pytest.raises(LeaseLostError) as lost:
        fence.check()
    assert lost.value.__cause__ is error


async def test_a_lock_stays_held_when_one_around_it_is_given_back_and_says_its_own_token_alone() -> None:
    lease = Right("lease 1")
    outer = Right("lock 1", under=lease)
    inner = Right("lock 2", under=lease, within=[outer])
    fence = Fence(lease, "lease 1").within(outer, 7).within(inner, 9)
    assert list(fence.held_tokens) == [7, 9]
    outer.give_back()
    fence.check()
    assert inner.held
    assert list(fence.held_tokens) == [9]
    lease.give_back()
    assert not inner.held
    with pytest.raises(StateError):
        fence.check()


async def test_a_lock_is_lost_with_the_one_around_it_but_not_the_other_way_round() -> None:
    lease = Right("lease 1")
    outer = Right("lock 1", under=lease)
    inner = Right("lock 2", under=lease, within=[outer])
    innermost = Right("lock 3", under=lease, within=[outer, inner])
    innermost.lose("the broker does not hold it any more")
    assert (outer.held, inner.held, innermost.held) == (True, True, False)
    outer.lose("the broker does not hold it any more")
    assert (inner.held, lease.held) == (False, True)
    with pytest.raises(LeaseLostError, match="lock 2 was lost: the broker does not hold it any more"):
        inner.check()
    late = Right("lock 4", under=lease, within=[outer])
    assert late.lost.is_set()


async def test_a_lease_that_the_broker_does_not_know_is_lost_and_other_refusals_lose_nothing() -> None:
    lease = Right("lease 1")
    fence = Fence(lease, "1").within(Right("lock 1", under=lease), 7)
    for reason, lease_id in (("NODE_NOT_FOUND", "1"), ("LEASE_NOT_FOUND", "2")):
        fence.refused(HyperloomError("no", reason=reason, metadata={"lease_id": lease_id}))
        fence.check()
    fence.refused(HyperloomError("no", reason="LEASE_NOT_FOUND", metadata={"lease_id": "1"}))
    with pytest.raises(LeaseLostError):
        fence.check()
