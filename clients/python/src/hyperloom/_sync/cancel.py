"""How blocking calls are called off from another thread."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import TracebackType
from typing import Protocol

import grpc

from hyperloom._errors import CancelledError


class Cancellable(Protocol):
    """A call that is under way."""

    def cancel(self) -> object:
        """Calls it off, from any thread."""


class CancelScope:
    """Calls off what is done in its block, from any other thread:

    ```python
    scope = CancelScope()

    def rewrite() -> None:
        with scope, client.lock("/session_1/plan", wait=3600) as lock:
            ...

    threading.Thread(target=rewrite).start()
    scope.cancel()
    ```

    A call that is under way in the block, and every later one, raises `CancelledError`; leaving a lock, a lease, a
    ghost or a subscription still gives it back. A write that was called off may have taken effect. Scopes may be
    nested, and one may be entered by several threads. Once cancelled it stays so.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cancelled = False
        self._calls: set[Cancellable] = set()

    @property
    def cancelled(self) -> bool:
        """Whether it was."""
        return self._cancelled

    def cancel(self) -> None:
        """Calls off what is under way in its blocks, and what would follow. May be called again."""
        with self._lock:
            self._cancelled = True
            calls = tuple(self._calls)
        for call in calls:
            call.cancel()

    def watch(self, call: Cancellable) -> None:
        """For this package: the call is made in the block."""
        with self._lock:
            self._calls.add(call)
            cancelled = self._cancelled
        if cancelled:
            call.cancel()

    def forget(self, call: Cancellable) -> None:
        """For this package: the call has come to its end."""
        with self._lock:
            self._calls.discard(call)

    def __enter__(self) -> CancelScope:
        _scopes.set((*_scopes.get(), self))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _scopes.set(_scopes.get()[:-1])


_scopes: ContextVar[tuple[CancelScope, ...]] = ContextVar("hyperloom_cancel_scopes", default=())


def current_scopes() -> tuple[CancelScope, ...]:
    """Those whose blocks this thread is in. Raises `CancelledError` where one was cancelled."""
    scopes = _scopes.get()
    if any(scope.cancelled for scope in scopes):
        raise cancelled_error()
    return scopes


@contextmanager
def shielded() -> Iterator[None]:
    """What is given back is given back, whatever was cancelled."""
    token = _scopes.set(())
    try:
        yield
    finally:
        _scopes.reset(token)


def cancelled_error() -> CancelledError:
    """What is raised at whoever was called off."""
    text = "called off; a write may have taken effect"
    return CancelledError(text, code=grpc.StatusCode.CANCELLED)
