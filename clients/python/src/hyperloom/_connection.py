"""What the clients, ghosts and subscriptions of one connection share."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Coroutine, Sequence
from typing import Any, Protocol, TypeVar

import grpc

from hyperloom import _limits
from hyperloom._endpoints import LoadBalancing
from hyperloom._gen.v1 import context_service_pb2 as context
from hyperloom._keeper import Keeper
from hyperloom._methods import KEEP_ALIVE, Method, Request, Response
from hyperloom._publisher import Publisher
from hyperloom._transport import Metadata, Token, TraceParent, Transport

Outcome = TypeVar("Outcome")


class Closable(Protocol):
    """Something that ends with the connection."""

    async def aclose(self) -> None:
        """Ends it."""


class Held(Protocol):
    """Something that is kept alive for as long as the connection is open."""

    async def close_with_client(self) -> None:
        """Ends it, or its keeping."""


class Connection:
    """The connection to a broker, or to its replicas. `chance` makes request ids and jitter; tests give it a seed."""

    def __init__(
        self,
        addresses: Sequence[str],
        credentials: grpc.ChannelCredentials | None,
        metadata: Metadata,
        timeout: float,
        chance: random.Random,
        load_balancing: LoadBalancing = "pick_first",
        trace_parent: TraceParent | None = None,
        token: Token | None = None,
        forest: str = "",
    ) -> None:
        self.timeout = timeout
        self.transport = Transport(
            addresses, credentials, metadata, chance, load_balancing, trace_parent, token, forest
        )
        self.publisher = Publisher(self.transport)
        self.keeper = Keeper(self._keep_alive)
        self.open_subscriptions: set[Closable] = set()
        self.open_leases: set[Held] = set()
        self._background: set[asyncio.Task[Any]] = set()
        self._id_prefix = f"{chance.getrandbits(96):024x}-"
        self._ids = 0

    def next_request_id(self) -> str:
        """Unique: the prefix is the connection's own, the number grows."""
        self._ids += 1
        return f"{self._id_prefix}{self._ids}"

    async def call(self, method: Method[Request, Response], request: Request, timeout: float | None) -> Response:
        """A unary call with the default timeout where none is given. Raises a `HyperloomError`."""
        return await self.transport.unary(method, request, self.timeout if timeout is None else timeout)

    def spawn(self, work: Coroutine[Any, Any, Outcome]) -> asyncio.Task[Outcome]:
        """Runs it in the background; it ends with the connection."""
        task = asyncio.create_task(work, name="hyperloom background")
        self._background.add(task)
        task.add_done_callback(self._background.discard)
        return task

    async def close(self) -> None:
        """Waits a few seconds for the outcomes of publishes and the ends of leases, then ends everything."""
        await asyncio.gather(*(each.aclose() for each in tuple(self.open_subscriptions)))
        await self.publisher.close()
        await asyncio.gather(*(each.close_with_client() for each in tuple(self.open_leases)))
        await self.keeper.close()
        rest = self._background - {asyncio.current_task()}
        if rest:
            _, late = await asyncio.wait(rest, timeout=_limits.LEAVE_SECONDS_MAX)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self.transport.close()

    async def _keep_alive(self, forest: str, ghost_ids: list[str], lease_ids: list[str], timeout: float) -> set[str]:
        request = context.KeepAliveRequest(forest=forest, ghost_ids=ghost_ids, lease_ids=lease_ids)
        answer = await self.call(KEEP_ALIVE, request, timeout)
        return {*answer.live_ghost_ids, *answer.live_lease_ids}
