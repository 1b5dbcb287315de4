"""What a client, a ghost and a lock can do with ghosts that they begin: speculate, and let alternatives race."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from hyperloom import _limits
from hyperloom._contexts import Contexts
from hyperloom._gate_records import Race
from hyperloom._ghost_options import GhostOptions, Isolation
from hyperloom._migration import SchemaMigration
from hyperloom._race import Alternative, AsyncWork, Raced, race
from hyperloom._speculate import AsyncSpeculator, Attempt, Speculated, Verdict, speculate
from hyperloom.gate import Gate

if TYPE_CHECKING:
    from hyperloom._ghost import BeginningGhost, Ghost

Result = TypeVar("Result")


class Speculating(Contexts):
    """What it begins stands on the trunk, or in the ghost that it is called on."""

    async def speculate(
        self,
        work: Callable[[Ghost, Attempt], Awaitable[Result]],
        verify: Callable[[Ghost, Result], Awaitable[Verdict]] | None = None,
        *,
        retries: int = 3,
        label: str = "",
        scope: str = "",
        ttl: float | None = None,
        gates: Sequence[Gate] = (),
        migration: SchemaMigration | None = None,
        isolation: Isolation = "writes",
        commit_timeout: float | None = None,
    ) -> Speculated[Result]:
        """Works in a ghost until the result is accepted, then commits it: to the trunk, or into the ghost it began in.

        `work(ghost, attempt)` does the work; what it raises reverts the ghost and passes on. `verify(ghost, result)`
        accepts with `True` or `None`, and refuses with a reason, `False`, or an exception: the ghost is taken back and
        the work done again, knowing all reasons so far (`attempt.reasons`), at most `retries` times. A conflict at the
        commit counts as a refusal, and the next attempt stands on the newest state; so does a reviewer's rejection, and
        a schema gate that takes the ghost back. Where a crash of the broker takes what an attempt has staged, the same
        attempt is made again from its beginning, in a new ghost, at most three times. `commit_timeout` is for reviewers
        that `gates` name. `migration` is as in `ghost`. Raises `SpeculationFailed`.
        """
        options = GhostOptions(label=label, scope=scope, ttl=ttl, gates=gates, migration=migration)
        return await speculate(self._speculator(options, work, verify, isolation, commit_timeout), retries)

    async def race(
        self,
        alternatives: Sequence[AsyncWork[Result] | Alternative[AsyncWork[Result]]],
        verify: Callable[[Ghost, Result], Awaitable[Verdict]] | None = None,
        *,
        attempts_max: int | None = None,
        id: str = "",
        label: str = "",
        scope: str = "",
        ttl: float | None = None,
        gates: Sequence[Gate] = (),
        isolation: Isolation = "writes",
        commit_timeout: float | None = None,
    ) -> Raced[Result]:
        """Lets alternatives work side by side, each in a ghost of its own and as in `speculate`: the first to be
        committed wins, and the others are cancelled and reverted.

        They have `attempts_max` attempts together, by default four for each. Raises `RaceFailed` when all have failed.
        An `Alternative` gives a work a name. With an `id`, ghosts of other processes take part that name the same race;
        `RaceOverError` if one of those wins.
        """
        together = len(alternatives) * _limits.ATTEMPTS_PER_ALTERNATIVE if attempts_max is None else attempts_max
        contest = Race(id or self.new_race_id(), together)
        options = GhostOptions(label=label, scope=scope, ttl=ttl, gates=gates, race=contest)

        def speculator_of(alternative: Alternative[AsyncWork[Result]]) -> AsyncSpeculator[Result]:
            labelled = replace(options, label=alternative.label or label)
            return self._speculator(labelled, alternative.work, verify, isolation, commit_timeout)

        return await race(alternatives, speculator_of)

    def begin_ghost(self, options: GhostOptions, timeout: float | None = None) -> BeginningGhost:
        """For this package: begins a ghost where this stands."""
        raise NotImplementedError

    def new_race_id(self) -> str:
        """For this package: a name for a race that nobody else has."""
        return f"race-{self._connection.next_request_id()}"

    def _speculator(
        self,
        options: GhostOptions,
        work: Callable[[Ghost, Attempt], Awaitable[Result]],
        verify: Callable[[Ghost, Result], Awaitable[Verdict]] | None,
        isolation: Isolation,
        commit_timeout: float | None,
    ) -> AsyncSpeculator[Result]:
        async def begin() -> Ghost:
            return await self.begin_ghost(options)

        return AsyncSpeculator(
            begin, work, verify, lambda ghost: ghost.commit(isolation, label=options.label, timeout=commit_timeout)
        )
