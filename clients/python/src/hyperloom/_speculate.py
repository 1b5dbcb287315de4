"""Works in a ghost until the result is accepted.

The work is done in a ghost, verified there, and committed; or taken back and done again with the reasons so far.
Nothing that was refused is ever seen on the trunk. Written once for both clients: see `Speculator`.

What happens in a ghost is told before it is on the disk, so a crash of the broker can take the newest of it, or all.
Whoever holds a ghost has to look at it then; here the work is known from its beginning, and the same attempt is made
once more in a new ghost.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Generic, Protocol, TypeAlias, TypeVar

from hyperloom import _limits
from hyperloom._errors import (
    BasisRevertedError,
    CancelledError,
    ConflictError,
    GateRevertedError,
    HyperloomError,
    RaceExhaustedError,
    ReviewRejectedError,
    SpeculationFailed,
)
from hyperloom._reasons import reason_of
from hyperloom._records import Committed, Reverted

if TYPE_CHECKING:
    from hyperloom._ghost import Ghost

Result = TypeVar("Result")
ResultOf = TypeVar("ResultOf", covariant=True)

Verdict: TypeAlias = "bool | str | None"
"""What a verifier says: `True` or `None` to accept; a reason, or `False`, to refuse. What it raises is a reason too."""

BEGINNING = "speculate"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try: its number, from 1, and why the earlier ones were refused, oldest first."""

    number: int
    reasons: tuple[str, ...]
    reverted: Reverted | None = None
    """What the broker told when it took the last one back; `None` at first, and where a reviewer or a gate did."""


@dataclass(frozen=True, slots=True)
class Speculated(Generic[Result]):
    """Work that was accepted and committed."""

    result: Result
    revision: int
    """The trunk revision it made; 0 in a parent ghost or where nothing was staged."""
    attempts: int
    reasons: tuple[str, ...]
    """Why the earlier ones were refused."""
    ghost_id: str = ""
    """The ghost that was committed."""


class SpeculativeGhost(Protocol):
    """What is needed of a ghost, whichever client's."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def over(self) -> bool:
        """True once it was committed, reverted or has expired."""


class Speculator(Protocol[Result]):
    """What differs between the asyncio and the sync client. One ghost at a time is the current one."""

    @property
    def ghost(self) -> SpeculativeGhost:
        """The current one."""

    async def begin(self) -> None:
        """Begins a ghost."""

    async def mark(self) -> None:
        """Makes a checkpoint `BEGINNING` in it."""

    async def work(self, attempt: Attempt) -> Result:
        """Does the work in it."""

    async def verify(self, result: Result) -> Verdict:
        """Judges it."""

    async def commit(self) -> Committed:
        """Commits it."""

    async def rewind(self, reason: str, rejected: bool) -> Reverted | None:
        """Takes it back to the checkpoint. `rejected`: a reviewer or a gate has done so, unless the work made
        checkpoints too."""

    async def revert(self, reason: str) -> Reverted | None:
        """Drops it, if it is not over already."""


async def speculate(speculator: Speculator[Result], retries: int | None) -> Speculated[Result]:
    """Tries `1 + retries` times; with `None` for as long as its race has attempts left.

    Raises `SpeculationFailed` after the last refusal; what the work raises passes on.
    """
    if retries is not None and retries < 0:
        raise ValueError(f"retries must be 0 or more, not {retries}")
    reasons: list[str] = []
    reverted: Reverted | None = None
    fresh = True
    try:
        for number in count(1):
            outcome = await _attempt_over_crashes(speculator, Attempt(number, tuple(reasons), reverted), fresh)
            if not isinstance(outcome, _Refused):
                result, committed = outcome
                return Speculated(result, committed.revision, number, tuple(reasons), speculator.ghost.id)
            reason, cause = outcome.reason, outcome.cause
            reasons.append(reason)
            # After a conflict the base is outdated: only a new ghost sees what others did meanwhile. A gate may have
            # ended this one.
            fresh = isinstance(cause, (ConflictError, BasisRevertedError)) or speculator.ghost.over
            is_last = retries is not None and number > retries
            try:
                if fresh or is_last:
                    reverted = await speculator.revert(reason)
                else:
                    reverted = await speculator.rewind(reason, isinstance(cause, _TAKEN_BACK))
            except HyperloomError as error:
                if not _is_crash(error, speculator.ghost):
                    raise
                await _drop(speculator, error)
                fresh, reverted = True, None
            if is_last:
                raise SpeculationFailed(reasons, reverted) from cause
    except RaceExhaustedError as error:
        with suppress(HyperloomError):
            reverted = await speculator.revert(reason_of(error)) or reverted
        raise SpeculationFailed(reasons or [reason_of(error)], reverted) from error
    except BaseException as error:
        await _drop(speculator, error)
        raise
    raise AssertionError("a count has no end")


async def _attempt_over_crashes(
    speculator: Speculator[Result], attempt: Attempt, fresh: bool
) -> tuple[Result, Committed] | _Refused:
    """Makes an attempt, in a new ghost if `fresh`; again, and in a new one, where a crash has taken what it did."""
    for crashes in count():
        if fresh:
            await speculator.begin()
        try:
            if fresh:
                await speculator.mark()
            return await _attempt(speculator, attempt)
        except HyperloomError as error:
            if not _is_crash(error, speculator.ghost) or crashes == _limits.CRASHES_PER_ATTEMPT_MAX:
                raise
            await _drop(speculator, error)
            fresh = True
    raise AssertionError("a count has no end")


async def _drop(speculator: Speculator[Result], why: BaseException) -> None:
    """Leaves nothing of its ghost. The ttl does the same where the broker cannot be told."""
    with suppress(HyperloomError):
        await speculator.revert(reason_of(why))


def _is_crash(error: BaseException, ghost: SpeculativeGhost) -> bool:
    """A crash of the broker has taken this ghost, its first checkpoint, or what was done in it last."""
    if not isinstance(error, HyperloomError) or error.metadata.get("ghost_id") != ghost.id:
        return False
    if error.reason == "CHECKPOINT_NOT_FOUND":
        return error.metadata.get("checkpoint") == BEGINNING
    return error.reason in ("GHOST_NOT_FOUND", "GHOST_INTERRUPTED")


_TAKEN_BACK = (ReviewRejectedError, GateRevertedError)


@dataclass(frozen=True, slots=True)
class _Refused:
    reason: str
    cause: BaseException | None


async def _attempt(speculator: Speculator[Result], attempt: Attempt) -> tuple[Result, Committed] | _Refused:
    """Does the work, and what comes after it. Where a gate takes the ghost back, the work is refused, not at fault."""
    try:
        result = await speculator.work(attempt)
    except GateRevertedError as error:
        if error.ghost_id == speculator.ghost.id:
            return _Refused(reason_of(error), error)
        raise
    outcome = await _verify_and_commit(speculator, result)
    return outcome if isinstance(outcome, _Refused) else (result, outcome)


async def _verify_and_commit(speculator: Speculator[Result], result: Result) -> Committed | _Refused:
    try:
        verdict = await speculator.verify(result)
    except CancelledError:
        raise
    except Exception as error:  # What a verifier raises is its reason.
        if _is_crash(error, speculator.ghost):
            raise
        return _Refused(reason_of(error), error)
    if verdict is False:
        return _Refused("refused by the verifier", None)
    if isinstance(verdict, str):
        return _Refused(verdict, None)
    try:
        return await speculator.commit()
    except ReviewRejectedError as error:
        return _Refused(error.review_reason or reason_of(error), error)
    except (ConflictError, BasisRevertedError, GateRevertedError) as error:
        return _Refused(reason_of(error), error)


class AsyncSpeculator(Generic[Result]):
    """For the asyncio client."""

    def __init__(
        self,
        begin: Callable[[], Awaitable[Ghost]],
        work: Callable[[Ghost, Attempt], Awaitable[Result]],
        verify: Callable[[Ghost, Result], Awaitable[Verdict]] | None,
        commit: Callable[[Ghost], Awaitable[Committed]],
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
        self._ghost = await self._begin()

    async def mark(self) -> None:
        await self.ghost.checkpoint(BEGINNING)

    async def work(self, attempt: Attempt) -> Result:
        return await self._work(self.ghost, attempt)

    async def verify(self, result: Result) -> Verdict:
        return None if self._verify is None else await self._verify(self.ghost, result)

    async def commit(self) -> Committed:
        return await self._commit(self.ghost)

    async def rewind(self, reason: str, rejected: bool) -> Reverted | None:
        if rejected and (await self.ghost.state()).staged_operations == 0:
            return None
        return await self.ghost.rewind(BEGINNING, reason)

    async def revert(self, reason: str) -> Reverted | None:
        if self._ghost is None or self._ghost.over:
            return None
        return await self._ghost.revert(reason)

    def abandon(self) -> None:
        """The broker has reverted its ghost, or will not let it be committed."""
        if self._ghost is not None:
            self._ghost.abandon()
