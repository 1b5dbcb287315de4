"""Cancels the task inside a `with` block when what the block stands on is lost.

Rules, as those of `asyncio.timeout`: the task that entered the block is cancelled, once. At the block's end that
request is taken back (`uncancel`); if nobody else has asked for a cancellation meanwhile, the `CancelledError` that
leaves the block is the guard's own, to be turned into an error that says what happened. Otherwise it passes on.
"""

from __future__ import annotations

import asyncio
from typing import Any


class BlockGuard:
    """Made by the task that enters the block, and left by it."""

    def __init__(self) -> None:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a block with a lock or a lease must be entered by a task")
        # Python 3.10 does not count who asked for a cancellation.
        self._task: Any = task
        self._counts = hasattr(task, "uncancel")
        self._cancelling: int = self._task.cancelling() if self._counts else 0
        self._cancelled = False
        self._left = False

    def fire(self) -> None:
        """Cancels the task, unless it has left. A task that finds the loss itself gets an exception instead."""
        if self._left or self._cancelled or _running_task() is self._task:
            return
        self._cancelled = True
        self._task.cancel()

    def leave(self, error: BaseException | None) -> bool:
        """The task leaves the block, with this error. Whether it is a cancellation of this guard alone."""
        self._left = True
        if not self._cancelled:
            return False
        alone = self._task.uncancel() <= self._cancelling if self._counts else True
        return alone and isinstance(error, asyncio.CancelledError)


def _running_task() -> asyncio.Task[Any] | None:
    try:
        return asyncio.current_task()
    except RuntimeError:
        return None
