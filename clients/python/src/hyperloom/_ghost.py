"""A ghost: a speculative branch to work in. Its writes reach the trunk with `commit`, or are gone with `revert`."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Any

from hyperloom import _limits
from hyperloom._agent import Agent
from hyperloom._basis import BasisEntry, basis_messages
from hyperloom._connection import Connection
from hyperloom._errors import DeadlineExceededError, GateRevertedError, HyperloomError, ReviewRejectedError
from hyperloom._gate_records import Race, race_message
from hyperloom._gen.v1 import context_service_pb2 as context
from hyperloom._ghost_options import GhostOptions, Isolation
from hyperloom._kept import Kept
from hyperloom._kinds import duration_of
from hyperloom._methods import BEGIN_GHOST, CHECKPOINT, COMMIT, GET_GHOST
from hyperloom._migration import migration_message
from hyperloom._paged import Paged
from hyperloom._past import diff
from hyperloom._publisher import Observer
from hyperloom._reasons import reason_of
from hyperloom._records import (
    Checkpoint,
    Committed,
    GhostState,
    NodeDifference,
    Published,
    Reverted,
    checkpoint_from,
    ghost_state_from,
)
from hyperloom._right import Fence, FencedObserver
from hyperloom._speculating import Speculating
from hyperloom._transport import log
from hyperloom._value_view import ValueForm, wire_form
from hyperloom.gate import Gate, wire_gates


class Ghost(Speculating):
    """Has all verbs of a client. `async with` reverts it at the end of the block unless it was committed, or its commit
    still waits for reviewers.

    It is kept alive in the background while this process lives; if that ends, the broker reverts it after `ttl`. One
    that was begun under a lease or a lock lives with that.
    """

    def __init__(
        self,
        connection: Connection,
        agent: Agent,
        info: GhostState,
        owned: bool,
        fence: Fence | None = None,
        around: _Staged | None = None,
    ) -> None:
        super().__init__(connection, agent.in_ghost(info.id, info.sequence), info.id, fence)
        self._around = around
        self.info = info
        """What the broker told when the ghost was begun; `state()` tells what holds now."""
        self._owned = owned
        self._over = info.state != "live"
        self._commit_asked = False
        self._staged = _Staged(self._agent, info.edition, self._told_of)
        ttl = info.ttl.total_seconds()
        self._kept = Kept("ghost", agent.forest, info.id, ttl, lambda _why: self.abandon())
        if owned and not info.lease_id:
            connection.keeper.keep(self._kept)

    @property
    def id(self) -> str:
        """Made by the broker; unique for ever."""
        return self._ghost_id

    @property
    def over(self) -> bool:
        """True once it was committed, reverted or has expired, as far as this process knows."""
        return self._over

    @property
    def _known_edition(self) -> int:
        return self._staged.edition

    @property
    def _observer(self) -> Observer:
        return self._staged if self._fence is None else FencedObserver(self._staged, self._fence)

    async def checkpoint(self, name: str, *, timeout: float | None = None) -> Checkpoint:
        """Names the present state, to go back to: 1 to 128 bytes, unique in the ghost."""
        await self.flush()
        request = context.CheckpointRequest(
            forest=self._agent.forest,
            ghost_id=self.id,
            name=name,
            author=self.author,
            request_id=self._connection.next_request_id(),
            edition=self._known_edition,
        )
        answer = await self._call(CHECKPOINT, request, timeout)
        self._staged.see(answer.edition)
        return checkpoint_from(answer.checkpoint)

    async def rewind(self, checkpoint: str = "", reason: str = "", *, timeout: float | None = None) -> Reverted:
        """Goes back to a checkpoint (the newest one; the beginning where there is none). The ghost lives on."""
        await self.flush()
        target = context.GhostRewind(ghost_id=self.id, checkpoint=checkpoint)
        reverted = await self._revert(context.RevertRequest(rewind=target), reason, timeout)
        self._staged.see(reverted.edition)
        self._agent.rewound(reverted.checkpoint.sequence if reverted.checkpoint else 0)
        return reverted

    async def revert(self, reason: str = "", *, timeout: float | None = None) -> Reverted:
        """Drops the ghost and all that is staged in it. The reason is kept for whoever tries again."""
        await self.flush()
        reverted = await self._revert(context.RevertRequest(ghost_id=self.id), reason, timeout)
        self.abandon()
        return reverted

    async def commit(
        self,
        isolation: Isolation = "writes",
        *,
        label: str = "",
        lock_wait: float = 0.0,
        exact_edition: int = 0,
        timeout: float | None = None,
    ) -> Committed:
        """Replays the staged operations onto the newest trunk (or the parent) as one revision.

        Raises `ConflictError` with the conflicts, path by path, where others have changed the same; the ghost lives on.
        `lock_wait`: so many seconds, beside `timeout`, for locks of others that are in the way; `LockedError` then.
        `exact_edition`: the one that was looked at, as `state` tells it. `ReviewOutdatedError` where the ghost is
        another one when the commit takes effect, or when its reviewers are to be asked.

        Where gates name reviewers, it waits for them: as long as it takes, or for `timeout` seconds. After that the
        commit stays asked for, and happens with the last approval if the ghost still lives: see `state`.
        `ReviewRejectedError` where one rejects: the ghost is back at its last checkpoint, and lives on.
        """
        await self.flush()
        serializable = isolation == "serializable"
        basis = self._agent.take_basis()
        request = context.CommitRequest(
            forest=self._agent.forest,
            ghost_id=self.id,
            isolation=context.COMMIT_ISOLATION_SERIALIZABLE if serializable else context.COMMIT_ISOLATION_WRITES,
            label=label,
            author=self.author,
            request_id=self._connection.next_request_id(),
            fencing_tokens=self._fencing_tokens,
            edition=self._known_edition,
            exact_edition=exact_edition,
            # What was looked at since the last diff is what the decision to commit stands on.
            basis=basis_messages(basis),
        )
        patience = math.inf if self._has_reviewers else self._connection.timeout
        seconds = patience if timeout is None else timeout
        if lock_wait > 0:
            request.lock_wait.CopyFrom(duration_of(lock_wait))
            seconds += lock_wait
        try:
            answer = await self._call(COMMIT, request, seconds)
        except BaseException as error:
            if self._agent.basis is not None:
                self._agent.basis.give_back(basis)
            self._commit_asked = isinstance(error, DeadlineExceededError)
            self._told_of(error)
            raise
        self._agent.committed()
        self.abandon()
        if self._around is not None:
            self._around.see(answer.parent_edition)
        self._agent.see(answer.revision)
        return Committed(answer.revision, answer.operations, answer.repeated, answer.schema_version)

    def ghost(
        self,
        *,
        label: str = "",
        scope: str = "",
        ttl: float | None = None,
        gates: Sequence[Gate] = (),
        race: Race | None = None,
        timeout: float | None = None,
    ) -> BeginningGhost:
        """Begins a ghost in this one, at its present state and by default with its scope. It commits into this one."""
        return self.begin_ghost(GhostOptions(label=label, scope=scope, ttl=ttl, gates=gates, race=race), timeout)

    def begin_ghost(self, options: GhostOptions, timeout: float | None = None) -> BeginningGhost:
        """For this package: begins a ghost where this stands."""
        scope = options.scope or self.info.scope
        options = replace(options, parent=self.id, parent_edition=self._known_edition, scope=scope)
        return BeginningGhost(self._connection, self._agent, options, timeout, fence=self._fence, around=self._staged)

    async def state(self, *, timeout: float | None = None) -> GhostState:
        """How the ghost stands now."""
        return await read_ghost(self._connection, self._agent, self.id, timeout)

    def diff(
        self, *, path: str = "", page_size: int = 0, form: ValueForm = "stored", timeout: float | None = None
    ) -> Paged[NodeDifference]:
        """What differs from its base, in pages."""
        request = context.DiffRequest(
            forest=self._agent.forest, path=path, ghost_id=self.id, page_size=page_size, form=wire_form(form)
        )
        return diff(self._connection, request, timeout)

    async def __aenter__(self) -> Ghost:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._over or not self._owned or self._is_left_to_reviewers():
            return
        reason = "left without a commit" if error is None else reason_of(error)
        try:
            await asyncio.shield(self._connection.spawn(self.revert(reason, timeout=_limits.LEAVE_SECONDS_MAX)))
        except HyperloomError as failure:
            # Its ttl ends it anyway; the block's own exception is the one to see.
            log.debug("reverting ghost %s: %s", self.id, failure)
        finally:
            self.abandon()

    def abandon(self) -> None:
        """For this package: it is over, or nobody here works in it any more."""
        self._over = True
        self._agent.ended()
        self._connection.keeper.release(self._kept)

    def _told_of(self, error: BaseException) -> None:
        """A schema gate changes the ghost while it refuses: the refusal tells how it stands."""
        if isinstance(error, ReviewRejectedError):
            self._agent.rewound()
        if isinstance(error, GateRevertedError) and error.ghost_id == self.id:
            self._agent.rewound()
            if error.metadata.get("state") == "reverted":
                self.abandon()
            else:
                edition = error.metadata.get("edition", "")
                self._staged.see(int(edition) if edition.isdecimal() else 0)

    def _is_left_to_reviewers(self) -> bool:
        return self._commit_asked and self._has_reviewers

    @property
    def _has_reviewers(self) -> bool:
        return any(each.gate.kind == "review" for each in self.info.gates)

    async def _revert(self, request: context.RevertRequest, reason: str, timeout: float | None) -> Reverted:
        self._commit_asked = False
        return await self._send_revert(request, reason, timeout)


class _Staged:
    """Which edition of a ghost this process knows.

    What is done in a ghost is not synced at once, so a crash of the broker may forget the newest of it. Every request
    says which edition is known, and is refused with `GhostInterruptedError` where that is gone. Of one run of the
    broker the greatest counts, since answers may overtake one another; of two runs the one that was told last.
    """

    def __init__(self, agent: Agent, edition: int, told_of: Callable[[HyperloomError], None]) -> None:
        self.edition = edition
        self._agent = agent
        self._told_of = told_of

    def on_published(self, published: Published) -> HyperloomError | None:
        """A diff was staged."""
        self.see(published.edition)
        self._agent.staged(published.sequence)
        return None

    def on_refused(self, basis: Sequence[BasisEntry], error: HyperloomError) -> None:
        """A diff was not staged."""
        self._agent.on_refused(basis, error)
        self._told_of(error)

    def see(self, edition: int) -> None:
        """The broker told an edition; 0 is none."""
        is_same_run = edition >> 32 == self.edition >> 32
        if edition and (not is_same_run or edition > self.edition):
            self.edition = edition


class BeginningGhost:
    """A ghost that is about to begin: `async with client.ghost() as ghost`, or `ghost = await client.ghost()`."""

    def __init__(
        self,
        connection: Connection,
        agent: Agent,
        options: GhostOptions,
        timeout: float | None,
        *,
        fence: Fence | None = None,
        lease_id: str = "",
        around: _Staged | None = None,
    ) -> None:
        self._connection = connection
        self._agent = agent
        self._options = options
        self._timeout = timeout
        self._fence = fence
        self._lease_id = lease_id if fence is None else fence.lease_id
        self._around = around
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
        if self._fence is not None:
            self._fence.check()
        if self._options.parent:
            await self._connection.publisher.flush()
        try:
            answer = await self._connection.call(BEGIN_GHOST, self._request(), self._timeout)
        except HyperloomError as error:
            if self._fence is not None:
                self._fence.refused(error)
            raise
        state = ghost_state_from(answer.ghost)
        return Ghost(self._connection, self._agent, state, owned=True, fence=self._fence, around=self._around)

    def _request(self) -> context.BeginGhostRequest:
        options = self._options
        request = context.BeginGhostRequest(
            forest=self._agent.forest,
            scope=options.scope,
            base_revision=options.base_revision,
            parent_ghost_id=options.parent,
            parent_edition=options.parent_edition,
            label=options.label,
            author=self._agent.author,
            request_id=self._connection.next_request_id(),
            gates=wire_gates(options.gates),
            lease_id=self._lease_id,
        )
        if options.ttl is not None:
            request.ttl.CopyFrom(duration_of(options.ttl))
        if options.race is not None:
            request.race.CopyFrom(race_message(options.race))
        if options.migration is not None:
            request.migration.CopyFrom(migration_message(options.migration))
        return request


async def read_ghost(connection: Connection, agent: Agent, ghost_id: str, timeout: float | None) -> GhostState:
    """Reads a ghost's standing."""
    request = context.GetGhostRequest(forest=agent.forest, ghost_id=ghost_id)
    return ghost_state_from((await connection.call(GET_GHOST, request, timeout)).ghost)
