"""Goal: no more is under way than fits, in order; nothing leaks. Method: a window of three entries, 100 bytes."""

from __future__ import annotations

import asyncio

import pytest

from hyperloom._window import Window


async def settle() -> None:
    """Lets every task that can run do so."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_who_finds_no_room_waits_in_line() -> None:
    window = Window(3, 100)
    order: list[int] = []

    async def enter(index: int) -> None:
        await window.enter(10, 60)
        order.append(index)

    tasks = [asyncio.create_task(enter(index)) for index in range(6)]
    await settle()
    assert order == [0, 1, 2]
    window.leave(10)
    await settle()
    assert order == [0, 1, 2, 3]
    window.leave(10)
    window.leave(10)
    await asyncio.gather(*tasks)
    assert order == [0, 1, 2, 3, 4, 5]


async def test_bytes_count_too_and_nobody_overtakes() -> None:
    window = Window(3, 100)
    await window.enter(90, 60)
    large = asyncio.create_task(window.enter(50, 60))
    small = asyncio.create_task(window.enter(1, 60))
    await settle()
    assert not large.done()
    assert not small.done()
    window.leave(90)
    await asyncio.gather(large, small)


async def test_a_single_entry_may_be_larger_than_the_window() -> None:
    window = Window(3, 100)
    await window.enter(1_000, 60)


async def test_no_room_in_time_is_a_timeout_and_gives_up_the_place() -> None:
    window = Window(1, 100)
    await window.enter(1, 60)
    with pytest.raises(TimeoutError):
        await window.enter(1, 0.001)
    window.leave(1)
    await window.enter(1, 60)


async def test_who_is_cancelled_gives_up_the_place() -> None:
    window = Window(1, 100)
    await window.enter(1, 60)
    cancelled = asyncio.create_task(window.enter(1, 60))
    patient = asyncio.create_task(window.enter(1, 60))
    await settle()
    cancelled.cancel()
    window.leave(1)
    await patient
    assert cancelled.cancelled() or (await asyncio.gather(cancelled, return_exceptions=True))
