"""What can go wrong, by type, code and reason; never by message text.

Every refusal of the broker carries a `google.rpc.ErrorInfo` whose reason is a name of `ErrorReason` in
`error_reason.proto`, without its prefix. What breaks on the way carries none: `reason` is empty then.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import grpc

if TYPE_CHECKING:
    from hyperloom._lock_records import DeadlockMember
    from hyperloom._records import Conflict, Reverted


@dataclass(frozen=True, slots=True)
class FieldViolation:
    """A field of the request that is at fault."""

    field: str
    description: str


@dataclass(frozen=True, slots=True)
class SchemaProblem:
    """Why a value does not fit the schema of its path."""

    operation: int | None
    """Which operation of the diff. `None` where the request has none that could be named, as with a commit."""
    field: str
    """The field in the value, such as `sources[1]`; empty: the value as a whole. Without an operation: the path, and
    the field behind a `#`."""
    rule: str
    """Which rule, such as `string.min_len`."""
    message: str
    """What is wrong, for people."""


class HyperloomError(Exception):
    """Something was refused or failed. `code` and `reason` say what; `metadata` with which values."""

    def __init__(
        self,
        message: str,
        *,
        code: grpc.StatusCode = grpc.StatusCode.UNKNOWN,
        reason: str = "",
        metadata: Mapping[str, str] | None = None,
        violations: Sequence[FieldViolation] = (),
        conflicts: Sequence[Conflict] = (),
        conflicts_total: int = 0,
        circle: Sequence[DeadlockMember] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.reason = reason
        self.metadata: Mapping[str, str] = dict(metadata or {})
        self.violations = tuple(violations)
        self.conflicts = tuple(conflicts)
        """Path by path, at most 100; empty but in a `ConflictError`."""
        self.conflicts_total = conflicts_total
        """How many there are in all."""
        self.circle = tuple(circle)
        """Each waits for the next, and the last for the first, the victim; empty but in a `DeadlockError`."""
        self.attempts = 1
        """How often the call was made."""

    def __str__(self) -> str:
        return f"{self.message} [{self.reason or self.code.name}]"


class InvalidRequestError(HyperloomError):
    """Malformed, over a limit, or not fitting what the node holds. The reason says which."""


class SchemaViolationError(InvalidRequestError):
    """A value does not fit the schema of its path. Nothing was changed."""

    @property
    def path(self) -> str:
        """The path of the first value that does not."""
        return self.metadata.get("path", "")

    @property
    def schema(self) -> str:
        """The schema's name."""
        return self.metadata.get("schema", "")

    @property
    def schema_version(self) -> int:
        """Its version."""
        return _optional_int(self.metadata.get("version")) or 0

    @property
    def problems(self) -> tuple[SchemaProblem, ...]:
        """Each field with the rule that it breaks; as many as an answer can carry."""
        return tuple(map(_problem_of, self.violations))


class TypeMismatchError(HyperloomError):
    """A node holds something else than the message that a typed handle is for: no schema binds its path to that."""


class NotFoundError(HyperloomError):
    """No such node, forest, ghost, checkpoint, lock or reviewer: the reason says which."""


class AlreadyExistsError(HyperloomError):
    """A forest or checkpoint of that name is there."""


class PreconditionFailedError(HyperloomError):
    """A precondition of the publish does not hold. Read again and retry the whole step."""


class ConflictError(HyperloomError):
    """A commit or revert conflicts with newer changes; see `conflicts`. Nothing was changed, and a ghost lives on."""


class LockedError(HyperloomError):
    """Another owner's lock is in the way, and the wait for it is over."""

    @property
    def path(self) -> str:
        """Where."""
        return self.metadata.get("path", "")

    @property
    def holder(self) -> str:
        """The author of the lock that is in the way."""
        return self.metadata.get("holder", "")


class DeadlockError(HyperloomError):
    """The wait would never end: see `circle`. Let go of everything that is held, and start the whole step again."""


class ReviewRejectedError(HyperloomError):
    """A reviewer rejected the ghost, which went back to its last checkpoint and lives on."""

    @property
    def reviewer(self) -> str:
        """Who."""
        return self.metadata.get("reviewer", "")

    @property
    def review_reason(self) -> str:
        """Why."""
        return self.metadata.get("review_reason", "")


class ReviewOutdatedError(HyperloomError):
    """The ghost was changed since it was looked at, or while its commit waited for reviewers."""


class StateError(HyperloomError):
    """Not possible as things stand: children still live, a request id used for something else, a protected forest."""


class GhostInterruptedError(HyperloomError):
    """A crash of the broker has taken what was done last in the ghost.

    Look at it, and go back to a checkpoint and do the rest again, or revert it.
    """


class GateRevertedError(HyperloomError):
    """A schema gate has taken the ghost back to its newest checkpoint, because values do not fit; see `problems`."""

    @property
    def ghost_id(self) -> str:
        """Which ghost."""
        return self.metadata.get("ghost_id", "")

    @property
    def checkpoint(self) -> str:
        """The checkpoint; empty: the beginning."""
        return self.metadata.get("checkpoint", "")

    @property
    def problems(self) -> tuple[SchemaProblem, ...]:
        """Each field with the rule that it breaks; as many as an answer can carry."""
        return tuple(map(_problem_of, self.violations))


class GhostOverError(StateError):
    """The ghost was committed, reverted or has expired."""


class StaleFencingTokenError(StateError):
    """The lock that the write was done under is not held any more. Nothing was written."""

    @property
    def holder(self) -> str:
        """The author of who holds the path now; empty where nobody does."""
        return self.metadata.get("holder", "")


class LeaseLostError(StateError):
    """A lease ended while it was in use, or may have: nothing that is done under it counts any more.

    Raised by every further call, and at the end of the `with` block, whose task was cancelled. `__cause__` says more.
    """


class BasisRevertedError(HyperloomError):
    """Something that the ghost had read was reverted since.

    Look at it again, stage what changes because of it, and commit again: what was looked at goes along.
    """

    @property
    def ghost_id(self) -> str:
        """The ghost that had read it."""
        return self.metadata.get("ghost_id", "")

    @property
    def path(self) -> str:
        """The first of what was read."""
        return self.metadata.get("path", "")


class RaceOverError(StateError):
    """Another ghost of the race was committed."""

    @property
    def winner_ghost_id(self) -> str:
        """Which."""
        return self.metadata.get("winner_ghost_id", "")


class GateLimitError(StateError):
    """A gate refuses the diff: it goes beyond what the ghost may touch."""


class RevisionError(HyperloomError):
    """That revision is compacted, or does not exist yet."""

    @property
    def oldest_revision(self) -> int | None:
        """The oldest revision still readable, where the one asked for is compacted."""
        return _optional_int(self.metadata.get("oldest_revision"))

    @property
    def newest_revision(self) -> int | None:
        """The newest revision, where the one asked for is in the future."""
        return _optional_int(self.metadata.get("newest_revision"))


class ResourceExhaustedError(HyperloomError):
    """A count or queue of the broker is full, or the answer too large: `metadata` has `limit` and `maximum`."""


class RaceExhaustedError(ResourceExhaustedError):
    """The race has no attempts left."""


class UnavailableError(HyperloomError):
    """The broker cannot be reached, is stopping, or its journal takes no writes (`JOURNAL_UNAVAILABLE`)."""


class DeadlineExceededError(HyperloomError, TimeoutError):
    """No outcome within the timeout. A mutation may have taken effect or still do so."""


class AccessError(HyperloomError):
    """The caller is not known, or not allowed to do this."""


class CancelledError(HyperloomError):
    """The call was called off: in a `CancelScope` of the blocking client, or by the broker. A write may have taken
    effect. (A task of asyncio that is cancelled gets `asyncio.CancelledError`, as ever.)"""


class ClosedError(CancelledError):
    """The client was closed."""


class SpeculationFailed(Exception):
    """No attempt passed. `reasons` has one for each, oldest first; nothing of them reached the trunk."""

    def __init__(self, reasons: Sequence[str], reverted: Reverted | None = None) -> None:
        super().__init__(f"all {len(reasons)} attempts were refused; the last: {reasons[-1] if reasons else ''}")
        self.reasons = tuple(reasons)
        self.reverted = reverted
        """What the broker told when it took the last one back."""


class RaceFailed(SpeculationFailed):
    """No alternative passed. `reasons` has the last one of each, in the order of the alternatives."""

    def __init__(self, reasons: Sequence[str], errors: Sequence[BaseException] = ()) -> None:
        super().__init__(reasons)
        self.errors = tuple(errors)
        """What ended each: what its work raised, or `SpeculationFailed` with the reasons of its attempts."""


_BY_REASON: Mapping[str, type[HyperloomError]] = {
    "PRECONDITION_FAILED": PreconditionFailedError,
    "CONFLICT": ConflictError,
    "LEASE_NOT_FOUND": LeaseLostError,
    "LOCKED": LockedError,
    "SCHEMA_VIOLATION": SchemaViolationError,
    "DEADLOCK": DeadlockError,
    "REVIEW_REJECTED": ReviewRejectedError,
    "REVIEW_OUTDATED": ReviewOutdatedError,
    "GHOST_OVER": GhostOverError,
    "GHOST_INTERRUPTED": GhostInterruptedError,
    "GATE_REVERTED": GateRevertedError,
    "STALE_FENCING_TOKEN": StaleFencingTokenError,
    "RACE_OVER": RaceOverError,
    "BASIS_REVERTED": BasisRevertedError,
    "GATE_LIMIT": GateLimitError,
    "RACE_EXHAUSTED": RaceExhaustedError,
}

_BY_CODE: Mapping[grpc.StatusCode, type[HyperloomError]] = {
    grpc.StatusCode.INVALID_ARGUMENT: InvalidRequestError,
    grpc.StatusCode.NOT_FOUND: NotFoundError,
    grpc.StatusCode.ALREADY_EXISTS: AlreadyExistsError,
    grpc.StatusCode.FAILED_PRECONDITION: StateError,
    grpc.StatusCode.OUT_OF_RANGE: RevisionError,
    grpc.StatusCode.RESOURCE_EXHAUSTED: ResourceExhaustedError,
    grpc.StatusCode.UNAVAILABLE: UnavailableError,
    grpc.StatusCode.DEADLINE_EXCEEDED: DeadlineExceededError,
    grpc.StatusCode.CANCELLED: CancelledError,
    grpc.StatusCode.PERMISSION_DENIED: AccessError,
    grpc.StatusCode.UNAUTHENTICATED: AccessError,
}

CODES: Mapping[int, grpc.StatusCode] = {code.value[0]: code for code in grpc.StatusCode}
"""Status codes by their numbers on the wire."""


def error_class(code: grpc.StatusCode, reason: str) -> type[HyperloomError]:
    """The type for a code and a reason; reasons of newer brokers fall back on their code."""
    return _BY_REASON.get(reason) or _BY_CODE.get(code, HyperloomError)


def is_retryable(error: HyperloomError) -> bool:
    """Whether the same request may pass soon: at another replica, or at this one when it is back."""
    return error.code is grpc.StatusCode.UNAVAILABLE


def outlived(error: HyperloomError) -> HyperloomError:
    """What ended a stream that was under way. Where it is that its credentials are over, the next stream may go on: it
    shows the token of the moment. If that one is no better, the broker says so at once."""
    if error.code is not grpc.StatusCode.UNAUTHENTICATED:
        return error
    lost = UnavailableError(f"the credentials ended: {error.message}", code=grpc.StatusCode.UNAVAILABLE)
    lost.__cause__ = error
    return lost


def is_unexplained(error: HyperloomError) -> bool:
    """Whether a stream broke without a word from the broker: a reset or a proxy's doing."""
    codes = (grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN, grpc.StatusCode.CANCELLED)
    return error.reason == "" and error.code in codes


_IN_OPERATION = re.compile(r"operations\[(\d+)\]\.\w+\.(?:value|message_json)(?:\.|(?=\[)|$)(.*)", re.DOTALL)


def _problem_of(violation: FieldViolation) -> SchemaProblem:
    rule, separator, message = violation.description.partition(": ")
    if not separator:
        rule, message = "", violation.description
    found = _IN_OPERATION.fullmatch(violation.field)
    if found is None:
        return SchemaProblem(None, violation.field, rule, message)
    return SchemaProblem(int(found[1]), found[2], rule, message)


def _optional_int(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdecimal() else None
