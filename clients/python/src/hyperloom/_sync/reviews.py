"""Reviews of ghosts, blocking."""

from __future__ import annotations

from hyperloom import _reviews
from hyperloom._records import GhostState
from hyperloom._reviews import PendingReview
from hyperloom._sync.loop import LoopThread
from hyperloom._sync.paged import Paged
from hyperloom._sync.subscription import ReviewSubscription


class Reviews:
    """As the asyncio one; see there. Every `timeout` is in seconds."""

    def __init__(self, loop: LoopThread, inner: _reviews.Reviews) -> None:
        self._loop = loop
        self._inner = inner

    @property
    def reviewer(self) -> str:
        """Empty: all."""
        return self._inner.reviewer

    def list(self, *, page_size: int = 0, timeout: float | None = None) -> Paged[PendingReview]:
        """The reviews that are asked for, oldest ghost first, in pages."""
        return Paged(self._loop, self._inner.list(page_size=page_size, timeout=timeout))

    def subscribe(self) -> ReviewSubscription:
        """What is asked for: first what is open, then what changes, across lost connections."""
        return ReviewSubscription(self._loop, self._inner.subscribe())

    def approve(self, review: PendingReview, reason: str = "", *, timeout: float | None = None) -> GhostState:
        """Lets the ghost as it was reviewed pass; the last approval that was missing commits it."""
        return self._loop.run(self._inner.approve(review, reason, timeout=timeout))

    def reject(self, review: PendingReview, reason: str, *, timeout: float | None = None) -> GhostState:
        """Takes the ghost back to its last checkpoint, or to its beginning, and tells its owner why."""
        return self._loop.run(self._inner.reject(review, reason, timeout=timeout))
