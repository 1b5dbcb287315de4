"""Goal: no more is under way than fits, in order; nothing leaks. Method: a window of three entries, 100 bytes."""

from __future__ import annotations

import asyncio

import pytest

from hyperloom._window import Window


def window_of(count_max: int, bytes_max: int = 100) -> tuple[Window[int], list[int]]:
    """A window, and whom it lets in."""
    entered: list[int] = []
    return Window(count_max, bytes_max, entered.append), entered


async def settle() -> None:
    """Lets every task that can run do so."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_who_finds_no_room_waits_in_line() -> None:
    window, entered = window_of(3)
    tasks = [asyncio.create_task(window.enter(10, index, 60)) for index in range(6)]
    await settle()
    assert entered == [0, 1, 2]
    assert list(window.line()) == [3, 4, 5]
    window.leave(10)
    assert entered == [0, 1, 2, 3]
    window.leave(10)
    window.leave(10)
    await asyncio.gather(*tasks)
    assert entered == [0, 1, 2, 3, 4, 5]


async def test_bytes_count_too_and_nobody_overtakes() -> None:
    window, entered = window_of(3)
    await window.enter(90, 1, 60)
    large = asyncio.create_task(window.enter(50, 2, 60))
    small = asyncio.create_task(window.enter(1, 3, 60))
    await settle()
    assert entered == [1]
    window.leave(90)
    await asyncio.gather(large, small)
    assert entered == [1, 2, 3]


async def test_who_was_in_line_goes_in_before_those_who_find_room_before_its_task_runs() -> None:
    window, entered = window_of(1)
    await window.enter(1, 1, 60)
    waiting = asyncio.create_task(window.enter(1, 2, 60))
    await settle()
    window.leave(1)
    window.leave(1)
    assert window.try_enter(1, 3)
    assert entered == [1, 2, 3]
    await waiting


async def test_a_single_entry_may_be_larger_than_the_window() -> None:
    window, entered = window_of(3)
    await window.enter(1_000, 1, 60)
    assert entered == [1]


async def test_no_room_in_time_is_a_timeout_and_gives_up_the_place() -> None:
    window, entered = window_of(1)
    await window.enter(1, 1, 60)
    with pytest.raises(TimeoutError):
        await window.enter(1, 2, 0.001)
    window.leave(1)
    await window.enter(1, 3, 60)
    assert entered == [1, 3]


async def test_who_is_cancelled_gives_up_the_place() -> None:
    window, entered = window_of(1)
    await window.enter(1, 1, 60)
    cancelled = asyncio.create_task(window.enter(1, 2, 60))
    patient = asyncio.create_task(window.enter(1, 3, 60))
    await settle()
    cancelled.cancel()
    window.leave(1)
    await patient
    assert entered == [1, 3]
    assert cancelled.cancelled() or (await asyncio.gather(cancelled, return_exceptions=True))


async def test_who_is_cancelled_when_it_has_been_let_in_keeps_its_room_until_it_leaves() -> None:
    window, entered = window_of(1)
    await window.enter(1, 1, 60)
    cancelled = asyncio.create_task(window.enter(1, 2, 60))
    await settle()
    window.leave(1)
    cancelled.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cancelled
    assert entered == [1, 2]
    assert not window.try_enter(1, 3)
    window.leave(1)
    assert window.try_enter(1, 3)
