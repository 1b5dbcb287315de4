"""The sync client."""

from __future__ import annotations

import random
from collections.abc import Sequence
from types import TracebackType

import grpc

from hyperloom import _client, _limits
from hyperloom._cascade import Cascade
from hyperloom._client import GhostStateName
from hyperloom._endpoints import LoadBalancing
from hyperloom._events import BlameLine, Event
from hyperloom._gate_records import Race
from hyperloom._lock_records import InspectedLock, LeaseState, LockMode, Targets
from hyperloom._migration import SchemaMigration
from hyperloom._records import GhostState, NodeDifference, Reverted, Status
from hyperloom._sync.cancel import shielded
from hyperloom._sync.forests import Forests
from hyperloom._sync.ghost import Ghost, begin_ghost
from hyperloom._sync.lock import Lease, Lock, acquire_lock, grant_lease
from hyperloom._sync.loop import LoopThread
from hyperloom._sync.paged import Paged
from hyperloom._sync.reviews import Reviews
from hyperloom._sync.schemas import Schemas
from hyperloom._sync.speculating import Speculating
from hyperloom._trace import DerivedPublish, SeenNode, TraceStart
from hyperloom._transport import Token, TraceParent
from hyperloom._value_view import ValueForm
from hyperloom.gate import Gate


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
    """A client that blocks; see `hyperloom.connect` for the arguments. All of a process share one thread."""
    inner = _client.connect(
        address,
        author=author,
        forest=forest,
        timeout=timeout,
        credentials=credentials,
        metadata=metadata,
        track_basis=track_basis,
        load_balancing=load_balancing,
        trace_parent=trace_parent,
        token=token,
        chance=chance,
    )
    return Client(LoopThread(), inner)


class Client(Speculating):
    """Use it with `with`, or `close()` it. Safe to use from any number of threads."""

    def __init__(self, loop: LoopThread, inner: _client.Client) -> None:
        super().__init__(loop, inner)
        self._inner = inner

    def as_agent(
        self, author: str | None = None, *, forest: str | None = None, track_basis: bool | None = None
    ) -> Client:
        """Another agent, or another forest, over the same connection. What it has read is its own."""
        return Client(self._loop, self._inner.as_agent(author, forest=forest, track_basis=track_basis))

    @property
    def forests(self) -> Forests:
        """Operation of the broker: forests, compaction, backups."""
        return Forests(self._loop, self._inner.forests)

    @property
    def schemas(self) -> Schemas:
        """The schemas of this client's forest."""
        return Schemas(self._loop, self._inner.schemas)

    def status(self, *, state_hash: bool = False, meters: bool = False, timeout: float | None = None) -> Status:
        """How the broker and this client's forest are; with `meters`, what each agent has moved in each tree."""
        return self._loop.run(self._inner.status(state_hash=state_hash, meters=meters, timeout=timeout))

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
    ) -> Ghost:
        """Begins a ghost. Use it with `with`: leaving the block without `commit` reverts it."""
        beginning = self._inner.ghost(
            label=label,
            scope=scope,
            base_revision=base_revision,
            ttl=ttl,
            gates=gates,
            race=race,
            lease=lease.inner if isinstance(lease, Lease) else lease,
            migration=migration,
            timeout=timeout,
        )
        return begin_ghost(self._loop, beginning)

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
    ) -> Lock:
        """Locks one or many subtrees: `with client.lock("/session_1/plan") as lock`; see the asyncio client."""
        inner = None if lease is None else lease.inner
        acquiring = self._inner.lock(targets, mode=mode, wait=wait, delay=delay, label=label, ttl=ttl, lease=inner)
        return acquire_lock(self._loop, acquiring)

    def lease(self, *, ttl: float | None = None, label: str = "", timeout: float | None = None) -> Lease:
        """Takes a lease. What names it ends with it; use it with `with`, or `end` it."""
        return grant_lease(self._loop, self._inner.lease(ttl=ttl, label=label, timeout=timeout))

    def attach_lease(self, lease_id: str) -> Lease:
        """A handle on a lease that someone else owns: neither kept alive nor ended at the end of a block."""
        return Lease(self._loop, self._inner.attach_lease(lease_id))

    def keep_lease(self, lease_id: str, *, timeout: float | None = None) -> Lease:
        """The same, but kept alive by this client as well until the end of the block, or `close`: so its loss is told.

        Raises `LeaseLostError` where it is over.
        """
        return grant_lease(self._loop, self._inner.keep_lease(lease_id, timeout=timeout))

    def locks(
        self, path: str = "", *, lease_id: str = "", page_size: int = 0, timeout: float | None = None
    ) -> Paged[InspectedLock]:
        """Who holds what, who waits, and for whom, in the order of asking."""
        inner = self._inner.locks(path, lease_id=lease_id, page_size=page_size, timeout=timeout)
        return Paged(self._loop, inner)

    def leases(self, *, page_size: int = 0, timeout: float | None = None) -> Paged[LeaseState]:
        """Leases that live, oldest first."""
        return Paged(self._loop, self._inner.leases(page_size=page_size, timeout=timeout))

    def release_lock(self, lock_id: str, lease_id: str, *, timeout: float | None = None) -> None:
        """Gives a lock back that this process does not hold itself, or gives up waiting for it."""
        self._loop.run(self._inner.release_lock(lock_id, lease_id, timeout=timeout))

    def review(self, reviewer: str = "") -> Reviews:
        """Reviews of ghosts, as the reviewer that their gates name; without a name, those of all reviewers."""
        return Reviews(self._loop, self._inner.review(reviewer))

    def attach(self, ghost_id: str, *, timeout: float | None = None) -> Ghost:
        """A handle on a ghost that someone else owns: neither kept alive nor reverted at the end of a block."""
        return Ghost(self._loop, self._loop.run(self._inner.attach(ghost_id, timeout=timeout)))

    def ghosts(
        self, state: GhostStateName = "live", *, page_size: int = 0, timeout: float | None = None
    ) -> Paged[GhostState]:
        """Ghosts in a state, newest first."""
        return Paged(self._loop, self._inner.ghosts(state, page_size=page_size, timeout=timeout))

    def keep_alive(self, ghost_ids: Sequence[str], *, timeout: float | None = None) -> tuple[str, ...]:
        """A sign of life for ghosts that someone else owns. Returns those that live; the others are over."""
        return self._loop.run(self._inner.keep_alive(ghost_ids, timeout=timeout))

    def revert_revision(
        self,
        revision: int,
        reason: str = "",
        *,
        cascade: Cascade = "none",
        lock_wait: float = 0.0,
        timeout: float | None = None,
    ) -> Reverted:
        """Writes the inverse of a trunk revision as a new one. Raises `ConflictError` where others have built on it."""
        return self._loop.run(
            self._inner.revert_revision(revision, reason, cascade=cascade, lock_wait=lock_wait, timeout=timeout)
        )

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
        inner = self._inner.history(
            path,
            after_position=after_position,
            until_position=until_position,
            after_revision=after_revision,
            everything=everything,
            newest_first=newest_first,
            page_size=page_size,
            form=form,
            timeout=timeout,
        )
        return Paged(self._loop, inner)

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
        inner = self._inner.diff(from_revision, to_revision, path=path, page_size=page_size, form=form, timeout=timeout)
        return Paged(self._loop, inner)

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
        inner = self._inner.blame(path, depth=depth, at_revision=at_revision, page_size=page_size, timeout=timeout)
        return Paged(self._loop, inner)

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
        """What a publish was made from, nearest first, in pages: what its author had before it, as it was seen."""
        inner = self._inner.trace_upstream(
            start, path=path, hops=hops, keys_only=keys_only, page_size=page_size, timeout=timeout
        )
        return Paged(self._loop, inner)

    def trace_downstream(
        self,
        start: TraceStart,
        *,
        path: str = "",
        hops: int = 0,
        page_size: int = 0,
        timeout: float | None = None,
    ) -> Paged[DerivedPublish]:
        """What was made from a publish, through any number of agents, nearest first, in pages."""
        inner = self._inner.trace_downstream(start, path=path, hops=hops, page_size=page_size, timeout=timeout)
        return Paged(self._loop, inner)

    def close(self) -> None:
        """Waits a few seconds for the outcomes of publishes, then closes the connection with all that share it."""
        if not self._loop.closed:
            with shielded():
                self._loop.run(self._inner.close())
            self._loop.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
