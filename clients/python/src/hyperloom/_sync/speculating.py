"""What a client, a ghost and a lock can do with ghosts that they begin, blocking."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from hyperloom import _limits, _speculating
from hyperloom._gate_records import Race
from hyperloom._ghost_options import GhostOptions, Isolation
from hyperloom._migration import SchemaMigration
from hyperloom._race import Alternative, Raced
from hyperloom._speculate import Attempt, Speculated, Verdict
from hyperloom._sync.contexts import Contexts
from hyperloom._sync.loop import LoopThread
from hyperloom._sync.speculate import BlockingSpeculator, BlockingWork, race_blocking, speculate_blocking
from hyperloom.gate import Gate

if TYPE_CHECKING:
    from hyperloom._sync.ghost import Ghost

Result = TypeVar("Result")


class Speculating(Contexts):
    """What it begins stands on the trunk, or in the ghost that it is called on."""

    def __init__(self, loop: LoopThread, inner: _speculating.Speculating) -> None:
        super().__init__(loop, inner)
        self._speculating = inner

    def speculate(
        self,
        work: Callable[[Ghost, Attempt], Result],
        verify: Callable[[Ghost, Result], Verdict] | None = None,
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
        """Works in a ghost until the result is accepted, then commits it; see the asyncio client's `speculate`."""
        options = GhostOptions(label=label, scope=scope, ttl=ttl, gates=gates, migration=migration)
        return speculate_blocking(self._speculator(options, work, verify, isolation, commit_timeout), retries)

    def race(
        self,
        alternatives: Sequence[BlockingWork[Result] | Alternative[BlockingWork[Result]]],
        verify: Callable[[Ghost, Result], Verdict] | None = None,
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
        """Lets alternatives work side by side, each in a thread and a ghost of its own; see the asyncio client.

        Returns with the first that is committed. The threads of the others go on until their next call in their ghost.
        """
        together = len(alternatives) * _limits.ATTEMPTS_PER_ALTERNATIVE if attempts_max is None else attempts_max
        contest = Race(id or self._speculating.new_race_id(), together)
        options = GhostOptions(label=label, scope=scope, ttl=ttl, gates=gates, race=contest)

        def speculator_of(alternative: Alternative[BlockingWork[Result]]) -> BlockingSpeculator[Result]:
            labelled = replace(options, label=alternative.label or label)
            return self._speculator(labelled, alternative.work, verify, isolation, commit_timeout)

        return race_blocking(alternatives, speculator_of)

    def _speculator(
        self,
        options: GhostOptions,
        work: Callable[[Ghost, Attempt], Result],
        verify: Callable[[Ghost, Result], Verdict] | None,
        isolation: Isolation,
        commit_timeout: float | None,
    ) -> BlockingSpeculator[Result]:
        from hyperloom._sync.ghost import begin_ghost

        return BlockingSpeculator(
            lambda: begin_ghost(self._loop, self._speculating.begin_ghost(options)),
            work,
            verify,
            lambda ghost: ghost.commit(isolation, label=options.label, timeout=commit_timeout),
        )
