"""A lease: one owner, for as long as it shows signs of life."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Coroutine, Generator
from datetime import datetime, timedelta, timezone
from types import TracebackType
from typing import Any, Literal, TypeAlias

import grpc

from hyperloom import _limits
from hyperloom._agent import Agent
from hyperloom._connection import Connection
from hyperloom._errors import LeaseLostError, NotFoundError
from hyperloom._gen.v1 import lock_service_pb2 as locks
from hyperloom._kept import Kept
from hyperloom._kinds import duration_of
from hyperloom._lock_records import LeaseEnded, LeaseState, lease_ended_from, lease_state_from
from hyperloom._methods import END_LEASE, GRANT_LEASE, LIST_LEASES
from hyperloom._paged import Page, Paged
from hyperloom._right import Fence, Right
from hyperloom._transport import log

LeaseHold: TypeAlias = 'Literal["owned", "kept", "named"]'
"""Whether a handle keeps its lease alive and ends it, keeps it alive only, or just names it."""


class Lease:
    """Kept alive in the background while this process lives. Nodes, ghosts and locks that name it end with it.

    `async with` ends it at the end of the block, if it is one's own. If it is lost there, the task in the block is
    cancelled, and the block raises `LeaseLostError`.
    """

    def __init__(
        self,
        connection: Connection,
        agent: Agent,
        info: LeaseState,
        expires: float = math.inf,
        held: LeaseHold = "owned",
    ) -> None:
        self._connection = connection
        self._agent = agent
        self._owned = held == "owned"
        self.info = info
        """What the broker told when it was granted; of an attached one only its id is known."""
        self._right = Right(f"lease {info.id}", alive=self._check_clock)
        self._kept = Kept("lease", agent.forest, info.id, info.ttl.total_seconds(), self._right.lose, expires=expires)
        if held != "named":
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
        """Ends it where it is one's own, and leaves what goes wrong to its ttl. Else it is kept alive no more."""
        if not self._owned:
            self._forget()
            # From now on it is nobody's business here when it ends.
            self._kept.expires = math.inf
            return
        if self.over:
            return
        try:
            await self.finish(_limits.LEAVE_SECONDS_MAX)
        except Exception as failure:
            # Also of the program's own function for tokens: what else is to be closed must not stay open for it.
            log.debug("ending %s: %s", self._right.name, failure)

    async def close_with_client(self) -> None:
        """For this package: nothing is done under it any more."""
        await self.aclose()
        self._right.give_back()

    def abandon(self) -> None:
        """For this package: ends it, or its keeping, in the background."""
        self._connection.spawn(self.aclose())

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
        self._connection.keeper.release(self._kept)
        self._connection.open_leases.discard(self)


class GrantingLease:
    """A lease that is about to be taken, or kept: `async with client.lease() as lease`, or `await client.lease()`."""

    def __init__(self, take: Callable[[], Coroutine[Any, Any, Lease]]) -> None:
        self._take = take
        self._lease: Lease | None = None

    def __await__(self) -> Generator[Any, None, Lease]:
        return self._take().__await__()

    async def __aenter__(self) -> Lease:
        self._lease = await self._take()
        return await self._lease.__aenter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._lease is not None:
            await self._lease.__aexit__(kind, error, trace)


async def grant(connection: Connection, agent: Agent, ttl: float | None, label: str, timeout: float | None) -> Lease:
    """Takes a lease; `ttl` and `timeout` in seconds."""
    request = locks.GrantLeaseRequest(
        forest=agent.forest, label=label, author=agent.author, request_id=connection.next_request_id()
    )
    if ttl is not None:
        request.ttl.CopyFrom(duration_of(ttl))
    began = connection.keeper.now()
    answer = await connection.call(GRANT_LEASE, request, timeout)
    return await hold(connection, agent, lease_state_from(answer.lease), began)


async def hold(connection: Connection, agent: Agent, info: LeaseState, began: float) -> Lease:
    """Takes over a lease that the broker has granted at some time since `began`.

    Its ttl counts from a moment that only the broker knows. The moment of asking is a safe one to count from; after a
    long wait for a lock it would leave no time, so the broker is asked once more then.
    """
    ttl = info.ttl.total_seconds()
    now = connection.keeper.now()
    if now - began <= ttl / _limits.SIGNS_PER_TTL:
        return Lease(connection, agent, info, began + ttl)
    return await _confirmed(Lease(connection, agent, info, now + ttl))


def attach(connection: Connection, agent: Agent, lease_id: str) -> Lease:
    """A handle on a lease that someone else keeps alive."""
    never = datetime.fromtimestamp(0, timezone.utc)
    return Lease(connection, agent, LeaseState(lease_id, timedelta(), "", "", never, 0, 0, 0), held="named")


async def keep(connection: Connection, agent: Agent, lease_id: str, timeout: float | None) -> Lease:
    """Keeps a lease of someone else alive as well. How often that must be, its ttl, is told by the listing alone."""
    async for info in list_leases(connection, agent, _limits.LEASES_PER_PAGE_MAX, timeout):
        if info.id == lease_id:
            expires = connection.keeper.now() + info.ttl.total_seconds()
            return await _confirmed(Lease(connection, agent, info, expires, "kept"))
    raise LeaseLostError(
        f"there is no lease {lease_id}",
        code=grpc.StatusCode.NOT_FOUND,
        reason="LEASE_NOT_FOUND",
        metadata={"lease_id": lease_id},
    )


async def _confirmed(lease: Lease) -> Lease:
    """Where the broker says that it lives; else the lease is left, and the error raised."""
    try:
        await lease.confirm()
    except BaseException:
        lease.abandon()
        raise
    return lease


def list_leases(connection: Connection, agent: Agent, page_size: int, timeout: float | None) -> Paged[LeaseState]:
    """Leases that live, oldest first."""

    async def fetch(page_token: str) -> Page[LeaseState]:
        request = locks.ListLeasesRequest(forest=agent.forest, page_size=page_size, page_token=page_token)
        answer = await connection.call(LIST_LEASES, request, timeout)
        return Page(tuple(map(lease_state_from, answer.leases)), answer.next_page_token, 0)

    return Paged(fetch)
