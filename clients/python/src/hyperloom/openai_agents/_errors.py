"""What a session raises: errors of the Agents SDK's own kind, each of which says what to do.

Bad input is `agents.exceptions.UserError`, as everywhere in the SDK.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from agents.exceptions import AgentsException

from hyperloom._errors import DeadlineExceededError, HyperloomError, UnavailableError


class SessionError(AgentsException):
    """The broker refused or could not do it. `__cause__` is the `HyperloomError`, with code and reason."""


class SessionUnavailableError(SessionError):
    """No broker answered in time. What was being written may have been written, or not."""


@contextmanager
def telling(what: str) -> Iterator[None]:
    """Turns the client's errors into the session's."""
    try:
        yield
    except (UnavailableError, DeadlineExceededError) as error:
        raise SessionUnavailableError(
            f"could not {what}: the broker does not answer ({error}). Start one with `npx hyperloom serve`, or say "
            "where it is: HYPERLOOM_ADDRESS, or HyperloomSession(session_id, 'host:port')"
        ) from error
    except HyperloomError as error:
        hint = _HINTS.get(error.reason, "")
        raise SessionError(f"could not {what}: {error}{hint}") from error


_HINTS = {
    "LOCKED": ". Somebody holds a lock on the session: write through that lock, or wait until it is given back",
    "METHOD_NOT_IMPLEMENTED": ". The broker is older than this package: update it",
    "FOREST_NOT_FOUND": ". Create it first: `npx hyperloom forest create NAME`",
}
