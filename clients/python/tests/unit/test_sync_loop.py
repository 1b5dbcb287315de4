"""Goal: a blocking call ends with its work, or at once when it is called off, and leaves nothing behind.

Method: work that is done in the loop's thread, which the test holds up or calls off where it chooses.
"""

from __future__ import annotations

import asyncio
import gc
import threading
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from hyperloom import CancelledError, ClosedError, _limits
from hyperloom._sync.cancel import CancelScope
from hyperloom._sync.loop import LoopThread

# Only what waits for ever takes so long.
SECONDS_MAX = 60


class Failure(Exception):
    """What some work ends with."""


@pytest.fixture
def loop() -> Iterator[LoopThread]:
    loop = LoopThread()
    yield loop
    loop.close()


@pytest.fixture
def in_thread() -> Iterator[Callable[[Callable[[], object]], Future[object]]]:
    with ThreadPoolExecutor(1) as pool:
        yield lambda work: pool.submit(work)


async def double(number: int) -> int:
    await asyncio.sleep(0)
    return 2 * number


def test_each_of_many_threads_gets_what_its_own_work_came_to(loop: LoopThread) -> None:
    def work(number: int) -> int:
        return loop.run(double(number))

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(work, range(500))) == [2 * number for number in range(500)]


def test_an_error_is_raised_at_the_caller_and_names_nothing_that_names_it(loop: LoopThread) -> None:
    async def fail() -> None:
        raise Failure("no")

    def failure_of_a_call() -> weakref.ref[Failure]:
        try:
            loop.run(fail())
        except Failure as failure:
            return weakref.ref(failure)
        raise AssertionError("it has not failed")

    gc.collect()
    gc.disable()
    try:
        failure = failure_of_a_call()
        # The loop's thread lets go of the task when it has gone on.
        loop.run(double(1))
        loop.run(double(1))
        assert failure() is None
    finally:
        gc.enable()


def test_who_is_called_off_does_not_wait_for_the_end_of_the_work(
    loop: LoopThread, in_thread: Callable[[Callable[[], object]], Future[object]]
) -> None:
    scope, begun, may_end, has_ended = CancelScope(), threading.Event(), asyncio.Event(), threading.Event()

    async def linger() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            await may_end.wait()
            has_ended.set()

    def call() -> None:
        with scope:
            loop.run(linger())

    outcome = in_thread(call)
    assert begun.wait(SECONDS_MAX)
    scope.cancel()
    with pytest.raises(CancelledError):
        outcome.result(SECONDS_MAX)
    assert not has_ended.is_set()
    loop.soon(may_end.set)
    assert has_ended.wait(SECONDS_MAX)


def test_what_is_called_off_before_it_has_begun_never_begins(
    loop: LoopThread, in_thread: Callable[[Callable[[], object]], Future[object]]
) -> None:
    scope, is_held, may_go, has_begun = CancelScope(), threading.Event(), threading.Event(), threading.Event()

    def hold() -> None:
        is_held.set()
        may_go.wait(SECONDS_MAX)

    async def begin() -> None:
        has_begun.set()

    def call() -> None:
        with scope:
            loop.run(begin())

    # Nothing begins in the loop's thread while it is held up here.
    loop.soon(hold)
    assert is_held.wait(SECONDS_MAX)
    outcome = in_thread(call)
    while not scope._calls:
        threading.Event().wait(0.001)
    scope.cancel()
    with pytest.raises(CancelledError):
        outcome.result(SECONDS_MAX)
    may_go.set()
    loop.run(double(1))
    assert not has_begun.is_set()


def test_a_loop_that_is_closed_ends_what_waits_and_begins_nothing_more(
    in_thread: Callable[[Callable[[], object]], Future[object]],
) -> None:
    loop, begun = LoopThread(), threading.Event()

    async def wait() -> None:
        begun.set()
        await asyncio.Event().wait()

    outcome = in_thread(lambda: loop.run(wait()))
    assert begun.wait(SECONDS_MAX)
    loop.close()
    with pytest.raises(ClosedError):
        outcome.result(SECONDS_MAX)
    with pytest.raises(ClosedError):
        loop.run(double(1))


async def test_each_of_many_tasks_gets_what_its_own_work_came_to(loop: LoopThread) -> None:
    outcomes = await asyncio.gather(*(loop.wait(double(number)) for number in range(500)))
    assert outcomes == [2 * number for number in range(500)]


def test_each_of_several_event_loops_gets_what_its_own_tasks_asked_for(loop: LoopThread) -> None:
    async def ask(first: int) -> list[int]:
        return [await loop.wait(double(number)) for number in range(first, first + 100)]

    # More loops than threads: a thread has one after the other.
    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(lambda first: asyncio.run(ask(first)), range(0, 1_600, 100)))
    assert [number for part in told for number in part] == [2 * number for number in range(1_600)]


async def test_an_error_is_raised_at_the_task_that_asked(loop: LoopThread) -> None:
    async def fail() -> None:
        raise Failure("no")

    with pytest.raises(Failure, match="no"):
        await loop.wait(fail())
    assert await loop.wait(double(1)) == 2


async def test_a_task_that_is_cancelled_calls_its_work_off(loop: LoopThread) -> None:
    begun, has_ended = asyncio.Event(), asyncio.Event()
    here = asyncio.get_running_loop()

    async def linger() -> None:
        here.call_soon_threadsafe(begun.set)
        try:
            await asyncio.Event().wait()
        finally:
            here.call_soon_threadsafe(has_ended.set)

    asking = asyncio.create_task(loop.wait(linger()))
    await asyncio.wait_for(begun.wait(), SECONDS_MAX)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await asyncio.wait_for(has_ended.wait(), SECONDS_MAX)


def test_what_an_event_loop_that_was_closed_has_asked_for_holds_up_no_other(loop: LoopThread) -> None:
    begun, may_end, has_ended = threading.Event(), threading.Event(), threading.Event()

    async def linger() -> None:
        begun.set()
        may_end.wait(SECONDS_MAX)
        has_ended.set()

    left = asyncio.new_event_loop()
    # It tells of the task that is left behind.
    left.set_exception_handler(lambda *_: None)
    asking = left.create_task(loop.wait(linger()))
    left.run_until_complete(asyncio.sleep(0))
    assert begun.wait(SECONDS_MAX)
    left.close()
    may_end.set()
    assert has_ended.wait(SECONDS_MAX)
    assert loop.run(double(1)) == 2
    assert asyncio.run(loop.wait(double(2))) == 4
    assert not asking.done()


async def test_a_loop_that_is_closed_ends_what_tasks_wait_for(loop: LoopThread) -> None:
    begun, here = asyncio.Event(), asyncio.get_running_loop()

    async def wait() -> None:
        here.call_soon_threadsafe(begun.set)
        await asyncio.Event().wait()

    asking = asyncio.create_task(loop.wait(wait()))
    await asyncio.wait_for(begun.wait(), SECONDS_MAX)
    await asyncio.to_thread(loop.close)
    with pytest.raises(asyncio.CancelledError):
        await asking
    with pytest.raises(ClosedError):
        await loop.wait(double(1))


async def test_the_first_of_many_calls_go_on_before_the_last_have_begun(loop: LoopThread) -> None:
    count, may_go = 3 * _limits.CALLS_BEGUN_AT_ONCE_MAX, threading.Event()
    begun: list[int] = []

    async def begin(number: int) -> int:
        begun.append(number)
        await asyncio.sleep(0)
        return len(begun)

    # Held up here, it finds all of them when it goes on.
    loop.soon(may_go.wait, SECONDS_MAX)
    asking = [asyncio.create_task(loop.wait(begin(number))) for number in range(count)]
    await asyncio.sleep(0)
    may_go.set()
    counts = await asyncio.gather(*asking)
    assert counts[0] <= _limits.CALLS_BEGUN_AT_ONCE_MAX
    assert counts[-1] == count
    assert begun == list(range(count))
