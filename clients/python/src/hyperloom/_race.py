"""Alternatives side by side, each in a ghost of its own: the first that is committed wins, the others are reverted."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

from hyperloom._errors import (
    GhostOverError,
    HyperloomError,
    LeaseLostError,
    RaceFailed,
    RaceOverError,
    SpeculationFailed,
)
from hyperloom._reasons import reason_of
from hyperloom._speculate import AsyncSpeculator, Attempt, Speculated, speculate

if TYPE_CHECKING:
    from hyperloom._ghost import Ghost

Result = TypeVar("Result")
AsyncWork: TypeAlias = "Callable[[Ghost, Attempt], Awaitable[Result]]"


Work = TypeVar("Work")
"""`(ghost, attempt) -> result`; of asyncio it is awaited."""


@dataclass(frozen=True, slots=True)
class Alternative(Generic[Work]):
    """One of the works of a race, and what it is called. A work alone has no name."""

    work: Work
    label: str = ""
    """That of its ghost and of its commit. Default: the race's."""


@dataclass(frozen=True, slots=True)
class Raced(Generic[Result]):
    """What won a race and was committed."""

    result: Result
    index: int
    """Which alternative it was, from 0."""
    ghost_id: str
    revision: int
    """The trunk revision it made; 0 in a parent ghost or where nothing was staged."""
    attempts: int
    """How many attempts the winner took."""
    reasons: tuple[str, ...]
    """Why its earlier ones were refused."""
    label: str = ""
    """What its `Alternative` is called; empty where it has no name."""


class Standings(Generic[Result]):
    """How the alternatives of one race have ended so far."""

    def __init__(self, count: int) -> None:
        self._errors: list[BaseException | None] = [None] * count

    def failed(self, index: int, error: BaseException) -> None:
        """This alternative is out."""
        self._errors[index] = error

    def failure(self) -> Exception:
        """All are out: what ended them all at once, or why each of them failed."""
        for error in self._errors:
            if isinstance(error, (RaceOverError, LeaseLostError)):
                return error
        errors = [error for error in self._errors if error is not None]
        failure = RaceFailed([_reason(error) for error in errors], errors)
        failure.__cause__ = errors[-1] if errors else None
        return failure


def named(alternatives: Sequence[Work | Alternative[Work]]) -> list[Alternative[Work]]:
    """Each with its name."""
    if not alternatives:
        raise ValueError("a race needs at least one alternative")
    return [each if isinstance(each, Alternative) else Alternative(each) for each in alternatives]


def raced(index: int, label: str, done: Speculated[Result]) -> Raced[Result]:
    return Raced(done.result, index, done.ghost_id, done.revision, done.attempts, done.reasons, label)


def _reason(error: BaseException) -> str:
    if isinstance(error, SpeculationFailed) and error.reasons:
        return error.reasons[-1]
    return reason_of(error)


async def race(
    alternatives: Sequence[AsyncWork[Result] | Alternative[AsyncWork[Result]]],
    speculator_of: Callable[[Alternative[AsyncWork[Result]]], AsyncSpeculator[Result]],
) -> Raced[Result]:
    """Runs all at once. The first to be committed ends the others; so does whatever ends this task."""
    works = named(alternatives)
    speculators = [speculator_of(each) for each in works]
    standings: Standings[Result] = Standings(len(speculators))
    tasks = {asyncio.create_task(_run(each)): index for index, each in enumerate(speculators)}
    running = set(tasks)
    try:
        while running:
            finished, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for task in finished:
                index, error = tasks[task], _error_of(task)
                if error is None:
                    for loser in speculators[:index] + speculators[index + 1 :]:
                        loser.abandon()
                    return raced(index, works[index].label, task.result())
                standings.failed(index, error)
        raise standings.failure()
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def _run(speculator: AsyncSpeculator[Result]) -> Speculated[Result]:
    try:
        return await speculate(speculator, None)
    except GhostOverError as error:
        raise await _won_elsewhere(speculator, error) from error


async def _won_elsewhere(speculator: AsyncSpeculator[Result], error: HyperloomError) -> HyperloomError:
    """A ghost of a race may be over because another one won, perhaps one of another process."""
    try:
        standing = (await speculator.ghost.state()).race
    except HyperloomError:
        return error
    if standing is None or standing.winner_ghost_id in ("", speculator.ghost.id):
        return error
    return race_over(standing.race.id, standing.winner_ghost_id, error)


def race_over(race_id: str, winner_ghost_id: str, error: HyperloomError) -> RaceOverError:
    return RaceOverError(
        f"ghost {winner_ghost_id} has won the race {race_id}",
        code=error.code,
        reason="RACE_OVER",
        metadata={"race_id": race_id, "winner_ghost_id": winner_ghost_id},
    )


def _error_of(task: asyncio.Task[Speculated[Result]]) -> BaseException | None:
    return asyncio.CancelledError() if task.cancelled() else task.exception()
