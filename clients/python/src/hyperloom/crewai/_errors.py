"""What memory and flows raise, each with what to do.

CrewAI has no kind of its own for failing stores; bad input is a `ValueError` there (as its
`EmbeddingDimensionMismatchError`, which is raised here too). None of these is a `RuntimeError`: memory takes some of
those for the end of the program, and says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from hyperloom._adapters import document, names, parts
from hyperloom._adapters.telling import UNREACHABLE, told
from hyperloom._errors import HyperloomError


class StorageError(Exception):
    """The broker refused or could not do it. `__cause__` is the `HyperloomError`, with code and reason."""


class StorageUnavailableError(StorageError):
    """No broker answered in time. What was being written may have been written, or not."""


class InvalidScopeError(ValueError):
    """A scope or an id that no path can hold."""


class NotStorableError(ValueError):
    """What JSON cannot say, or no number where an embedding has to have one."""


class TooLargeError(ValueError):
    """More than the broker takes. The message says what, how much, and what to do."""


@contextmanager
def telling(what: str) -> Iterator[None]:
    """Turns the client's errors into these."""
    try:
        yield
    except UNREACHABLE as error:
        raise StorageUnavailableError(told(what, error, "HyperloomStorage('host:port')")) from error
    except HyperloomError as error:
        raise StorageError(told(what, error, "HyperloomStorage('host:port')")) from error
    except document.ContendedError as error:
        raise StorageError(f"could not {what}: {error}") from error
    except names.InvalidNameError as error:
        raise InvalidScopeError(f"could not {what}: {error}") from error
    except parts.NotPlainError as error:
        raise NotStorableError(
            f"could not {what}: it cannot be stored as JSON: {error}. Keep plain values in it"
        ) from error
    except parts.TooLargeError as error:
        raise TooLargeError(
            f"could not {what}: {error}. Keep large texts and files elsewhere, and only their names in the state"
        ) from error
    except parts.UnreadableError as error:
        raise StorageError(f"could not {what}: {error}. Put it right or delete it") from error
