"""What a session raises: errors of the Agents SDK's own kind, each of which says what to do.

Bad input is `agents.exceptions.UserError`, as everywhere in the SDK.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from agents.exceptions import AgentsException, UserError

from hyperloom._adapters.item_list import ItemListError, TooManyItemsError
from hyperloom._adapters.telling import UNREACHABLE, told
from hyperloom._errors import HyperloomError


class SessionError(AgentsException):
    """The broker refused or could not do it. `__cause__` is the `HyperloomError`, with code and reason."""


class SessionUnavailableError(SessionError):
    """No broker answered in time. What was being written may have been written, or not."""


@contextmanager
def telling(what: str) -> Iterator[None]:
    """Turns the client's errors into the session's."""
    try:
        yield
    except TooManyItemsError as error:
        raise UserError(f"could not {what}: {error}") from error
    except ItemListError as error:
        raise SessionError(f"could not {what}: {error}") from error
    except HyperloomError as error:
        kind = SessionUnavailableError if isinstance(error, UNREACHABLE) else SessionError
        raise kind(told(what, error, "HyperloomSession(session_id, 'host:port')")) from error
