"""What this client holds until it gives it back or loses it: a lease, a lock under one; and what is done under it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import grpc

from hyperloom._basis import BasisEntry
from hyperloom._errors import HyperloomError, LeaseLostError, StaleFencingTokenError, StateError
from hyperloom._guard import BlockGuard
from hyperloom._publisher import Observer


class Right:
    """Lost once, for ever, and with it what stands on it. `alive` is asked at every check, and may find a loss.

    It stands on what it is `under`, which must be held for as long, and on what it is `within`: that may be given back
    before it.
    """

    def __init__(
        self,
        name: str,
        under: Right | None = None,
        alive: Callable[[], None] | None = None,
        within: Sequence[Right] = (),
    ) -> None:
        self.name = name
        self.lost = asyncio.Event()
        self.over = False
        self._under = under
        self._alive = alive
        self._why = ""
        self._cause: BaseException | None = None
        self._guard: BlockGuard | None = None
        self._above: set[Right] = set()
        self._listeners: list[Callable[[], None]] = []
        self._stands_on = (*within,) if under is None else (under, *within)
        for right in self._stands_on:
            right._above.add(self)
            if right.lost.is_set():
                self.lose(right._why, right._cause)

    @property
    def held(self) -> bool:
        """Neither it nor what it is under was given back or lost, as far as is known."""
        return not self.over and not self.lost.is_set() and (self._under is None or self._under.held)

    def check(self) -> None:
        """Raises `LeaseLostError` where it is lost, and `StateError` where it was given back."""
        if self._under is not None:
            self._under.check()
        if self._alive is not None and not self.over:
            self._alive()
        if self.lost.is_set():
            raise self.loss()
        if self.over:
            text = f"{self.name} was given back; nothing can be done under it any more"
            raise StateError(text, code=grpc.StatusCode.FAILED_PRECONDITION)

    def loss(self) -> LeaseLostError:
        """The error that says how it was lost."""
        error = LeaseLostError(
            f"{self.name} was lost: {self._why}; what was written under it since is refused, and others may hold it",
            code=grpc.StatusCode.FAILED_PRECONDITION,
            reason="LEASE_LOST",
        )
        if self._cause is not None:
            error.__cause__ = self._cause
        return error

    def lose(self, why: str, cause: BaseException | None = None) -> None:
        """It is gone. Cancels the task that is in its block, and tells who listens."""
        if self.over or self.lost.is_set():
            return
        self._why = why
        self._cause = cause
        self.lost.set()
        for right in tuple(self._above):
            right.lose(why, cause)
        if self._guard is not None:
            self._guard.fire()
        for listener in self._listeners:
            listener()

    def give_back(self) -> None:
        """It is over because its owner says so."""
        self.over = True
        for right in self._stands_on:
            right._above.discard(self)

    def on_lost(self, listener: Callable[[], None]) -> None:
        """Calls it when this is lost, at once where it is."""
        self._listeners.append(listener)
        if self.lost.is_set():
            listener()

    def enter(self) -> None:
        """The running task enters a block that stands on this."""
        self._guard = BlockGuard()
        if self.lost.is_set():
            raise self.loss()

    def leave(self, error: BaseException | None) -> bool:
        """It leaves the block. Whether the error is a cancellation that the loss alone has brought about."""
        guard, self._guard = self._guard, None
        return guard is not None and guard.leave(error)


@dataclass(frozen=True, slots=True)
class Fence:
    """What calls are made under: a lease, and the locks of it that they may rely on with their fencing tokens.

    The last lock is the one that the calls are made through; it stands within those before it.
    """

    lease: Right
    lease_id: str
    locks: tuple[Right, ...] = ()
    tokens: tuple[int, ...] = ()

    def check(self) -> None:
        """Raises where the lock or the lease is lost or given back, or a lock around it is lost."""
        (self.locks[-1] if self.locks else self.lease).check()

    @property
    def held_tokens(self) -> tuple[int, ...]:
        """Those of locks that were not given back: the broker would refuse others."""
        return tuple(token for lock, token in zip(self.locks, self.tokens, strict=True) if not lock.over)

    def within(self, lock: Right, token: int) -> Fence:
        """This, and one more lock."""
        return Fence(self.lease, self.lease_id, (*self.locks, lock), (*self.tokens, token))

    def refused(self, error: HyperloomError) -> None:
        """The broker may know better what is still held."""
        if isinstance(error, StaleFencingTokenError):
            stale = error.metadata.get("fencing_token", "")
            for lock, token in zip(self.locks, self.tokens, strict=True):
                if str(token) == stale:
                    lock.lose("the broker does not hold it any more", error)
        elif error.reason == "LEASE_NOT_FOUND" and error.metadata.get("lease_id") == self.lease_id:
            self.lease.lose("the broker has ended it", error)


class FencedObserver:
    """Tells the fence what the broker says of its locks and its lease."""

    def __init__(self, inner: Observer, fence: Fence) -> None:
        self.on_published = inner.on_published
        self._inner = inner
        self._fence = fence

    def on_refused(self, basis: Sequence[BasisEntry], error: HyperloomError) -> None:
        """A publish did not take effect."""
        self._inner.on_refused(basis, error)
        self._fence.refused(error)
