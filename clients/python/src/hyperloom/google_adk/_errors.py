"""What the services raise. Where the kit has an error of its own for it, that; each says what to do.

Bad input is `InputValidationError`, a session that others have moved on `StaleSessionError`, one that is not there
`SessionNotFoundError`, one that is there already `AlreadyExistsError`, as with the kit's own services.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from google.adk.errors._stale_session_error import StaleSessionError
from google.adk.errors.input_validation_error import InputValidationError
from google.adk.errors.session_not_found_error import SessionNotFoundError

from hyperloom._adapters.names import InvalidNameError
from hyperloom._adapters.telling import UNREACHABLE, told
from hyperloom._errors import HyperloomError
from hyperloom.google_adk._places import Place


class ServiceError(RuntimeError):
    """The broker refused or could not do it. `__cause__` is the `HyperloomError`, with code and reason."""


class ServiceUnavailableError(ServiceError):
    """No broker answered in time. What was being written may have been written, or not."""


class SpoiledSessionError(ServiceError):
    """Something else lies where a session was looked for."""


@contextmanager
def telling(what: str) -> Iterator[None]:
    """Turns the client's errors into the services'."""
    try:
        yield
    except InvalidNameError as error:
        raise InputValidationError(f"could not {what}: {error}") from error
    except HyperloomError as error:
        kind = ServiceUnavailableError if isinstance(error, UNREACHABLE) else ServiceError
        raise kind(told(what, error, "HyperloomSessionService('host:port')")) from error


def stale(place: Place) -> StaleSessionError:
    """Others have appended since."""
    return StaleSessionError(
        f"session {place.id!r} of user {place.user.id!r} has been moved on by another writer since this session object "
        "was read; nothing was written. Read it again with get_session, and append to that"
    )


def missing(place: Place) -> SessionNotFoundError:
    """There is none."""
    return SessionNotFoundError(
        f"Session {place.id} not found: user {place.user.id!r} of app {place.user.app.name!r} has none of that id. "
        "Create it with create_session"
    )
