"""Calls on their way into the loop of blocking clients, by how their callers wait for them: with a future, in a thread
that does nothing else, or in an event loop of their own.
"""

from __future__ import annotations

import asyncio
import threading
from _thread import allocate_lock
from collections import deque
from collections.abc import Coroutine
from concurrent.futures import CancelledError as FutureCancelledError
from concurrent.futures import Future
from contextlib import suppress
from contextvars import copy_context
from typing import Any, Generic, TypeVar

Outcome = TypeVar("Outcome")


class Call(Generic[Outcome]):
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


class PromisedCall(Call[Outcome]):
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


class AwaitedCall(Call[Outcome]):
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


class ReturnedCall(Call[Outcome]):
    """One whose caller goes on in an event loop of the program meanwhile."""

    __slots__ = ("_returns", "outcome")

    def __init__(self, work: Coroutine[Any, Any, Outcome], tasks: set[asyncio.Task[Any]]) -> None:
        """Made by the caller, in his loop."""
        super().__init__(work, tasks)
        self._returns = _returns_here()
        self.outcome: asyncio.Future[Outcome] = self._returns.loop.create_future()

    def ended(self, task: asyncio.Task[Outcome], error: BaseException | None) -> None:
        self._returns.hand_back(self)

    def tell(self) -> None:
        """In the caller's loop: it has ended."""
        outcome, task = self.outcome, self.task
        if outcome.done() or task is None:
            return
        if task.cancelled():
            outcome.cancel()
        elif (error := task.exception()) is not None:
            outcome.set_exception(error)
        else:
            outcome.set_result(task.result())


class _Returns:
    """The way back into one event loop of the program, which is woken once for all that have ended.

    As on the way in: waking a loop writes to a socket, which costs more than most calls themselves.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._ended: deque[ReturnedCall[Any]] = deque()
        self._woken = False

    def hand_back(self, call: ReturnedCall[Any]) -> None:
        """In the thread of the shared loop."""
        self._ended.append(call)
        if not self._woken:
            self._woken = True
            # The program may have closed its loop meanwhile: then nobody waits there any more.
            with suppress(RuntimeError):
                self.loop.call_soon_threadsafe(self._tell)

    def _tell(self) -> None:
        # First: what is handed back from here on wakes the loop again.
        self._woken = False
        while self._ended:
            self._ended.popleft().tell()


_here = threading.local()


def _returns_here() -> _Returns:
    """That of the running loop: in a thread one runs at a time."""
    loop = asyncio.get_running_loop()
    returns: _Returns | None = getattr(_here, "returns", None)
    if returns is None or returns.loop is not loop:
        returns = _here.returns = _Returns(loop)
    return returns
