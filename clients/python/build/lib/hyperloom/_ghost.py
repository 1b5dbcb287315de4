"""A ghost: a speculative branch to work in. Its writes reach the trunk with `commit`, or are gone with `revert`."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from datetime import timedelta
from types import TracebackType
from typing import Any, Literal, TypeAlias

import grpc
from google.protobuf.duration_pb2 import Duration

from hyperloom import _limits
from hyperloom._agent import Agent
from hyperloom._connection import Connection
from hyperloom._errors import GhostOverError, HyperloomError
from hyperloom._gen.v1 import context_service_pb2 as context
from hyperloom._keeper import Kept
from hyperloom._methods import BEGIN_GHOST, CHECKPOINT, COMMIT, GET_GHOST, REVERT
from hyperloom._paged import Paged
from hyperloom._past import diff
from hyperloom._publisher import Observer
from hyperloom._records import (
    Checkpoint,
    Committed,
    GhostState,
    NodeDifference,
    Published,
    Reverted,
    checkpoint_from,
    ghost_state_from,
    reverted_from,
)
from hyperloom._transport import log
from hyperloom._verbs import Verbs

Isolation: TypeAlias = Literal["writes", "serializable"]
"""What must not have changed since a ghost's base for its commit to pass: what it writes, or also what it has read."""


class Ghost(Verbs):
    """Has all verbs of a client. `async with` reverts it at the end of the block unless it was committed.

    It is kept alive in the background while this process lives; if that ends, the broker reverts it after `ttl`.
    """

    def __init__(self, connection: Connection, agent: Agent, info: GhostState, owned: bool) -> None:
        super().__init__(connection, agent, info.id)
        self.info = info
        """What the broker told when the ghost was begun; `state()` tells what holds now."""
        self._owned = owned
        self._over = info.state != "live"
        self._staged = _Staged(agent, info.id)
        if owned:
            interval = info.ttl.total_seconds() / 3
            connection.keeper.keep(Kept(agent.forest, info.id, interval, self._end))

    @property
    def id(self) -> str:
        """Made by the broker; unique for ever."""
        return self._ghost_id

    @property
    def over(self) -> bool:
        """True once it was committed, reverted or has expired, as far as this process knows."""
        return self._over

    @property
    def _observer(self) -> Observer:
        return self._staged

    async def checkpoint(self, name: str, *, timeout: float | None = None) -> Checkpoint:
        """Names the present state, to go back to: 1 to 128 bytes, unique in the ghost."""
        await self.flush()
        request = context.CheckpointRequest(
            forest=self._agent.forest,
            ghost_id=self.id,
            name=name,
            author=self.author,
            request_id=self._connection.next_request_id(),
        )
        answer = await self._connection.call(CHECKPOINT, request, timeout)
        return checkpoint_from(answer.checkpoint)

    async def rewind(self, checkpoint: str = "", reason: str = "", *, timeout: float | None = None) -> Reverted:
        """Goes back to a checkpoint (the newest one; the beginning where there is none). The ghost lives on."""
        await self.flush()
        target = context.GhostRewind(ghost_id=self.id, checkpoint=checkpoint)
        return await send_revert(self._connection, self._agent, context.RevertRequest(rewind=target), reason, timeout)

    async def revert(self, reason: str = "", *, timeout: float | None = None) -> Reverted:
        """Drops the ghost and all that is staged in it. The reason is kept for whoever tries again."""
        await self.flush()
        request = context.RevertRequest(ghost_id=self.id)
        reverted = await send_revert(self._connection, self._agent, request, reason, timeout)
        self._end()
        return reverted

    async def commit(
        self, isolation: Isolation = "writes", *, label: str = "", timeout: float | None = None
    ) -> Committed:
        """Replays the staged operations onto the newest trunk (or the parent) as one revision.

        Raises `ConflictError` with the conflicts, path by path, where others have changed the same; the ghost lives on.
        """
        await self.flush()
        await self._check_nothing_lost(timeout)
        serializable = isolation == "serializable"
        request = context.CommitRequest(
            forest=self._agent.forest,
            ghost_id=self.id,
            isolation=context.COMMIT_ISOLATION_SERIALIZABLE if serializable else context.COMMIT_ISOLATION_WRITES,
            label=label,
            author=self.author,
            request_id=self._connection.next_request_id(),
        )
        answer = await self._connection.call(COMMIT, request, timeout)
        self._end()
        self._agent.see(answer.revision)
        return Committed(answer.revision, answer.operations, answer.repeated)

    def ghost(
        self, *, label: str = "", scope: str = "", ttl: float | None = None, timeout: float | None = None
    ) -> BeginningGhost:
        """Begins a ghost in this one, at its present state and by default with its scope. It commits into this one."""
        request = begin_request(self._agent, label, scope or self.info.scope, ttl)
        request.parent_ghost_id = self.id
        return BeginningGhost(self._connection, self._agent, request, timeout)

    async def state(self, *, timeout: float | None = None) -> GhostState:
        """How the ghost stands now."""
        return await read_ghost(self._connection, self._agent, self.id, timeout)

    def diff(self, *, path: str = "", page_size: int = 0, timeout: float | None = None) -> Paged[NodeDifference]:
        """What differs from its base, in pages."""
        request = context.DiffRequest(forest=self._agent.forest, path=path, ghost_id=self.id, page_size=page_size)
        return diff(self._connection, request, timeout)

    async def __aenter__(self) -> Ghost:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._over or not self._owned:
            return
        reason = "left without a commit" if error is None else reason_of(error)
        try:
            await asyncio.shield(self.revert(reason, timeout=_limits.LEAVE_SECONDS_MAX))
        except HyperloomError as failure:
            # Its ttl ends it anyway; the block's own exception is the one to see.
            log.debug("reverting ghost %s: %s", self.id, failure)
        finally:
            self._end()

    def _end(self) -> None:
        self._over = True
        self._connection.keeper.release(self.id)

    async def _check_nothing_lost(self, timeout: float | None) -> None:
        """See `_Staged`: after a crash of the broker the loss may have no diff behind it that shows it."""
        if self._staged.sequence == 0 or self._over:
            return
        state = await self.state(timeout=timeout)
        if state.state == "live" and state.sequence < self._staged.sequence:
            raise _lost(self.id)


class _Staged:
    """Watches the numbers of a ghost's diffs.

    Diffs in a ghost are not synced one by one, so a crash of the broker may forget the newest of them. Their numbers
    only grow: one that does not tells of such a loss, and the ghost must not be committed with a hole in it.
    """

    def __init__(self, agent: Agent, ghost_id: str) -> None:
        self.sequence = 0
        self.on_refused = agent.on_refused
        self._ghost_id = ghost_id

    def on_published(self, published: Published) -> HyperloomError | None:
        """A diff was staged."""
        if published.sequence > self.sequence:
            self.sequence = published.sequence
            return None
        return None if published.repeated else _lost(self._ghost_id)


class BeginningGhost:
    """A ghost that is about to begin: `async with client.ghost() as ghost`, or `ghost = await client.ghost()`."""

    def __init__(
        self, connection: Connection, agent: Agent, request: context.BeginGhostRequest, timeout: float | None
    ) -> None:
        self._connection = connection
        self._agent = agent
        self._request = request
        self._timeout = timeout
        self._ghost: Ghost | None = None

    def __await__(self) -> Generator[Any, None, Ghost]:
        return self._begin().__await__()

    async def __aenter__(self) -> Ghost:
        self._ghost = await self._begin()
        return self._ghost

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._ghost is not None:
            await self._ghost.__aexit__(kind, error, trace)

    async def _begin(self) -> Ghost:
        if self._request.parent_ghost_id:
            await self._connection.publisher.flush()
        self._request.request_id = self._connection.next_request_id()
        answer = await self._connection.call(BEGIN_GHOST, self._request, self._timeout)
        return Ghost(self._connection, self._agent, ghost_state_from(answer.ghost), owned=True)


def begin_request(agent: Agent, label: str, scope: str, ttl: float | None) -> context.BeginGhostRequest:
    """The request for a ghost; `ttl` in seconds."""
    request = context.BeginGhostRequest(forest=agent.forest, scope=scope, label=label, author=agent.author)
    if ttl is not None:
        duration = Duration()
        duration.FromTimedelta(timedelta(seconds=ttl))
        request.ttl.CopyFrom(duration)
    return request


async def read_ghost(connection: Connection, agent: Agent, ghost_id: str, timeout: float | None) -> GhostState:
    """Reads a ghost's standing."""
    request = context.GetGhostRequest(forest=agent.forest, ghost_id=ghost_id)
    return ghost_state_from((await connection.call(GET_GHOST, request, timeout)).ghost)


async def send_revert(
    connection: Connection, agent: Agent, request: context.RevertRequest, reason: str, timeout: float | None
) -> Reverted:
    """Takes back what the request names."""
    request.forest = agent.forest
    request.author = agent.author
    request.reason = cut(reason)
    request.request_id = connection.next_request_id()
    answer = await connection.call(REVERT, request, timeout)
    agent.see(answer.revision)
    return reverted_from(answer)


def reason_of(error: BaseException) -> str:
    """An exception as the reason of a revert."""
    text = str(error)
    return cut(text if text else type(error).__name__)


def cut(reason: str) -> str:
    """Cuts a reason to the bytes that the broker takes, at a whole character."""
    encoded = reason.encode(errors="replace")
    return encoded[: _limits.REASON_BYTES_MAX].decode(errors="ignore")


def _lost(ghost_id: str) -> GhostOverError:
    return GhostOverError(
        f"the broker lost staged work of ghost {ghost_id} in a crash: revert it and do the work again",
        code=grpc.StatusCode.FAILED_PRECONDITION,
        reason="GHOST_OVER",
        metadata={"ghost_id": ghost_id},
    )
