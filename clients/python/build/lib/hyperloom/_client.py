"""A client: one agent's way to a broker's trunk."""

from __future__ import annotations

import os
import random
from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType
from typing import Literal

import grpc

from hyperloom import _limits
from hyperloom._agent import Agent
from hyperloom._connection import Connection
from hyperloom._events import BlameLine, Event
from hyperloom._forests import Forests
from hyperloom._gen.v1 import context_service_pb2 as context
from hyperloom._ghost import BeginningGhost, Ghost, Isolation, begin_request, read_ghost, send_revert
from hyperloom._methods import LIST_GHOSTS
from hyperloom._paged import Page, Paged
from hyperloom._past import blame, diff, history
from hyperloom._records import GhostState, NodeDifference, Reverted, Status, ghost_state_from
from hyperloom._speculate import AsyncSpeculator, Attempt, Result, Speculated, Verdict, speculate
from hyperloom._verbs import Verbs

GhostStateName = Literal["live", "committed", "reverted", "expired"]


def connect(
    address: str | None = None,
    *,
    author: str = "",
    forest: str = "default",
    timeout: float = _limits.TIMEOUT_SECONDS_DEFAULT,
    credentials: grpc.ChannelCredentials | None = None,
    metadata: Sequence[tuple[str, str]] = (),
    track_basis: bool = True,
    chance: random.Random | None = None,
) -> Client:
    """A client for a broker. Nothing is sent before the first call, which must be made in a running event loop.

    `address`: `host:port`; default: the environment's `HYPERLOOM_ADDRESS`, else `127.0.0.1:7400`. `author`: the agent's
    name, at most 256 bytes. `timeout`: seconds that a call may take, retries included. `credentials`: TLS. `metadata`
    goes along with every call. `track_basis`: notes what is read and sends it along with the next publish. `chance`
    makes request ids and jitter; give one with a seed only to tests.
    """
    connection = Connection(
        address or os.environ.get("HYPERLOOM_ADDRESS") or _limits.ADDRESS_DEFAULT,
        credentials,
        metadata,
        timeout,
        chance or random.SystemRandom(),
    )
    return Client(connection, author, forest, track_basis)


class Client(Verbs):
    """Use it with `async with`, or `close()` it. One client speaks for one agent in one forest; see `as_agent`."""

    def __init__(self, connection: Connection, author: str, forest: str, track_basis: bool) -> None:
        name = "" if forest == _limits.FOREST_DEFAULT else forest
        super().__init__(connection, Agent(author, name, track_basis), "")

    def as_agent(
        self, author: str | None = None, *, forest: str | None = None, track_basis: bool | None = None
    ) -> Client:
        """Another agent, or another forest, over the same connection. What it has read is its own."""
        return Client(
            self._connection,
            self.author if author is None else author,
            self.forest if forest is None else forest,
            self._agent.basis is not None if track_basis is None else track_basis,
        )

    @property
    def forests(self) -> Forests:
        """Operation of the broker: forests, compaction, backups."""
        return Forests(self._connection)

    async def status(self, *, state_hash: bool = False, timeout: float | None = None) -> Status:
        """How the broker and this client's forest are."""
        return await self.forests.status(self._agent.forest, state_hash=state_hash, timeout=timeout)

    def ghost(
        self,
        *,
        label: str = "",
        scope: str = "",
        base_revision: int = 0,
        ttl: float | None = None,
        timeout: float | None = None,
    ) -> BeginningGhost:
        """Begins a ghost: `async with client.ghost() as ghost`, or `await client.ghost()`.

        `scope`: the only subtree it may write to. `base_revision`: the trunk revision to stand on; 0: the newest.
        `ttl`: seconds that it outlives this process; 1 s to 24 h, 60 s by default.
        """
        request = begin_request(self._agent, label, scope, ttl)
        request.base_revision = base_revision
        return BeginningGhost(self._connection, self._agent, request, timeout)

    async def attach(self, ghost_id: str, *, timeout: float | None = None) -> Ghost:
        """A handle on a ghost that someone else owns: neither kept alive nor reverted at the end of a block."""
        info = await read_ghost(self._connection, self._agent, ghost_id, timeout)
        return Ghost(self._connection, self._agent, info, owned=False)

    def ghosts(
        self, state: GhostStateName = "live", *, page_size: int = 0, timeout: float | None = None
    ) -> Paged[GhostState]:
        """Ghosts in a state, newest first."""

        async def fetch(page_token: str) -> Page[GhostState]:
            name = f"GHOST_STATE_{state.upper()}"
            request = context.ListGhostsRequest(
                forest=self._agent.forest, state=name, page_size=page_size, page_token=page_token
            )
            answer = await self._connection.call(LIST_GHOSTS, request, timeout)
            return Page(tuple(map(ghost_state_from, answer.ghosts)), answer.next_page_token, 0)

        return Paged(fetch)

    async def speculate(
        self,
        work: Callable[[Ghost, Attempt], Awaitable[Result]],
        verify: Callable[[Ghost, Result], Awaitable[Verdict]] | None = None,
        *,
        retries: int = 3,
        label: str = "",
        scope: str = "",
        ttl: float | None = None,
        isolation: Isolation = "writes",
    ) -> Speculated[Result]:
        """Works in a ghost until the result is accepted, then commits it.

        `work(ghost, attempt)` does the work; what it raises reverts the ghost and passes on. `verify(ghost, result)`
        accepts with `True` or `None`, and refuses with a reason, `False`, or an exception: the ghost is taken back and
        the work done again, knowing all reasons so far (`attempt.reasons`), at most `retries` times. A conflict at the
        commit counts as a refusal, and the next attempt stands on the newest state. Raises `SpeculationFailed`.
        """

        async def begin() -> Ghost:
            return await self.ghost(label=label, scope=scope, ttl=ttl)

        speculator = AsyncSpeculator(begin, work, verify, lambda ghost: ghost.commit(isolation, label=label))
        return await speculate(speculator, retries)

    async def revert_revision(self, revision: int, reason: str = "", *, timeout: float | None = None) -> Reverted:
        """Writes the inverse of a trunk revision as a new one. Raises `ConflictError` where others have built on it."""
        request = context.RevertRequest(revision=revision)
        return await send_revert(self._connection, self._agent, request, reason, timeout)

    def history(
        self,
        path: str = "",
        *,
        after_position: int = 0,
        until_position: int = 0,
        after_revision: int = 0,
        everything: bool = False,
        newest_first: bool = False,
        page_size: int = 0,
        timeout: float | None = None,
    ) -> Paged[Event]:
        """What happened here or below, in pages. `everything`: ghosts' events too."""
        request = context.HistoryRequest(
            forest=self._agent.forest,
            path=path,
            after_position=after_position,
            until_position=until_position,
            after_revision=after_revision,
            scope=context.HISTORY_SCOPE_EVERYTHING if everything else context.HISTORY_SCOPE_TRUNK,
            order=context.HISTORY_ORDER_NEWEST_FIRST if newest_first else context.HISTORY_ORDER_OLDEST_FIRST,
            page_size=page_size,
        )
        return history(self._connection, request, timeout)

    def diff(
        self,
        from_revision: int,
        to_revision: int = 0,
        *,
        path: str = "",
        page_size: int = 0,
        timeout: float | None = None,
    ) -> Paged[NodeDifference]:
        """What differs between two revisions (0: before the first one; 0 as the second: the newest), in pages."""
        sides = context.RevisionRange(from_revision=from_revision, to_revision=to_revision)
        request = context.DiffRequest(forest=self._agent.forest, path=path, revisions=sides, page_size=page_size)
        return diff(self._connection, request, timeout)

    def blame(
        self,
        path: str,
        *,
        depth: int = 0,
        at_revision: int = 0,
        page_size: int = 0,
        timeout: float | None = None,
    ) -> Paged[BlameLine]:
        """Which publish made each value, of the node and `depth` levels below it, in pages."""
        request = context.BlameRequest(
            forest=self._agent.forest, path=path, depth=depth, at_revision=at_revision, page_size=page_size
        )
        return blame(self._connection, request, timeout)

    async def close(self) -> None:
        """Waits a few seconds for the outcomes of publishes, then closes the connection with all that share it."""
        await self._connection.close()

    async def __aenter__(self) -> Client:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
