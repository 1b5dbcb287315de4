"""Goal: of alternatives side by side one is committed, and nothing of the others is left."""

from __future__ import annotations

import asyncio

import pytest

import hyperloom
from hyperloom import Attempt, Ghost, Race
from tests.support import BrokerProcess


async def test_the_first_to_be_committed_wins_and_the_others_are_cancelled_and_reverted(
    client: hyperloom.Client, tree: str
) -> None:
    ghosts: dict[str, Ghost] = {}
    begun = asyncio.Event()
    cancelled: list[str] = []

    async def slow(ghost: Ghost, _attempt: Attempt) -> str:
        ghosts["slow"] = ghost
        await ghost.put(f"{tree}/answer", "slow")
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append("slow")
            raise
        return "slow"

    async def quick(ghost: Ghost, _attempt: Attempt) -> str:
        await begun.wait()
        await ghost.put(f"{tree}/answer", "quick")
        return "quick"

    won = await client.race([slow, quick], label="answer", scope=tree)
    assert (won.result, won.index, won.attempts, won.reasons) == ("quick", 1, 1, ())
    assert cancelled == ["slow"]
    assert (await client.get(f"{tree}/answer")).value == "quick"
    state = await ghosts["slow"].state()
    assert state.state == "reverted"
    assert state.race is not None
    assert state.race.winner_ghost_id == won.ghost_id
    assert ghosts["slow"].over


async def test_an_alternative_that_is_refused_tries_again_while_attempts_are_left(
    client: hyperloom.Client, tree: str
) -> None:
    async def work(ghost: Ghost, attempt: Attempt) -> int:
        assert (attempt.reverted is None) == (attempt.number == 1)
        await ghost.put(f"{tree}/n", attempt.number)
        return attempt.number

    async def verify(_ghost: Ghost, result: int) -> bool | str:
        return result == 3 or f"{result} is not 3"

    won = await client.race([work], verify, attempts_max=3)
    assert (won.result, won.attempts, won.reasons) == (3, 3, ("1 is not 3", "2 is not 3"))
    with pytest.raises(hyperloom.RaceFailed) as failed:
        await client.race([work, work], verify, attempts_max=3)
    assert all("is not 3" in reason for reason in failed.value.reasons)
    assert isinstance(failed.value.errors[0].__cause__, hyperloom.RaceExhaustedError)


async def test_an_alternative_that_fails_leaves_the_race_to_the_others(client: hyperloom.Client, tree: str) -> None:
    async def broken(_ghost: Ghost, _attempt: Attempt) -> str:
        raise KeyError("a bug")

    async def sound(ghost: Ghost, _attempt: Attempt) -> str:
        await ghost.put(f"{tree}/a", 1)
        return "sound"

    assert (await client.race([broken, sound])).index == 1
    with pytest.raises(hyperloom.RaceFailed) as failed:
        await client.race([broken, broken])
    assert failed.value.reasons == ("'a bug'", "'a bug'")
    assert [type(error) for error in failed.value.errors] == [KeyError, KeyError]
    with pytest.raises(ValueError, match="at least one alternative"):
        await client.race([])


async def test_a_race_goes_on_in_several_processes(client: hyperloom.Client, broker: BrokerProcess, tree: str) -> None:
    begun = asyncio.Event()
    finish = asyncio.Event()

    async def late(ghost: Ghost, _attempt: Attempt) -> None:
        await ghost.put(f"{tree}/a", "late")
        begun.set()
        await finish.wait()

    async with hyperloom.connect(broker.address) as other:
        losing = asyncio.create_task(client.race([late], id=f"race {tree}"))
        await begun.wait()
        async with other.ghost(race=Race(f"race {tree}")) as ghost:
            await ghost.put(f"{tree}/a", "first")
            await ghost.commit()
        finish.set()
        with pytest.raises(hyperloom.RaceOverError) as over:
            await losing
        assert over.value.winner_ghost_id == ghost.id
        with pytest.raises(hyperloom.RaceOverError):
            await other.ghost(race=Race(f"race {tree}"))
    assert (await client.get(f"{tree}/a")).value == "first"


async def test_speculation_and_races_in_a_ghost_end_up_in_it(client: hyperloom.Client, tree: str) -> None:
    async def work(ghost: Ghost, attempt: Attempt) -> None:
        await ghost.append(f"{tree}/log", f"{attempt.number} ")

    async def second(ghost: Ghost, _result: None) -> bool:
        return str((await ghost.get(f"{tree}/log")).value).endswith("2 ")

    async with client.ghost(scope=tree) as outer:
        await outer.put(f"{tree}/log", "outer ")
        done = await outer.speculate(work, second)
        assert (done.attempts, done.revision) == (2, 0)
        assert (await outer.race([work], None)).index == 0
        assert (await outer.get(f"{tree}/log")).value == "outer 2 1 "
        assert await client.find(f"{tree}/log") is None
        await outer.commit()
    assert (await client.get(f"{tree}/log")).value == "outer 2 1 "


async def test_a_cancelled_race_leaves_nothing(client: hyperloom.Client, tree: str) -> None:
    ghosts: list[Ghost] = []
    begun = asyncio.Event()

    async def work(ghost: Ghost, _attempt: Attempt) -> None:
        await ghost.put(f"{tree}/a", 1)
        ghosts.append(ghost)
        if len(ghosts) == 2:
            begun.set()
        await asyncio.Event().wait()

    racing = asyncio.create_task(client.race([work, work]))
    await begun.wait()
    racing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await racing
    assert [(await ghost.state()).state for ghost in ghosts] == ["reverted", "reverted"]
