"""A lease: one owner, for as long as it shows signs of life."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from types import TracebackType
from typing import Any

from hyperloom import _limits
from hyperloom._agent import Agent
from hyperloom._connection import Connection
from hyperloom._errors import HyperloomError, LeaseLostError, NotFoundError
from hyperloom._gen.v1 import lock_service_pb2 as locks
from hyperloom._kept import Kept
from hyperloom._kinds import duration_of
from hyperloom._lock_records import LeaseEnded, LeaseState, lease_ended_from, lease_state_from
from hyperloom._methods import END_LEASE, GRANT_LEASE
from hyperloom._right import Fence, Right
from hyperloom._transport import log


class Lease:
    """Kept alive in the background while this process lives. Nodes, ghosts and locks that name it end with it.

    `async with` ends it at the end of the block. If it is lost there, the task in the block is cancelled, and the block
    raises `LeaseLostError`.
    """

    def __init__(self, connection: Connection, agent: Agent, info: LeaseState, expires: float) -> None:
        self._connection = connection
        self._agent = agent
        self.info = info
        """What the broker told when it was granted."""
        self._right = Right(f"lease {info.id}", alive=self._check_clock)
        self._kept = Kept("lease", agent.forest, info.id, info.ttl.total_seconds(), self._right.lose, expires=expires)
        connection.keeper.keep(self._kept)
        connection.open_leases.add(self)
        self._right.on_lost(self._forget)

    @property
    def id(self) -> str:
        """Made by the broker; unique for ever."""
        return self.info.id

    @property
    def lost(self) -> asyncio.Event:
        """Set when it ended without `end`, or may have: no sign of life was answered within its ttl."""
        return self._right.lost

    @property
    def over(self) -> bool:
        """True once it was ended or lost."""
        return self._right.over or self._right.lost.is_set()

    @property
    def right(self) -> Right:
        """For this package: what locks stand on."""
        return self._right

    @property
    def fence(self) -> Fence:
        """For this package: what is done under the lease alone."""
        return Fence(self._right, self.id)

    def check(self) -> None:
        """Raises `LeaseLostError` where it is lost, and `StateError` where it was ended."""
        self._right.check()

    async def end(self, *, timeout: float | None = None) -> LeaseEnded:
        """Ends it, and with it its locks, its ghosts, and the nodes that are bound to it."""
        return lease_ended_from(await self._end(self._connection.next_request_id(), timeout))

    async def finish(self, timeout: float | None) -> None:
        """For this package: ends it for whoever does not ask what ended with it.

        Without a request id the broker need not wait for its disk where nothing but locks hangs on it. That it is over
        may then come of an attempt whose answer was lost.
        """
        await self._end("", timeout)

    async def _end(self, request_id: str, timeout: float | None) -> locks.EndLeaseResponse:
        self.check()
        self._forget()
        self._right.give_back()
        request = locks.EndLeaseRequest(
            forest=self._agent.forest, lease_id=self.id, author=self._agent.author, request_id=request_id
        )
        try:
            answer = await self._connection.call(END_LEASE, request, timeout)
        except (LeaseLostError, NotFoundError) as error:
            if not request_id and error.attempts > 1:
                return locks.EndLeaseResponse()
            self._right.over = False
            self._right.lose("the broker had ended it before", error)
            raise self._right.loss() from error
        self._agent.see(answer.revision)
        return answer

    async def confirm(self) -> None:
        """For this package: asks the broker whether it lives. Raises `LeaseLostError` where it does not."""
        await self._connection.keeper.confirm(self._kept)
        self.check()

    async def aclose(self) -> None:
        """Ends it if it is not over; what goes wrong is left to its ttl."""
        if self.over:
            return
        try:
            await self.finish(_limits.LEAVE_SECONDS_MAX)
        except HyperloomError as failure:
            log.debug("ending %s: %s", self._right.name, failure)

    async def __aenter__(self) -> Lease:
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
            # It goes on in the background where this task is cancelled.
            await asyncio.wait([self._connection.spawn(self.aclose())])
        if self._right.lost.is_set() and (error is None or cancelled_by_loss):
            raise self._right.loss()

    def _check_clock(self) -> None:
        if self._connection.keeper.now() >= self._kept.expires:
            self._right.lose(f"no sign of life was answered for {self._kept.ttl:.3g} s")

    def _forget(self) -> None:
        self._connection.keeper.release(self.id)
        self._connection.open_leases.discard(self)


class GrantingLease:
    """A lease that is about to be taken: `async with client.lease() as lease`, or `lease = await client.lease()`."""

    def __init__(
        self, connection: Connection, agent: Agent, request: locks.GrantLeaseRequest, timeout: float | None
    ) -> None:
        self._connection = connection
        self._agent = agent
        self._request = request
        self._timeout = timeout
        self._lease: Lease | None = None

    def __await__(self) -> Generator[Any, None, Lease]:
        return self._grant().__await__()

    async def __aenter__(self) -> Lease:
        self._lease = await self._grant()
        return await self._lease.__aenter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._lease is not None:
            await self._lease.__aexit__(kind, error, trace)

    async def _grant(self) -> Lease:
        self._request.request_id = self._connection.next_request_id()
        began = self._connection.keeper.now()
        answer = await self._connection.call(GRANT_LEASE, self._request, self._timeout)
        return await hold(self._connection, self._agent, lease_state_from(answer.lease), began)


def grant_request(agent: Agent, ttl: float | None, label: str) -> locks.GrantLeaseRequest:
    """The request for a lease; `ttl` in seconds."""
    request = locks.GrantLeaseRequest(forest=agent.forest, label=label, author=agent.author)
    if ttl is not None:
        request.ttl.CopyFrom(duration_of(ttl))
    return request


async def hold(connection: Connection, agent: Agent, info: LeaseState, began: float) -> Lease:
    """Takes over a lease that the broker has granted at some time since `began`.

    Its ttl counts from a moment that only the broker knows. The moment of asking is a safe one to count from; after a
    long wait for a lock it would leave no time, so the broker is asked once more then.
    """
    ttl = info.ttl.total_seconds()
    now = connection.keeper.now()
    if now - began <= ttl / _limits.SIGNS_PER_TTL:
        return Lease(connection, agent, info, began + ttl)
    lease = Lease(connection, agent, info, now + ttl)
    try:
        await lease.confirm()
    except BaseException:
        connection.spawn(lease.aclose())
        raise
    return lease
