"""A lock: a right on subtrees, held by a lease, whose fencing token travels with everything that is done through it."""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Sequence
from types import TracebackType
from typing import Any

from hyperloom import _limits
from hyperloom._agent import Agent
from hyperloom._cascade import Cascade, cascade_message
from hyperloom._connection import Connection
from hyperloom._errors import HyperloomError, LeaseLostError, NotFoundError
from hyperloom._gate_records import Race
from hyperloom._gen.v1 import context_service_pb2 as context
from hyperloom._gen.v1 import lock_service_pb2 as locks
from hyperloom._ghost import BeginningGhost
from hyperloom._ghost_options import GhostOptions
from hyperloom._kinds import duration_of
from hyperloom._lease import Lease, hold
from hyperloom._lock_records import LockMode, LockState, Targets, lease_state_from, lock_state_from, target_messages
from hyperloom._methods import ACQUIRE_LOCK, RELEASE_LOCK
from hyperloom._migration import SchemaMigration
from hyperloom._records import Reverted
from hyperloom._right import Fence, Right
from hyperloom._speculating import Speculating
from hyperloom._transport import log
from hyperloom.gate import Gate


class Lock(Speculating):
    """Has all verbs of a client. What is written through it, and through its ghosts, carries its fencing token.

    `async with` lets go of it at the end of the block. If it is lost there, the task in the block is cancelled, and the
    block raises `LeaseLostError`. Every call through a lock that was lost raises that too.
    """

    def __init__(
        self, connection: Connection, agent: Agent, info: LockState, lease: Lease, under: Fence, owns_lease: bool
    ) -> None:
        self._right = Right(f"lock {info.id}", under=lease.right, within=under.locks)
        super().__init__(connection, agent, "", under.within(self._right, info.fencing_token))
        self.info = info
        """What the broker told when it was granted."""
        self.lease = lease
        """Whose it is. Locks that are nested in this one are of the same."""
        self._owns_lease = owns_lease

    @property
    def id(self) -> str:
        """Made by the broker; unique for ever."""
        return self.info.id

    @property
    def fencing_token(self) -> int:
        """Proves to whatever else checks it that this is the latest holder: it grows with every grant in the forest."""
        return self.info.fencing_token

    @property
    def lost(self) -> asyncio.Event:
        """Set when it ended without `release`, or may have: no sign of life was answered within the lease's ttl."""
        return self._right.lost

    @property
    def over(self) -> bool:
        """True once it was let go of or lost, as far as this process knows."""
        return not self._right.held

    @property
    def held(self) -> bool:
        """False once it was let go of or lost, as far as this process knows."""
        return self._right.held

    def check(self) -> None:
        """Raises `LeaseLostError` where it is lost, and `StateError` where it was released."""
        self._right.check()

    @property
    def right(self) -> Right:
        """For this package."""
        return self._right

    def lock(
        self,
        targets: Targets,
        *,
        mode: LockMode = "exclusive",
        wait: float | None = None,
        delay: float = 0.0,
        label: str = "",
    ) -> AcquiringLock:
        """Locks more, with the same lease: what this lock holds does not stand in its way. See `Client.lock`.

        It stays held where this one is released before it, unless the lease ends with that, and is lost where this one
        is lost.
        """
        request = acquire_request(self._agent, targets, mode, delay, label)
        return AcquiringLock(self._connection, self._agent, request, wait, self.lease, self._fence)

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
    ) -> BeginningGhost:
        """Begins a ghost that lives with the lease, and is committed under this lock."""
        options = GhostOptions(label, scope, base_revision, gates=gates, race=race, migration=migration)
        return self.begin_ghost(options, timeout)

    async def revert_revision(
        self,
        revision: int,
        reason: str = "",
        *,
        cascade: Cascade = "none",
        lock_wait: float = 0.0,
        timeout: float | None = None,
    ) -> Reverted:
        """Writes the inverse of a trunk revision as a new one, under this lock; see `Client.revert_revision`."""
        request = context.RevertRequest(
            revision=revision, cascade=cascade_message(cascade), fencing_tokens=self._fencing_tokens
        )
        return await self._send_revert(request, reason, timeout, lock_wait)

    async def release(self, *, timeout: float | None = None) -> None:
        """Lets go of it. The outermost lock of a lease ends the lease, and with it nested locks, ghosts, bound nodes.

        Raises `LeaseLostError` where it had been lost. May be called again.
        """
        if self._right.over:
            return
        await self.flush()
        self._right.check()
        if self._owns_lease:
            try:
                await self.lease.finish(timeout)
            finally:
                self._right.give_back()
            return
        self._right.give_back()
        try:
            await release_lock(self._connection, self._agent, self.id, self.lease.id, timeout)
        except (LeaseLostError, NotFoundError) as error:
            self._right.over = False
            self._right.lose("the broker had ended it before", error)
            raise self._right.loss() from error

    async def __aenter__(self) -> Lock:
        self._right.enter()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        ours = self._right.leave(error)
        await self.leave(error, ours)

    async def leave(self, error: BaseException | None, cancelled_by_loss: bool) -> None:
        """For this package: the end of a block. Raises the loss unless another error is on its way."""
        if not self.over:
            # It goes on in the background where this task is cancelled, or publishes are under way for longer.
            await asyncio.wait([self._connection.spawn(self._let_go())], timeout=2 * _limits.LEAVE_SECONDS_MAX)
        if self._right.lost.is_set() and (error is None or cancelled_by_loss):
            raise self._right.loss()

    async def _let_go(self) -> None:
        try:
            await self.release(timeout=_limits.LEAVE_SECONDS_MAX)
        except HyperloomError as failure:
            # Its ttl ends it anyway; the block's own exception, or the loss, is the one to see.
            log.debug("releasing %s: %s", self._right.name, failure)
            if self._owns_lease:
                await self.lease.aclose()

    def begin_ghost(self, options: GhostOptions, timeout: float | None = None) -> BeginningGhost:
        """For this package: begins a ghost where this stands."""
        return BeginningGhost(self._connection, self._agent, options, timeout, fence=self._fence)


class AcquiringLock:
    """A lock that is about to be taken: `async with client.lock(…) as lock`, or `lock = await client.lock(…)`."""

    def __init__(
        self,
        connection: Connection,
        agent: Agent,
        request: locks.AcquireLockRequest,
        wait: float | None,
        lease: Lease | None,
        under: Fence | None,
    ) -> None:
        self._connection = connection
        self._agent = agent
        self._request = request
        self._wait = connection.timeout if wait is None else wait
        self._lease = lease
        self._under = under
        self._lock: Lock | None = None

    def __await__(self) -> Generator[Any, None, Lock]:
        return self._acquire().__await__()

    async def __aenter__(self) -> Lock:
        self._lock = await self._acquire()
        return await self._lock.__aenter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._lock is not None:
            await self._lock.__aexit__(kind, error, trace)

    async def _acquire(self) -> Lock:
        connection, request = self._connection, self._request
        under = self._under or (None if self._lease is None else self._lease.fence)
        if under is not None:
            under.check()
            request.lease_id = under.lease_id
        request.wait.CopyFrom(duration_of(self._wait))
        request.request_id = connection.next_request_id()
        began = connection.keeper.now()
        try:
            answer = await connection.call(ACQUIRE_LOCK, request, self._wait + connection.timeout)
        except BaseException as error:
            if isinstance(error, HyperloomError) and error.reason:
                if under is not None:
                    under.refused(error)
            else:
                connection.spawn(self._give_up_claim())
            raise
        return await self._take_over(answer, began)

    async def _take_over(self, answer: locks.AcquireLockResponse, began: float) -> Lock:
        connection, agent, lease = self._connection, self._agent, self._lease
        if lease is None:
            lease = await hold(connection, agent, lease_state_from(answer.lease), began)
        under = self._under or lease.fence
        return Lock(connection, agent, lock_state_from(answer.lock), lease, under, owns_lease=self._lease is None)

    async def _give_up_claim(self) -> None:
        """Nobody knows whether the lock was granted, and the broker keeps the place for a while for who asks again.

        The same request finds it: with next to no wait it gives up the place, or gets what is then let go of.
        """
        connection = self._connection
        began = connection.keeper.now()
        try:
            self._request.wait.CopyFrom(duration_of(_limits.GIVING_UP_WAIT_SECONDS))
            answer = await connection.call(ACQUIRE_LOCK, self._request, _limits.UNCLAIMED_LOCK_SECONDS_MAX)
            lock = await self._take_over(answer, began)
            await lock.release(timeout=_limits.LEAVE_SECONDS_MAX)
        except HyperloomError as error:
            log.debug("giving up a lock that was asked for: %s", error)


def acquire_request(
    agent: Agent, targets: Targets, mode: LockMode, delay: float, label: str, ttl: float | None = None
) -> locks.AcquireLockRequest:
    """The request for a lock; `ttl` (of a new lease) and `delay` in seconds."""
    request = locks.AcquireLockRequest(
        forest=agent.forest, targets=target_messages(targets, mode), label=label, author=agent.author
    )
    if delay:
        request.delay.CopyFrom(duration_of(delay))
    request.ttl.CopyFrom(duration_of(_limits.LEASE_TTL_SECONDS_DEFAULT if ttl is None else ttl))
    return request


async def release_lock(
    connection: Connection, agent: Agent, lock_id: str, lease_id: str, timeout: float | None
) -> None:
    """Lets go of a lock, or of the wait for it."""
    request = locks.ReleaseLockRequest(
        forest=agent.forest,
        lock_id=lock_id,
        lease_id=lease_id,
        author=agent.author,
        request_id=connection.next_request_id(),
    )
    await connection.call(RELEASE_LOCK, request, timeout)
