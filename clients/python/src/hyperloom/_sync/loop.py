"""The event loop of all sync clients of a process, in a thread of its own, and how other threads call into it.

It is one loop, and it is never closed. grpcio has a single queue for all loops of a process: whichever wakes up hands
out what came for the others, and logs an error where one of those was closed meanwhile.
"""

from __future__ import annotations

import asyncio
import os
import threading
from _thread import allocate_lock
from collections import deque
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError as FutureCancelledError
from concurrent.futures import Future
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from typing import Any, Generic, TypeVar

import grpc

from hyperloom._errors import ClosedError
from hyperloom._sync.cancel import cancelled_error, current_scopes
from hyperloom._transport import log

Outcome = TypeVar("Outcome")


class _Call(Generic[Outcome]):
    """A call on its way into the loop."""

    __slots__ = ("_context", "_given_up", "_tasks", "_work", "task")

    def __init__(self, work: Coroutine[Any, Any, Outcome], tasks: set[asyncio.Task[Any]]) -> None:
        """`tasks`: those of the same client, among which it is for as long as it runs."""
        self.task: asyncio.Task[Outcome] | None = None
        self._work = work
        self._tasks = tasks
        # What it asks the program about the moment (its trace context) is that of the caller, not of the loop's thread.
        self._context = copy_context()
        self._given_up = False

    def begin(self, loop: asyncio.AbstractEventLoop) -> None:
        """In the loop's thread."""
        if self._given_up:
            self._work.close()
            return
        self.task = self._context.run(loop.create_task, self._work)
        self._tasks.add(self.task)
        self.task.add_done_callback(self._end)

    def call_off(self) -> None:
        """In the loop's thread: nobody wants it any more."""
        self._given_up = True
        if self.task is not None:
            self.task.cancel()

    def _end(self, task: asyncio.Task[Outcome]) -> None:
        self._tasks.discard(task)
        self.ended(task, None if task.cancelled() else task.exception())

    def ended(self, task: asyncio.Task[Outcome], error: BaseException | None) -> None:
        """It has; `error`: with that."""
        raise NotImplementedError


class _PromisedCall(_Call[Outcome]):
    """One whose caller has a future."""

    __slots__ = ("outcome",)

    def __init__(self, work: Coroutine[Any, Any, Outcome], tasks: set[asyncio.Task[Any]]) -> None:
        super().__init__(work, tasks)
        self.outcome: Future[Outcome] = Future()

    def ended(self, task: asyncio.Task[Outcome], error: BaseException | None) -> None:
        if task.cancelled():
            self.outcome.cancel()
        if not self.outcome.set_running_or_notify_cancel():
            return
        if error is None:
            self.outcome.set_result(task.result())
        else:
            self.outcome.set_exception(error)


class _AwaitedCall(_Call[Outcome]):
    """One whose caller does nothing else meanwhile. A lock is enough for that: a future with its condition took two
    fifths of all that handing a call over took."""

    __slots__ = ("_is_over", "_loop")

    def __init__(
        self,
        work: Coroutine[Any, Any, Outcome],
        tasks: set[asyncio.Task[Any]],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        super().__init__(work, tasks)
        self._loop = loop
        self._is_over = allocate_lock()
        self._is_over.acquire()

    def ended(self, task: asyncio.Task[Outcome], error: BaseException | None) -> None:
        self._let_go()

    def result(self) -> Outcome:
        """Blocks until it has ended. Raises `concurrent.futures.CancelledError` where it was called off."""
        self._is_over.acquire()
        task = self.task
        try:
            if task is None or not task.done() or task.cancelled():
                raise FutureCancelledError
            return task.result()
        finally:
            # The error's traceback names this frame: it must not name the error in turn.
            del task, self

    def cancel(self) -> None:
        """Calls it off, from any thread. Whoever waits does not wait for its end."""
        if self.task is not None and self.task.done():
            return
        self._loop.call_soon_threadsafe(self.call_off)
        self._let_go()

    def _let_go(self) -> None:
        # It may be called off and come to its end at the same time.
        with suppress(RuntimeError):
            self._is_over.release()


class _SharedLoop:
    """Runs until the process ends: its thread is a daemon."""

    def __init__(self) -> None:
        self.is_forked = False
        self.loop = asyncio.new_event_loop()
        self.loop.set_exception_handler(_on_exception)
        self.thread = threading.Thread(target=self.loop.run_forever, name="hyperloom", daemon=True)
        self._handed: deque[_Call[Any]] = deque()
        self._woken = False
        self.thread.start()

    def hand_over(self, call: _Call[Any]) -> None:
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
        while self._handed:
            self._handed.popleft().begin(self.loop)


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
        call = _AwaitedCall(work, self._tasks, self._loop)
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
        call = _PromisedCall(work, self._tasks)
        call.outcome.add_done_callback(partial(self._call_off, call))
        self._shared.hand_over(call)
        return call.outcome

    def _check(self) -> None:
        if self._closed:
            raise _closed_error()
        if self._shared.is_forked:
            raise RuntimeError("this sync client was made before a fork: connect in the process that uses it")
        if threading.current_thread() is self._shared.thread:
            raise RuntimeError("sync clients cannot be used from their own callbacks")

    def _call_off(self, call: _PromisedCall[Any], outcome: Future[Any]) -> None:
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
