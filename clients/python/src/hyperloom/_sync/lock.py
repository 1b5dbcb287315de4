"""Locks and leases, blocking."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from types import TracebackType

from hyperloom import _lease, _lock
from hyperloom._cascade import Cascade
from hyperloom._gate_records import Race
from hyperloom._lock_records import LeaseEnded, LeaseState, LockMode, LockState, Targets
from hyperloom._migration import SchemaMigration
from hyperloom._records import Reverted
from hyperloom._sync.cancel import shielded
from hyperloom._sync.ghost import Ghost, begin_ghost
from hyperloom._sync.loop import LoopThread
from hyperloom._sync.speculating import Speculating
from hyperloom.gate import Gate


class Lease:
    """Kept alive in the background while this process lives. Nodes, ghosts and locks that name it end with it.

    `with` ends it at the end of the block, if it is one's own; the block raises `LeaseLostError` where it was lost.
    """

    def __init__(self, loop: LoopThread, inner: _lease.Lease) -> None:
        self._loop = loop
        self._inner = inner
        self._lost = threading.Event()
        loop.soon(inner.right.on_lost, self._lost.set)

    @property
    def id(self) -> str:
        """Made by the broker; unique for ever."""
        return self._inner.id

    @property
    def info(self) -> LeaseState:
        """What the broker told when it was granted; of an attached one only its id is known."""
        return self._inner.info

    @property
    def lost(self) -> threading.Event:
        """Set when it ended without `end`, or may have: no sign of life was answered within its ttl."""
        return self._lost

    @property
    def over(self) -> bool:
        """True once it was ended or lost."""
        return self._inner.over

    @property
    def inner(self) -> _lease.Lease:
        """For this package."""
        return self._inner

    def check(self) -> None:
        """Raises `LeaseLostError` where it is lost, and `StateError` where it was ended."""
        self._loop.run(_check(self._inner))

    def end(self, *, timeout: float | None = None) -> LeaseEnded:
        """Ends it, and with it its locks, its ghosts, and the nodes that are bound to it."""
        return self._loop.run(self._inner.end(timeout=timeout))

    def close(self) -> None:
        """Ends it where it is one's own, and leaves what goes wrong to its ttl. Else it is kept alive no more."""
        with shielded():
            self._loop.run(self._inner.aclose())

    def __enter__(self) -> Lease:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with shielded():
            self._loop.run(self._inner.leave(error, False))


class Lock(Speculating):
    """Has all verbs of a client. What is written through it, and through its ghosts, carries its fencing token.

    `with` lets go of it at the end of the block, which raises `LeaseLostError` where it had been lost. Every call
    through a lock that was lost raises that too; `lost` is set as soon as it is known.
    """

    def __init__(self, loop: LoopThread, inner: _lock.Lock) -> None:
        super().__init__(loop, inner)
        self._inner = inner
        self._lost = threading.Event()
        self._lease = Lease(loop, inner.lease)
        loop.soon(inner.right.on_lost, self._lost.set)

    @property
    def id(self) -> str:
        """Made by the broker; unique for ever."""
        return self._inner.id

    @property
    def info(self) -> LockState:
        """What the broker told when it was granted."""
        return self._inner.info

    @property
    def lease(self) -> Lease:
        """Whose it is. Locks that are nested in this one are of the same."""
        return self._lease

    @property
    def fencing_token(self) -> int:
        """Proves to whatever else checks it that this is the latest holder: it grows with every grant in the forest."""
        return self._inner.fencing_token

    @property
    def lost(self) -> threading.Event:
        """Set when it ended without `release`, or may have: no sign of life was answered within the lease's ttl."""
        return self._lost

    @property
    def over(self) -> bool:
        """True once it was let go of or lost, as far as this process knows."""
        return self._inner.over

    @property
    def held(self) -> bool:
        """False once it was let go of or lost, as far as this process knows."""
        return not self.over

    def check(self) -> None:
        """Raises `LeaseLostError` where it is lost, and `StateError` where it was released."""
        self._loop.run(_check(self._inner))

    def lock(
        self,
        targets: Targets,
        *,
        mode: LockMode = "exclusive",
        wait: float | None = None,
        delay: float = 0.0,
        label: str = "",
    ) -> Lock:
        """Locks more, with the same lease: what this lock holds does not stand in its way. See `Client.lock`.

        It stays held where this one is released before it, unless the lease ends with that, and is lost where this one
        is lost.
        """
        acquiring = self._inner.lock(targets, mode=mode, wait=wait, delay=delay, label=label)
        return acquire_lock(self._loop, acquiring)

    def ghost(
        self,
        *,
        label: str = "",
        scope: str = "",
        base_revision: int = 0,
        gates: Sequence[Gate] = (),
        race: Race | None = None,
        migration: SchemaMigration | None = None,
        timeout: float | None = None,
    ) -> Ghost:
        """Begins a ghost that lives with the lease, and is committed under this lock."""
        beginning = self._inner.ghost(
            label=label,
            scope=scope,
            base_revision=base_revision,
            gates=gates,
            race=race,
            migration=migration,
            timeout=timeout,
        )
        return begin_ghost(self._loop, beginning)

    def revert_revision(
        self,
        revision: int,
        reason: str = "",
        *,
        cascade: Cascade = "none",
        lock_wait: float = 0.0,
        timeout: float | None = None,
    ) -> Reverted:
        """Writes the inverse of a trunk revision as a new one, under this lock; see `Client.revert_revision`."""
        return self._loop.run(
            self._inner.revert_revision(revision, reason, cascade=cascade, lock_wait=lock_wait, timeout=timeout)
        )

    def release(self, *, timeout: float | None = None) -> None:
        """Lets go of it. The outermost lock of a lease ends the lease, and with it nested locks, ghosts, bound nodes.

        Raises `LeaseLostError` where it had been lost.
        """
        self._loop.run(self._inner.release(timeout=timeout))

    def __enter__(self) -> Lock:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with shielded():
            self._loop.run(self._inner.leave(error, False))


def acquire_lock(loop: LoopThread, acquiring: _lock.AcquiringLock) -> Lock:
    """Takes a lock."""
    return Lock(loop, loop.run(_acquire(acquiring)))


def grant_lease(loop: LoopThread, granting: _lease.GrantingLease) -> Lease:
    """Takes a lease."""
    return Lease(loop, loop.run(_grant(granting)))


async def _acquire(acquiring: _lock.AcquiringLock) -> _lock.Lock:
    return await acquiring


async def _grant(granting: _lease.GrantingLease) -> _lease.Lease:
    return await granting


async def _check(right: _lease.Lease | _lock.Lock) -> None:
    right.check()
