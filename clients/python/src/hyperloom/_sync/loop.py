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
from functools import partial
from typing import Any, TypeVar

import grpc

from hyperloom import _limits
from hyperloom._errors import ClosedError
from hyperloom._sync.calls import AwaitedCall, Call, PromisedCall, ReturnedCall
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
        self._handed: deque[Call[Any]] = deque()
        self._woken = False
        self.thread.start()

    def hand_over(self, call: Call[Any]) -> None:
        """Wakes the loop once for all that wait to be begun.

        Waking it writes to a socket, for which Python lets go of its lock: with many threads at once that cost more
        than most calls themselves.
        """
        self._handed.append(call)
        if not self._woken:
            self._woken = True
            self.loop.call_soon_threadsafe(self._begin)

    def _begin(self) -> None:
        # First: what is handed over from here on wakes the loop again.
        self._woken = False
        for _ in range(min(len(self._handed), _limits.CALLS_BEGUN_AT_ONCE_MAX)):
            self._handed.popleft().begin(self.loop)
        # The others when these have been begun. Where it is woken as well meanwhile, it finds less to do, or nothing.
        if self._handed:
            self.loop.call_soon(self._begin)


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
            self._check()
        except BaseException:
            work.close()
            raise
        call = AwaitedCall(work, self._tasks, self._loop)
        self._shared.hand_over(call)
        try:
            for scope in scopes:
                scope.watch(call)
            return call.result()
        except FutureCancelledError:
            called_off = any(scope.cancelled for scope in scopes)
            raise (cancelled_error() if called_off else _closed_error()) from None
        except BaseException:
            call.cancel()
            raise
        finally:
            for scope in scopes:
                scope.forget(call)
            # As in `result`.
            del call

    def start(self, work: Coroutine[Any, Any, Outcome]) -> Future[Outcome]:
        """Begins it, behind all that was begun before."""
        try:
            self._check()
        except BaseException:
            work.close()
            raise
        call = PromisedCall(work, self._tasks)
        call.outcome.add_done_callback(partial(self._call_off, call))
        self._shared.hand_over(call)
        return call.outcome

    async def wait(self, work: Coroutine[Any, Any, Outcome]) -> Outcome:
        """Waits for it in whichever loop the caller runs. Cancelling the caller calls it off."""
        try:
            self._check()
        except BaseException:
            work.close()
            raise
        call = ReturnedCall(work, self._tasks)
        self._shared.hand_over(call)
        try:
            return await call.outcome
        except asyncio.CancelledError:
            self._loop.call_soon_threadsafe(call.call_off)
            raise
        finally:
            # As in `run`.
            del call

    def _check(self) -> None:
        if self._closed:
            raise _closed_error()
        if self._shared.is_forked:
            raise RuntimeError("this sync client was made before a fork: connect in the process that uses it")
        if threading.current_thread() is self._shared.thread:
            raise RuntimeError("sync clients cannot be used from their own callbacks")

    def _call_off(self, call: PromisedCall[Any], outcome: Future[Any]) -> None:
        """Whoever gave up waiting does not want it any more."""
        if outcome.cancelled():
            self._loop.call_soon_threadsafe(call.call_off)

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
