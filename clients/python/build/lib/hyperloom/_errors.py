"""What can go wrong, by type, code and reason; never by message text.

Every refusal of the broker carries a `google.rpc.ErrorInfo` whose reason is a name of `ErrorReason` in
`error_reason.proto`, without its prefix. What breaks on the way carries none: `reason` is empty then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import grpc

if TYPE_CHECKING:
    from hyperloom._records import Conflict


@dataclass(frozen=True, slots=True)
class FieldViolation:
    """A field of the request that is at fault."""

    field: str
    description: str


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

    def __str__(self) -> str:
        return f"{self.message} [{self.reason or self.code.name}]"


class InvalidRequestError(HyperloomError):
    """Malformed, over a limit, or not fitting what the node holds. The reason says which."""


class NotFoundError(HyperloomError):
    """No such node, forest, ghost or checkpoint: the reason says which."""


class AlreadyExistsError(HyperloomError):
    """A forest or checkpoint of that name is there."""


class PreconditionFailedError(HyperloomError):
    """A precondition of the publish does not hold. Read again and retry the whole step."""


class ConflictError(HyperloomError):
    """A commit or revert conflicts with newer changes; see `conflicts`. Nothing was changed, and a ghost lives on."""


class StateError(HyperloomError):
    """Not possible as things stand: children still live, a request id used for something else, a protected forest."""


class GhostOverError(StateError):
    """The ghost was committed, reverted or has expired, or lost staged work in a crash of the broker."""


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


class UnavailableError(HyperloomError):
    """The broker cannot be reached, is stopping, or its journal takes no writes (`JOURNAL_UNAVAILABLE`)."""


class DeadlineExceededError(HyperloomError, TimeoutError):
    """No outcome within the timeout. A mutation may have taken effect or still do so."""


class AccessError(HyperloomError):
    """The caller is not known, or not allowed to do this."""


class ClosedError(HyperloomError):
    """The client was closed."""


class SpeculationFailed(Exception):
    """No attempt passed. `reasons` has one for each, oldest first; nothing of them reached the trunk."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(f"all {len(reasons)} attempts were refused; the last: {reasons[-1] if reasons else ''}")
        self.reasons = tuple(reasons)


_BY_REASON: Mapping[str, type[HyperloomError]] = {
    "PRECONDITION_FAILED": PreconditionFailedError,
    "CONFLICT": ConflictError,
    "GHOST_OVER": GhostOverError,
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
    grpc.StatusCode.PERMISSION_DENIED: AccessError,
    grpc.StatusCode.UNAUTHENTICATED: AccessError,
}

CODES: Mapping[int, grpc.StatusCode] = {code.value[0]: code for code in grpc.StatusCode}
"""Status codes by their numbers on the wire."""


def error_class(code: grpc.StatusCode, reason: str) -> type[HyperloomError]:
    """The type for a code and a reason; reasons of newer brokers fall back on their code."""
    return _BY_REASON.get(reason) or _BY_CODE.get(code, HyperloomError)


def is_retryable(error: HyperloomError) -> bool:
    """Whether the same request may pass soon. A journal that stopped does not start again by itself."""
    return error.code is grpc.StatusCode.UNAVAILABLE and error.reason != "JOURNAL_UNAVAILABLE"


def is_unexplained(error: HyperloomError) -> bool:
    """Whether a stream broke without a word from the broker: a reset or a proxy's doing."""
    codes = (grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN, grpc.StatusCode.CANCELLED)
    return error.reason == "" and error.code in codes


def _optional_int(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdecimal() else None
