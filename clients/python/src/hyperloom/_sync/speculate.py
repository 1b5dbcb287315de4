"""Speculation and races, blocking."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Coroutine, Sequence
from contextvars import copy_context
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

from hyperloom._errors import GhostOverError, HyperloomError
from hyperloom._race import Alternative, Raced, Standings, named, race_over, raced
from hyperloom._records import Committed, Reverted
from hyperloom._speculate import BEGINNING, Attempt, Speculated, Verdict, speculate
from hyperloom._sync.cancel import shielded

if TYPE_CHECKING:
    from hyperloom._sync.ghost import Ghost

Result = TypeVar("Result")
BlockingWork: TypeAlias = "Callable[[Ghost, Attempt], Result]"


class BlockingSpeculator(Generic[Result]):
    """For the sync client. Its coroutines never wait for a loop: they block, in the thread of the caller."""

    def __init__(
        self,
        begin: Callable[[], Ghost],
        work: Callable[[Ghost, Attempt], Result],
        verify: Callable[[Ghost, Result], Verdict] | None,
        commit: Callable[[Ghost], Committed],
    ) -> None:
        self._begin = begin
        self._work = work
        self._verify = verify
        self._commit = commit
        self._ghost: Ghost | None = None

    @property
    def ghost(self) -> Ghost:
        assert self._ghost is not None, "begin comes first"  # noqa: S101
        return self._ghost

    async def begin(self) -> None:
        self._ghost = self._begin()

    async def mark(self) -> None:
        self.ghost.checkpoint(BEGINNING)

    async def work(self, attempt: Attempt) -> Result:
        return self._work(self.ghost, attempt)

    async def verify(self, result: Result) -> Verdict:
        return None if self._verify is None else self._verify(self.ghost, result)

    async def commit(self) -> Committed:
        return self._commit(self.ghost)

    async def rewind(self, reason: str, rejected: bool) -> Reverted | None:
        if rejected and self.ghost.state().staged_operations == 0:
            return None
        return self.ghost.rewind(BEGINNING, reason)

    async def revert(self, reason: str) -> Reverted | None:
        if self._ghost is None or self._ghost.over:
            return None
        with shielded():
            return self._ghost.revert(reason)

    def abandon(self) -> None:
        """The broker has reverted its ghost, or will not let it be committed."""
        if self._ghost is not None:
            self._ghost.abandon()


def speculate_blocking(speculator: BlockingSpeculator[Result], retries: int | None) -> Speculated[Result]:
    """As `speculate`, in this thread."""
    return _run_blocking(speculate(speculator, retries))


def race_blocking(
    alternatives: Sequence[BlockingWork[Result] | Alternative[BlockingWork[Result]]],
    speculator_of: Callable[[Alternative[BlockingWork[Result]]], BlockingSpeculator[Result]],
) -> Raced[Result]:
    """Runs each in a thread of its own. Returns with the first that is committed, without waiting for the others.

    A thread cannot be cancelled: those that have lost find their ghost over, and their next call in it is refused.
    """
    works = named(alternatives)
    speculators = [speculator_of(each) for each in works]
    standings: Standings[Result] = Standings(len(speculators))
    ends: queue.SimpleQueue[tuple[int, Speculated[Result] | BaseException]] = queue.SimpleQueue()
    for index, each in enumerate(speculators):
        name = f"hyperloom race {index}"
        # What calls off whoever races calls off the threads that race for it.
        run = partial(copy_context().run, _run_one, index, each, ends)
        threading.Thread(target=run, name=name, daemon=True).start()
    for _ in speculators:
        index, end = ends.get()
        if isinstance(end, Speculated):
            for loser in speculators[:index] + speculators[index + 1 :]:
                loser.abandon()
            return raced(index, works[index].label, end)
        standings.failed(index, end)
    raise standings.failure()


def _run_one(
    index: int,
    speculator: BlockingSpeculator[Result],
    ends: queue.SimpleQueue[tuple[int, Speculated[Result] | BaseException]],
) -> None:
    try:
        ends.put((index, speculate_blocking(speculator, None)))
    except GhostOverError as error:
        ends.put((index, _won_elsewhere(speculator, error)))
    except BaseException as error:  # It is told to whoever waits for the race.
        ends.put((index, error))


def _won_elsewhere(speculator: BlockingSpeculator[Result], error: HyperloomError) -> HyperloomError:
    try:
        standing = speculator.ghost.state().race
    except HyperloomError:
        return error
    if standing is None or standing.winner_ghost_id in ("", speculator.ghost.id):
        return error
    return race_over(standing.race.id, standing.winner_ghost_id, error)


def _run_blocking(work: Coroutine[Any, Any, Result]) -> Result:
    """Runs a coroutine all of whose steps block, in this thread and without a loop."""
    try:
        work.send(None)
    except StopIteration as end:
        result: Result = end.value
        return result
    raise AssertionError("a blocking coroutine waited for a loop")
