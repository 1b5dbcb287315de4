"""What errors of the client become in an adapter's own: what could not be done, why, and what to do."""

from __future__ import annotations

from typing import Final

from hyperloom._errors import DeadlineExceededError, HyperloomError, UnavailableError

UNREACHABLE: Final = (UnavailableError, DeadlineExceededError)
"""No broker has answered in time. What was being written may have been written, or not."""

_HINTS: Final = {
    "LOCKED": ". Somebody holds a lock on it: write through that lock, or wait until it is given back",
    "METHOD_NOT_IMPLEMENTED": ". The broker is older than this package: update it",
    "FOREST_NOT_FOUND": ". Create it first: `npx hyperloom forest create NAME`",
    "GHOST_OVER": ". The ghost is over: begin another one",
}


def told(what: str, error: HyperloomError, example: str) -> str:
    """The text of an adapter's error. `what` could not be done; `example` says where to name a broker."""
    if isinstance(error, UNREACHABLE):
        return (
            f"could not {what}: the broker does not answer ({error}). Start one with `npx hyperloom serve`, or say "
            f"where it is: HYPERLOOM_ADDRESS, or {example}"
        )
    return f"could not {what}: {error}{_HINTS.get(error.reason, '')}"
