"""An event loop in a thread, and how other threads call into it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

import grpc

from hyperloom._errors import ClosedError

Outcome = TypeVar("Outcome")


class LoopThread:
    """Runs coroutines for any number of threads. It is a daemon: a process may end without closing it."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="hyperloom", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, Outcome]) -> Outcome:
        """Runs it to its end. An interrupted caller cancels it."""
        future = self.start(work)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def start(self, work: Coroutine[Any, Any, Outcome]) -> Future[Outcome]:
        """Begins it, behind all that was begun before."""
        if self.closed:
            work.close()
            raise ClosedError("the client is closed", code=grpc.StatusCode.CANCELLED)
        if threading.current_thread() is self._thread:
            work.close()
            raise RuntimeError("a sync client cannot be used from its own callbacks")
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def soon(self, callback: Callable[..., object], *arguments: object) -> None:
        """Calls it in the loop's thread, without waiting."""
        self._loop.call_soon_threadsafe(callback, *arguments)

    def close(self) -> None:
        """Ends the thread. May be called again."""
        if self._loop.is_closed():
            return
        self.run(self._cancel_rest())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def closed(self) -> bool:
        """Whether it has ended."""
        return self._loop.is_closed()

    async def _cancel_rest(self) -> None:
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
        await self._loop.shutdown_asyncgens()
