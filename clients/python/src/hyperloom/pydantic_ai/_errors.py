"""What a store raises: errors of Pydantic AI's own kind, each of which says what to do.

Bad input is `pydantic_ai.exceptions.UserError`, a conversation that others have moved on `ConversationConflict`, as
with Pydantic AI's own stores.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pydantic_ai.exceptions import AgentRunError, UserError

from hyperloom._adapters.names import InvalidNameError
from hyperloom._adapters.telling import UNREACHABLE, told
from hyperloom._errors import HyperloomError


class StoreError(AgentRunError):
    """The broker refused or could not do it. `__cause__` says more, as a rule a `HyperloomError` with its reason."""


class StoreUnavailableError(StoreError):
    """No broker answered in time. What was being written may have been written, or not."""


class SpoiledConversationError(StoreError):
    """Something else lies where a conversation was looked for."""


@contextmanager
def telling(what: str) -> Iterator[None]:
    """Turns the client's errors into the store's."""
    try:
        yield
    except InvalidNameError as error:
        raise UserError(f"could not {what}: {error}") from error
    except HyperloomError as error:
        kind = StoreUnavailableError if isinstance(error, UNREACHABLE) else StoreError
        raise kind(told(what, error, "HyperloomConversationStore('host:port')")) from error
