"""Goal: signs of life are shared and in time; a lease is lost neither late nor in vain.

Method: a clock of the test's own, and a broker that answers, stays silent, or refuses as told.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field

import grpc
import pytest

from hyperloom import _limits
from hyperloom._errors import NotFoundError, UnavailableError
from hyperloom._keeper import Keeper
from hyperloom._kept import Kept, KeptTable


@dataclass
class FakeTimer:
    """A call at a time; see `FakeTimers`."""

    time: float
    callback: Callable[[], None]
    cancelled: bool = False

    def cancel(self) -> None:
        """Lets it not come."""
        self.cancelled = True


@dataclass
class FakeTimers:
    """A clock that stands still until it is told to go on."""

    time: float = 1_000.0
    timers: list[FakeTimer] = field(default_factory=list)

    def now(self) -> float:
        """In seconds."""
        return self.time

    def call_later(self, seconds: float, callback: Callable[[], None]) -> FakeTimer:
        """Calls it once the clock has gone so far."""
        timer = FakeTimer(self.time + seconds, callback)
        self.timers.append(timer)
        return timer

    async def advance(self, seconds: float) -> None:
        """Lets the time pass in steps from timer to timer, and what becomes ready run."""
        end = self.time + seconds
        while True:
            self.timers = [each for each in self.timers if not each.cancelled]
            timer = min((each for each in self.timers if each.time <= end), key=lambda each: each.time, default=None)
            if timer is None:
                break
            self.timers.remove(timer)
            self.time = max(self.time, timer.time)
            timer.callback()
            await settle()
        self.time = end
        await settle()

    async def stop_for(self, seconds: float) -> None:
        """The process is stopped, and woken: what was due in between comes late, all at once."""
        self.time += seconds
        await self.advance(0.0)


async def settle() -> None:
    """Lets every task that can run do so."""
    for _ in range(20):
        await asyncio.sleep(0)


@dataclass
class FakeBroker:
    """Answers signs of life."""

    dead: set[str] = field(default_factory=set)
    silent: bool = False
    error: Exception | None = None
    beats: list[tuple[str, list[str], list[str]]] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    async def beat(self, forest: str, ghosts: list[str], leases: list[str], seconds: float) -> set[str]:
        """One sign."""
        self.beats.append((forest, ghosts, leases))
        self.seconds.append(seconds)
        if self.error is not None:
            raise self.error
        if self.silent:
            await asyncio.Event().wait()
        return {*ghosts, *leases} - self.dead


@dataclass
class Scene:
    """A keeper, its clock, its broker, and what it said was over."""

    timers: FakeTimers = field(default_factory=FakeTimers)
    broker: FakeBroker = field(default_factory=FakeBroker)
    over: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.keeper = Keeper(self.broker.beat, self.timers)

    def lease(self, name: str, ttl: float, forest: str = "") -> Kept:
        """A lease that was granted just now."""
        kept = Kept("lease", forest, name, ttl, self._on_over(name), expires=self.timers.now() + ttl)
        self.keeper.keep(kept)
        return kept

    def ghost(self, name: str, ttl: float, forest: str = "") -> None:
        """A ghost that was begun just now."""
        self.keeper.keep(Kept("ghost", forest, name, ttl, self._on_over(name)))

    def _on_over(self, name: str) -> Callable[[str], None]:
        return lambda why: self.over.update({name: why})


async def test_one_sign_is_for_all_leases_and_ghosts_of_a_forest() -> None:
    scene = Scene()
    for index in range(3):
        scene.lease(f"lease {index}", 30.0)
        scene.ghost(f"ghost {index}", 60.0)
    scene.lease("elsewhere", 30.0, "other")
    await scene.timers.advance(10.0)
    assert sorted(scene.broker.beats) == [
        ("", ["ghost 0", "ghost 1", "ghost 2"], ["lease 0", "lease 1", "lease 2"]),
        ("other", [], ["elsewhere"]),
    ]
    assert scene.broker.seconds == [10.0, 10.0]
    await scene.keeper.close()


async def test_a_lease_lives_while_its_signs_are_answered() -> None:
    scene = Scene()
    kept = scene.lease("a", 3.0)
    await scene.timers.advance(3_600.0)
    assert scene.over == {}
    assert 3_500 < len(scene.broker.beats) < 3_700
    assert kept.expires > scene.timers.now()
    await scene.keeper.close()


async def test_what_the_answer_does_not_name_is_over() -> None:
    scene = Scene()
    scene.lease("a", 3.0)
    scene.lease("b", 3.0)
    scene.ghost("c", 3.0)
    scene.broker.dead = {"a", "c"}
    await scene.timers.advance(1.0)
    assert scene.over == {"a": "the broker has ended it", "c": "the broker has ended it"}
    scene.broker.beats.clear()
    await scene.timers.advance(1.0)
    assert scene.broker.beats == [("", [], ["b"])]
    await scene.keeper.close()


async def test_without_an_answer_a_lease_is_lost_when_its_ttl_has_passed_and_a_ghost_is_not() -> None:
    scene = Scene()
    scene.lease("a", 3.0)
    scene.ghost("b", 3.0)
    scene.broker.silent = True
    await scene.timers.advance(2.99)
    assert scene.over == {}
    await scene.timers.advance(0.02)
    assert scene.over == {"a": "no sign of life was answered for 3 s"}
    await scene.keeper.close()


async def test_the_ttl_counts_from_the_sending_of_the_last_sign_that_was_answered() -> None:
    scene = Scene()
    kept = scene.lease("a", 3.0)
    granted = scene.timers.now()
    await scene.timers.advance(1.0)
    assert kept.expires == pytest.approx(granted + 1.0 + 3.0)
    scene.broker.silent = True
    await scene.timers.advance(2.9)
    assert scene.over == {}
    await scene.timers.advance(0.2)
    assert list(scene.over) == ["a"]
    await scene.keeper.close()


async def test_a_broker_that_is_away_for_a_moment_costs_no_lease() -> None:
    scene = Scene()
    scene.lease("a", 3.0)
    scene.broker.error = UnavailableError("away", code=grpc.StatusCode.UNAVAILABLE)
    await scene.timers.advance(2.5)
    assert len(scene.broker.beats) > 2
    scene.broker.error = None
    await scene.timers.advance(10.0)
    assert scene.over == {}
    await scene.keeper.close()


async def test_a_function_of_the_program_that_fails_for_a_moment_costs_no_lease(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It is asked for the token or the trace of each sign."""
    scene = Scene()
    scene.lease("a", 3.0)
    scene.ghost("b", 3.0)
    scene.broker.error = LookupError("no token at the moment")
    await scene.timers.advance(2.5)
    assert f"keeping 1 ghosts and 1 leases alive: {scene.broker.error}" in caplog.messages
    assert len(scene.broker.beats) > 2
    scene.broker.error = None
    scene.broker.beats.clear()
    await scene.timers.advance(10.0)
    assert scene.over == {}
    assert ("", ["b"], ["a"]) in scene.broker.beats
    await scene.keeper.close()


async def test_a_process_that_was_stopped_past_the_ttl_knows_it_at_once() -> None:
    scene = Scene()
    scene.lease("a", 3.0)
    scene.lease("b", 30.0)
    await scene.timers.stop_for(3.0)
    assert list(scene.over) == ["a"]
    assert scene.broker.beats == []
    await scene.timers.stop_for(12.0)
    assert list(scene.over) == ["a"]
    assert scene.broker.beats == [("", [], ["b"])]
    await scene.keeper.close()


async def test_a_deleted_forest_takes_its_leases_and_ghosts_along() -> None:
    scene = Scene()
    scene.lease("a", 3.0)
    scene.ghost("b", 3.0)
    scene.broker.error = NotFoundError("gone", code=grpc.StatusCode.NOT_FOUND, reason="FOREST_NOT_FOUND")
    await scene.timers.advance(1.0)
    assert set(scene.over) == {"a", "b"}
    await scene.keeper.close()


async def test_a_silent_sign_does_not_hold_up_the_others() -> None:
    scene = Scene()
    scene.lease("slow", 30.0)
    scene.broker.silent = True
    await scene.timers.advance(10.0)
    scene.broker.silent = False
    scene.lease("quick", 1.0)
    await scene.timers.advance(5.0)
    assert scene.over == {}
    assert ("", [], ["quick"]) in scene.broker.beats
    await scene.keeper.close()


async def test_more_than_a_request_may_name_go_in_several() -> None:
    scene = Scene()
    for index in range(2_500):
        scene.lease(str(index), 30.0)
    await scene.timers.advance(10.0)
    assert [len(leases) for _, _, leases in scene.broker.beats] == [1_000, 1_000, 500]
    assert _limits.KEPT_PER_KEEP_ALIVE_MAX == 1_000
    await scene.keeper.close()


async def test_what_is_released_gets_no_signs_and_costs_no_timer() -> None:
    scene = Scene()
    for index in range(1_000):
        scene.keeper.release(scene.lease(str(index), 30.0))
    assert len(scene.timers.timers) == 1
    await scene.timers.advance(100.0)
    assert scene.broker.beats == []
    assert scene.over == {}
    assert [each for each in scene.timers.timers if not each.cancelled] == []
    await scene.keeper.close()


async def test_who_keeps_a_lease_beside_its_owner_leaves_the_owner_its_signs() -> None:
    scene = Scene()
    scene.lease("a", 30.0)
    beside = scene.lease("a", 30.0)
    scene.keeper.release(beside)
    await scene.timers.advance(10.0)
    assert scene.broker.beats == [("", [], ["a"])]
    scene.broker.dead = {"a"}
    await scene.timers.advance(10.0)
    assert list(scene.over) == ["a"]
    await scene.keeper.close()


async def test_closing_ends_signs_that_are_under_way() -> None:
    scene = Scene()
    scene.lease("a", 3.0)
    scene.broker.silent = True
    await scene.timers.advance(1.0)
    await scene.keeper.close()
    await scene.timers.advance(10.0)
    assert scene.over == {}
    assert len(scene.broker.beats) == 1


@pytest.mark.parametrize("seed", range(20))
def test_no_lease_outlives_its_ttl_and_none_is_lost_that_was_answered_in_time(seed: int) -> None:
    """Random signs, answers and failures; the rule is kept by hand beside it."""
    chance = random.Random(seed)
    table, now = KeptTable(), 0.0
    alive: dict[str, tuple[Kept, float]] = {}
    under_way: list[tuple[float, list[Kept]]] = []
    for step in range(400):
        now += chance.uniform(0, 2)
        if chance.random() < 0.3:
            ttl = chance.choice([1.0, 5.0, 30.0])
            kept = Kept("lease", chance.choice(["", "other"]), str(step), ttl, lambda _why: None, expires=now + ttl)
            table.add(kept, now)
            alive[kept.id] = (kept, now + ttl)
        expired = {kept.id for kept in table.take_expired(now)}
        assert expired == {name for name, (_, expires) in alive.items() if expires <= now}
        for name in expired:
            del alive[name]
        for group in table.take_due(now):
            assert len({kept.forest for kept in group}) == 1
            under_way.append((now, group))
        for sent, group in [each for each in under_way if chance.random() < 0.5]:
            under_way.remove((sent, group))
            if chance.random() < 0.2:
                table.failed(group, now)
                continue
            dead = {kept.id for kept in group if chance.random() < 0.05}
            over = {kept.id for kept in table.answered(group, sent, {kept.id for kept in group} - dead)}
            assert over == dead & set(alive)
            for kept in group:
                if kept.id in dead:
                    alive.pop(kept.id, None)
                elif kept.id in alive:
                    alive[kept.id] = (kept, max(alive[kept.id][1], sent + kept.ttl))
        assert table.next_time() > now or any(kept.due <= now for kept, _ in alive.values()) or not alive
        assert len(table) == len(alive)
