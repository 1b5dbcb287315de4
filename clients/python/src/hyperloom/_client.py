"""A client: one agent's way to a broker's trunk."""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from types import TracebackType
from typing import Literal

import grpc

from hyperloom import _limits
from hyperloom._active_trace import active_trace_parent
from hyperloom._agent import Agent
from hyperloom._cascade import Cascade, cascade_message
from hyperloom._connection import Connection
from hyperloom._endpoints import LoadBalancing, addresses_of
from hyperloom._events import BlameLine, Event
from hyperloom._forests import Forests
from hyperloom._gate_records import Race
from hyperloom._gen.v1 import context_service_pb2 as context
from hyperloom._gen.v1 import lock_service_pb2 as locks
from hyperloom._gen.v1 import trace_pb2
from hyperloom._ghost import BeginningGhost, Ghost, read_ghost
from hyperloom._ghost_options import GhostOptions
from hyperloom._lease import GrantingLease, Lease, attach, grant, keep, list_leases
from hyperloom._lock import AcquiringLock, acquire_request, release_lock
from hyperloom._lock_records import InspectedLock, LeaseState, LockMode, Targets, inspected_lock_from
from hyperloom._methods import INSPECT_LOCKS, KEEP_ALIVE, LIST_GHOSTS
from hyperloom._migration import SchemaMigration
from hyperloom._paged import Page, Paged
from hyperloom._past import blame, diff, history
from hyperloom._records import GhostState, NodeDifference, Reverted, Status, ghost_state_from
from hyperloom._reviews import Reviews
from hyperloom._schemas import Schemas
from hyperloom._speculating import Speculating
from hyperloom._token import token_source
from hyperloom._trace import DerivedPublish, SeenNode, TraceStart, derived_from, seen_from, trace, trace_request
from hyperloom._transport import Token, TraceParent
from hyperloom._value_view import ValueForm, wire_form
from hyperloom.gate import Gate

GhostStateName = Literal["live", "committed", "reverted", "expired"]


def connect(
    address: str | Sequence[str] | None = None,
    *,
    author: str = "",
    forest: str = "default",
    timeout: float = _limits.TIMEOUT_SECONDS_DEFAULT,
    credentials: grpc.ChannelCredentials | None = None,
    metadata: Sequence[tuple[str, str]] = (),
    track_basis: bool = True,
    load_balancing: LoadBalancing = "pick_first",
    trace_parent: TraceParent | None = None,
    token: str | Token | None = None,
    chance: random.Random | None = None,
) -> Client:
    """A client for a broker. Nothing is sent before the first call, which must be made in a running event loop.

    `address`: `host:port`, or a target of gRPC (`dns:///…`); several, in a list or with commas between, are replicas of
    one broker and stand in for one another. Default: the environment's `HYPERLOOM_ADDRESS`, else `127.0.0.1:7400`.
    `load_balancing` over several: `pick_first` stays with one while it can be reached, `round_robin` takes each in
    turn; whichever answers, reads see at least what this client has written and seen. `author`: the agent's
    name, at most 256 bytes. `timeout`: seconds that a call may take, retries included. `credentials`: TLS. `metadata`
    goes along with every call. `trace_parent` is asked at each call for the W3C trace context (`traceparent`) of the
    moment; what is published and done tells it with its event, and the broker's spans belong to it; default: that of
    the active OpenTelemetry span, where the program has one. `track_basis`: notes what is read and sends it along
    with the next publish. `token` says who calls, where the broker wants to know: a text, or what tells the newest one
    at each call; default: the environment's `HYPERLOOM_TOKEN`, else none. `chance` makes request ids and jitter; give
    one with a seed only to tests.
    """
    connection = Connection(
        addresses_of(address or os.environ.get("HYPERLOOM_ADDRESS") or _limits.ADDRESS_DEFAULT),
        credentials,
        metadata,
        timeout,
        chance or random.SystemRandom(),
        load_balancing,
        active_trace_parent if trace_parent is None else trace_parent,
        token_source(token or os.environ.get("HYPERLOOM_TOKEN")),
        forest,
    )
    return Client(connection, author, forest, track_basis)


class Client(Speculating):
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

    @property
    def schemas(self) -> Schemas:
        """The schemas of this client's forest."""
        return Schemas(self._connection, self._agent)

    async def status(self, *, state_hash: bool = False, meters: bool = False, timeout: float | None = None) -> Status:
        """How the broker and this client's forest are; with `meters`, what each agent has moved in each tree."""
        return await self.forests.status(self._agent.forest, state_hash=state_hash, meters=meters, timeout=timeout)

    def ghost(
        self,
        *,
        label: str = "",
        scope: str = "",
        base_revision: int = 0,
        ttl: float | None = None,
        gates: Sequence[Gate] = (),
        race: Race | None = None,
        lease: Lease | str | None = None,
        migration: SchemaMigration | None = None,
        timeout: float | None = None,
    ) -> BeginningGhost:
        """Begins a ghost: `async with client.ghost() as ghost`, or `await client.ghost()`.

        `scope`: the only subtree it may write to. `base_revision`: the trunk revision to stand on; 0: the newest.
        `ttl`: seconds that it outlives this process; 1 s to 24 h, 60 s by default. `gates`: what must be fulfilled
        before it can be committed; see `hyperloom.gate`. `race`: makes it one of several alternatives. `lease` (or the
        id of one): it lives as long as that, whatever its ttl. `migration`: the version of a schema that its commit
        puts into force.
        """
        options = GhostOptions(label, scope, base_revision, "", ttl, gates, race, migration=migration)
        if isinstance(lease, Lease):
            return BeginningGhost(self._connection, self._agent, options, timeout, fence=lease.fence)
        return BeginningGhost(self._connection, self._agent, options, timeout, lease_id=lease or "")

    def lock(
        self,
        targets: Targets,
        *,
        mode: LockMode = "exclusive",
        wait: float | None = None,
        delay: float = 0.0,
        label: str = "",
        ttl: float | None = None,
        lease: Lease | None = None,
    ) -> AcquiringLock:
        """Locks one or many subtrees: `async with client.lock("/session_1/plan") as lock`, or `await client.lock(…)`.

        `targets`: a path, a `LockTarget`, or several of them, granted together or not at all; a plain path takes
        `mode`. `wait`: seconds to wait for those who stand before; 0: not at all; by default the client's timeout.
        `delay`: seconds that the targets stay quiet if this process vanishes. `ttl`: seconds that the lock outlives it;
        1 s to 24 h, 30 s by default. `lease`: whose lock it is, where it is not to have a lease of its own.

        Raises `LockedError` where it was not granted in time, `DeadlockError` where it never would be. In the block,
        write through the lock: its token then goes along, and a write that comes too late is refused.
        """
        request = acquire_request(self._agent, targets, mode, delay, label, ttl)
        return AcquiringLock(self._connection, self._agent, request, wait, lease, None)

    def lease(self, *, ttl: float | None = None, label: str = "", timeout: float | None = None) -> GrantingLease:
        """Takes a lease: `async with client.lease() as lease`, or `await client.lease()`. What names it ends with it.

        `ttl`: seconds that it outlives this process; 1 s to 24 h, 30 s by default. Presence is the plain use:
        `await client.put("/session_1/agents/planner", "here", lease=lease)`.
        """
        return GrantingLease(lambda: grant(self._connection, self._agent, ttl, label, timeout))

    def attach_lease(self, lease_id: str) -> Lease:
        """A handle on a lease that someone else owns: neither kept alive nor ended at the end of a block."""
        return attach(self._connection, self._agent, lease_id)

    def keep_lease(self, lease_id: str, *, timeout: float | None = None) -> GrantingLease:
        """The same, but kept alive by this client as well until the end of the block, or `aclose`: so its loss is told.

        `async with client.keep_lease(lease_id) as lease`, or `await client.keep_lease(lease_id)`. Raises
        `LeaseLostError` where it is over.
        """
        return GrantingLease(lambda: keep(self._connection, self._agent, lease_id, timeout))

    def locks(
        self, path: str = "", *, lease_id: str = "", page_size: int = 0, timeout: float | None = None
    ) -> Paged[InspectedLock]:
        """Who holds what, who waits, and for whom, in the order of asking. `path`: only with a target here, below or
        above; `lease_id`: only this lease's."""

        async def fetch(page_token: str) -> Page[InspectedLock]:
            request = locks.InspectLocksRequest(
                forest=self._agent.forest, path=path, lease_id=lease_id, page_size=page_size, page_token=page_token
            )
            answer = await self._connection.call(INSPECT_LOCKS, request, timeout)
            return Page(tuple(map(inspected_lock_from, answer.locks)), answer.next_page_token, 0)

        return Paged(fetch)

    def leases(self, *, page_size: int = 0, timeout: float | None = None) -> Paged[LeaseState]:
        """Leases that live, oldest first."""
        return list_leases(self._connection, self._agent, page_size, timeout)

    async def release_lock(self, lock_id: str, lease_id: str, *, timeout: float | None = None) -> None:
        """Gives a lock back that this process does not hold itself, or gives up waiting for it."""
        await release_lock(self._connection, self._agent, lock_id, lease_id, timeout)

    def review(self, reviewer: str = "") -> Reviews:
        """Reviews of ghosts, as the reviewer that their gates name; without a name, those of all reviewers."""
        return Reviews(self._connection, self._agent, reviewer)

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

    async def keep_alive(self, ghost_ids: Sequence[str], *, timeout: float | None = None) -> tuple[str, ...]:
        """A sign of life for ghosts that someone else owns. Returns those that live; the others are over."""
        request = context.KeepAliveRequest(forest=self._agent.forest, ghost_ids=ghost_ids)
        answer = await self._connection.call(KEEP_ALIVE, request, timeout)
        return tuple(answer.live_ghost_ids)

    async def revert_revision(
        self,
        revision: int,
        reason: str = "",
        *,
        cascade: Cascade = "none",
        lock_wait: float = 0.0,
        timeout: float | None = None,
    ) -> Reverted:
        """Writes the inverse of a trunk revision as a new one. Raises `ConflictError` where others have built on it.

        `lock_wait`: so many seconds, beside `timeout`, for locks of others that are in the way; `LockedError` then.
        """
        request = context.RevertRequest(revision=revision, cascade=cascade_message(cascade))
        return await self._send_revert(request, reason, timeout, lock_wait)

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
        form: ValueForm = "stored",
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
            form=wire_form(form),
        )
        return history(self._connection, request, timeout)

    def diff(
        self,
        from_revision: int,
        to_revision: int = 0,
        *,
        path: str = "",
        page_size: int = 0,
        form: ValueForm = "stored",
        timeout: float | None = None,
    ) -> Paged[NodeDifference]:
        """What differs between two revisions (0: before the first one; 0 as the second: the newest), in pages."""
        sides = context.RevisionRange(from_revision=from_revision, to_revision=to_revision)
        request = context.DiffRequest(
            forest=self._agent.forest, path=path, revisions=sides, page_size=page_size, form=wire_form(form)
        )
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

    def trace_upstream(
        self,
        start: TraceStart,
        *,
        path: str = "",
        hops: int = 0,
        keys_only: bool = False,
        page_size: int = 0,
        timeout: float | None = None,
    ) -> Paged[SeenNode]:
        """What a publish was made from, nearest first, in pages: what its author had before it, as it was seen.

        `path`: only what led to what it wrote here or below. `hops`: how many publishes away; 0: one.
        """
        request = trace_request(start, path, hops, page_size)
        request.forest, request.keys_only = self._agent.forest, keys_only
        request.direction = trace_pb2.TRACE_DIRECTION_UPSTREAM
        return trace(self._connection, request, seen_from, timeout)

    def trace_downstream(
        self,
        start: TraceStart,
        *,
        path: str = "",
        hops: int = 0,
        page_size: int = 0,
        timeout: float | None = None,
    ) -> Paged[DerivedPublish]:
        """What was made from a publish, through any number of agents, nearest first, in pages.

        `path`: only what has seen what it wrote here or below. `hops`: how many publishes away; 0: all.
        """
        request = trace_request(start, path, hops, page_size)
        request.forest, request.direction = self._agent.forest, trace_pb2.TRACE_DIRECTION_DOWNSTREAM
        return trace(self._connection, request, derived_from, timeout)

    def begin_ghost(self, options: GhostOptions, timeout: float | None = None) -> BeginningGhost:
        """For this package: begins a ghost where this stands."""
        return BeginningGhost(self._connection, self._agent, options, timeout)

    async def close(self) -> None:
        """Waits a few seconds for the outcomes of publishes, then closes the connection with all that share it."""
        await self._connection.close()

    async def __aenter__(self) -> Client:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
