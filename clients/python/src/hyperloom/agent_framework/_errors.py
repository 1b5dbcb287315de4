"""What the stores raise: errors of the framework's own kind, each of which says what to do.

Checkpoints raise `WorkflowCheckpointException`, histories and sessions `IntegrationException`s; a session id that no
path can hold is a `ValueError`, as with the framework's own stores.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from agent_framework.exceptions import (
    IntegrationException,
    IntegrationInvalidRequestException,
    WorkflowCheckpointException,
)

from hyperloom._adapters.item_list import ItemListError
from hyperloom._adapters.names import InvalidNameError
from hyperloom._adapters.telling import UNREACHABLE, told
from hyperloom._errors import HyperloomError


class StorageError(IntegrationException):
    """The broker refused or could not do it. `__cause__` says more, as a rule a `HyperloomError` with its reason."""


class StorageUnavailableError(StorageError):
    """No broker answered in time. What was being written may have been written, or not."""


class NotStorableError(IntegrationInvalidRequestException, ValueError):
    """What JSON cannot say, or more than the broker takes. Nothing was stored."""


class InvalidIdError(IntegrationInvalidRequestException, ValueError):
    """An id that no path can hold."""


class CheckpointStorageError(WorkflowCheckpointException):
    """The broker refused or could not do it. `__cause__` says more, as a rule a `HyperloomError` with its reason."""


class CheckpointStorageUnavailableError(CheckpointStorageError):
    """No broker answered in time. What was being written may have been written, or not."""


@contextmanager
def telling(what: str, example: str) -> Iterator[None]:
    """Turns the client's errors into those of histories and sessions."""
    try:
        yield
    except InvalidNameError as error:
        raise InvalidIdError(f"could not {what}: {error}") from error
    except ItemListError as error:
        raise StorageError(f"could not {what}: {error}") from error
    except HyperloomError as error:
        kind = StorageUnavailableError if isinstance(error, UNREACHABLE) else StorageError
        raise kind(told(what, error, example)) from error


@contextmanager
def telling_of_checkpoints(what: str) -> Iterator[None]:
    """Turns the client's errors into those of checkpoints."""
    try:
        yield
    except InvalidNameError as error:
        raise WorkflowCheckpointException(f"could not {what}: {error}") from error
    except HyperloomError as error:
        kind = CheckpointStorageUnavailableError if isinstance(error, UNREACHABLE) else CheckpointStorageError
        raise kind(told(what, error, "HyperloomCheckpointStorage('host:port')")) from error
