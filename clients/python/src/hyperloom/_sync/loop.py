"""The event loop of all sync clients of a process, in a thread of its own, and how other threads call into it.

It is one loop, and it is never closed. grpcio has a single queue for all loops of a process: whichever wakes up hands
out what came for the others, and logs an error where one of those was closed meanwhile.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections import deque
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError as FutureCancelledError
from concurrent.futures import Future
from contextvars import Context, copy_context
from functools import partial
from typing import Any, TypeVar

import grpc

from hyperloom._errors import ClosedError
from hyperloom._sync.cancel import cancelled_error, current_scopes
from hyperloom._transport import log

Outcome = TypeVar("Outcome")


class _SharedLoop:
    """Runs until the process ends: its thread is a daemon."""

    def __init__(self) -> None:
        self.is_forked = False
        self.loop = asyncio.new_event_loop()
        self.loop.set_exception_handler(_on_exception)
        self.thread = threading.Thread(target=self.loop.run_forever, name="hyperloom", daemon=True)
        self._handed: deque[tuple[Coroutine[Any, Any, Any], Future[Any], Context]] = deque()
        self._woken = False
        self.thread.start()

    def start(self, work: Coroutine[Any, Any, Outcome]) -> Future[Outcome]:
        """Like `asyncio.run_coroutine_threadsafe`, but wakes the loop once for all that wait to be begun.

        Waking it writes to a socket, for which Python lets go of its lock: with many threads at once that cost more
        than most calls themselves.
        """
        outcome: Future[Outcome] = Future()
        # What it asks the program about the moment (its trace context) is that of the caller, not of this thread.
        self._handed.append((work, outcome, copy_context()))
        if not self._woken:
            self._woken = True
            self.loop.call_soon_threadsafe(self._begin)
        return outcome

    def _begin(self) -> None:
        # First: what is handed over from here on wakes the loop again.
        self._woken = False
        while self._handed:
            work, outcome, context = self._handed.popleft()
            task = context.run(self.loop.create_task, work)
            task.add_done_callback(partial(_settle, outcome))
            outcome.add_done_callback(partial(self._call_off, task))

    def _call_off(self, task: asyncio.Task[Any], outcome: Future[Any]) -> None:
        """Whoever gave up waiting does not want it any more."""
        if outcome.cancelled() and not task.done():
            self.loop.call_soon_threadsafe(task.cancel)


def _settle(outcome: Future[Any], task: asyncio.Task[Any]) -> None:
    """The work has ended."""
    if task.cancelled():
        outcome.cancel()
    if not outcome.set_running_or_notify_cancel():
        return
    error = task.exception()
    if error is None:
        outcome.set_result(task.result())
    else:
        outcome.set_exception(error)


_guard = threading.Lock()
_shared: _SharedLoop | None = None


def _shared_loop() -> _SharedLoop:
    global _shared
    with _guard:
        if _shared is None:
            _shared = _SharedLoop()
        return _shared


def _after_fork() -> None:
    """Threads do not survive a fork: the child gets a loop of its own, and its parent's clients are of no use to it."""
    global _guard, _shared
    _guard = threading.Lock()
    if _shared is not None:
        _shared.is_forked = True
        _shared = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


class LoopThread:
    """One client's way into the loop, for any number of threads."""

    def __init__(self) -> None:
        self._shared = _shared_loop()
        self._loop = self._shared.loop
        self._closed = False
        self._tasks: set[asyncio.Task[Any]] = set()

    def run(self, work: Coroutine[Any, Any, Outcome]) -> Outcome:
        """Runs it to its end. It is called off where its caller is interrupted, or in a scope that is cancelled."""
        try:
            scopes = current_scopes()
        except BaseException:
            work.close()
            raise
        future = self.start(work)
        try:
            for scope in scopes:
                scope.watch(future)
            return future.result()
        except FutureCancelledError:
            called_off = any(scope.cancelled for scope in scopes)
            raise (cancelled_error() if called_off else _closed_error()) from None
        except BaseException:
            future.cancel()
            raise
        finally:
            for scope in scopes:
                scope.forget(future)

    def start(self, work: Coroutine[Any, Any, Outcome]) -> Future[Outcome]:
        """Begins it, behind all that was begun before."""
        if self._closed:
            work.close()
            raise _closed_error()
        if self._shared.is_forked:
            work.close()
            raise RuntimeError("this sync client was made before a fork: connect in the process that uses it")
        if threading.current_thread() is self._shared.thread:
            work.close()
            raise RuntimeError("sync clients cannot be used from their own callbacks")
        return self._shared.start(self._tracked(work))

    def soon(self, callback: Callable[..., object], *arguments: object) -> None:
        """Calls it in the loop's thread, without waiting."""
        self._loop.call_soon_threadsafe(callback, *arguments)

    def close(self) -> None:
        """Calls off what is still under way. May be called again."""
        if self._closed:
            return
        rest = self.start(self._cancel_rest())
        self._closed = True
        rest.result()

    @property
    def closed(self) -> bool:
        """Whether it has ended."""
        return self._closed

    async def _tracked(self, work: Coroutine[Any, Any, Outcome]) -> Outcome:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a call of a sync client is a task of its loop")
        self._tasks.add(task)
        try:
            return await work
        finally:
            self._tasks.discard(task)

    async def _cancel_rest(self) -> None:
        rest = [task for task in self._tasks if task is not asyncio.current_task()]
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)


def _on_exception(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """What this loop hands out for loops of the program that were closed meanwhile is nobody's loss."""
    error = context.get("exception")
    if isinstance(error, (RuntimeError, BlockingIOError)) and "PollerCompletionQueue" in str(context.get("message")):
        log.debug("grpcio: %s", error)
    else:
        loop.default_exception_handler(context)


def _closed_error() -> ClosedError:
    return ClosedError("the client is closed", code=grpc.StatusCode.CANCELLED)
