"""What memories and state stores raise, each with what to do.

AutoGen has no kind of its own for failing stores; bad input is a `ValueError` there, or a `TypeError`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from hyperloom._adapters import document, item_list, names, parts
from hyperloom._adapters.telling import UNREACHABLE, told
from hyperloom._errors import HyperloomError


class StorageError(Exception):
    """The broker refused or could not do it. `__cause__` is the `HyperloomError`, with code and reason."""


class StorageUnavailableError(StorageError):
    """No broker answered in time. What was being written may have been written, or not."""


class InvalidIdError(ValueError):
    """A name that no path can hold."""


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
        raise StorageUnavailableError(told(what, error, "the address as an argument")) from error
    except HyperloomError as error:
        raise StorageError(told(what, error, "the address as an argument")) from error
    except (document.ContendedError, item_list.ItemListError) as error:
        raise StorageError(f"could not {what}: {error}") from error
    except names.InvalidNameError as error:
        raise InvalidIdError(f"could not {what}: {error}") from error
    except parts.NotPlainError as error:
        raise NotStorableError(
            f"could not {what}: it cannot be stored as JSON: {error}. What agents keep in their state must be plain "
            "dicts, lists, texts and numbers"
        ) from error
    except parts.TooLargeError as error:
        raise TooLargeError(
            f"could not {what}: {error}. Keep large texts and files elsewhere, and only their names in messages"
        ) from error
    except parts.UnreadableError as error:
        raise StorageError(f"could not {what}: {error}. Put it right or delete it") from error
