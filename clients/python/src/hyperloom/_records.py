"""What the broker tells: outcomes, events, ghosts, conflicts, forests. Immutable; times are UTC.

`…_from` turn the generated messages into these types; unknown enum values of newer brokers become "unspecified".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from hyperloom._cascade import CascadeReport, RevertedBasis, cascade_report_from, reverted_basis_from
from hyperloom._gate_records import GateStanding, RaceStanding, gate_standings_from, race_standing_from
from hyperloom._gen.v1 import context_service_pb2, forest_service_pb2, ghost_pb2
from hyperloom._kinds import duration_from, time_from, word_from
from hyperloom._meters import Meter, meter_from
from hyperloom._node import Node


@dataclass(frozen=True, slots=True)
class Published:
    """The outcome of a publish."""

    revision: int
    """The trunk revision it made; 0 in a ghost."""
    sequence: int
    """In a ghost: the number of the staged diff."""
    repeated: bool
    """It had been applied before, by an earlier attempt with the same request id; nothing was applied twice."""
    edition: int = 0
    """In a ghost: its edition afterwards; 0 on the trunk."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A named point inside a ghost to go back to."""

    name: str
    sequence: int
    staged_operations: int


@dataclass(frozen=True, slots=True)
class RevertedAttempt:
    """An attempt in a ghost that was taken back, and why."""

    reason: str
    checkpoint: str
    dropped_operations: int
    author: str


@dataclass(frozen=True, slots=True)
class GhostState:
    """Where a ghost stands."""

    id: str
    scope: str
    base_revision: int
    parent_ghost_id: str
    label: str
    author: str
    state: str
    """`live`, `committed`, `reverted` or `expired`."""
    staged_operations: int
    staged_bytes: int
    sequence: int
    ttl: timedelta
    checkpoints: tuple[Checkpoint, ...]
    attempts: tuple[RevertedAttempt, ...]
    committed_revision: int
    begin_time: datetime
    edition: int
    """Grows with every change of what is staged: an approval is for one of these."""
    gates: tuple[GateStanding, ...]
    """What must be fulfilled before it can be committed, and how far that is."""
    commit_pending: bool
    """A commit was asked for and waits for reviewers."""
    race: RaceStanding | None
    """Its place among alternatives."""
    lease_id: str
    """The lease that it lives with; empty: its own ttl decides."""
    migration_schema: str = ""
    """The schema of which its commit puts a version into force; empty: none."""
    reverted_basis: tuple[RevertedBasis, ...] = ()
    """What was read for what is staged in it, and was reverted since: until all of that was looked at again, a commit
    raises `BasisRevertedError`. At most 100."""


@dataclass(frozen=True, slots=True)
class Committed:
    """The outcome of a commit: the trunk revision (0 into a parent, or with nothing to commit)."""

    revision: int
    operations: int
    repeated: bool
    schema_version: int = 0
    """The version of its schema that a migration has put into force, or that was in force already; 0 for others."""


@dataclass(frozen=True, slots=True)
class Reverted:
    """The outcome of a revert or rewind."""

    revision: int
    """The trunk revision that the inverse of a reverted revision made; 0 for ghosts."""
    checkpoint: Checkpoint | None
    attempts: tuple[RevertedAttempt, ...]
    dropped_operations: int
    broker_time: timedelta
    repeated: bool
    edition: int = 0
    """Of a ghost that lives on: its edition."""
    cascade: CascadeReport | None = None
    """What a cascade has undone, or would undo."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Why one path could not be rebased."""

    path: str
    kind: str
    """`value`, `subtree`, `precondition`, `basis` or `refused`."""
    base: Node | None
    trunk: Node | None
    ghost: Node | None
    message: str


@dataclass(frozen=True, slots=True)
class NodeDifference:
    """A path that differs; `None` where it was, or is, absent."""

    path: str
    before: Node | None
    after: Node | None


@dataclass(frozen=True, slots=True)
class Forest:
    """A forest and how it is."""

    name: str
    revision: int
    compacted_revision: int
    nodes: int
    ghosts: int
    stored_bytes: int


@dataclass(frozen=True, slots=True)
class Compacted:
    """The outcome of a compaction: the oldest revision that is readable now, and the bytes freed on disk."""

    compacted_revision: int
    freed_bytes: int


@dataclass(frozen=True, slots=True)
class Status:
    """How the broker and a forest are."""

    version: str
    start_time: datetime
    forest: Forest
    position: int
    durable_position: int
    snapshot_position: int
    state_hash: str
    """32 hex digits; empty where it was not asked for."""
    state_hash_position: int
    subscriptions: int
    subscriptions_catching_up: int
    resident_bytes: int
    cpu_time: timedelta
    journal: str
    write_stop_reason: str
    """Why writes are refused; empty while they are not."""
    request_ids: int
    leases: int
    locks_held: int
    locks_waiting: int
    meters: tuple[Meter, ...] = ()
    """What each agent has moved in each tree; empty where it was not asked for."""
    meters_position: int = 0
    """Publishes are metered up to this journal position."""
    meters_after_position: int = 0
    """Publishes are metered from behind this journal position."""
    cached_token_price: float = 0.0
    """What a token out of a provider's prompt cache costs in the prices, in uncached ones."""
    nodes_max: int = 0
    """How many nodes the forest may have; 0: nobody says."""
    bytes_max: int = 0
    """How many bytes it may take on disk; 0: nobody says."""


def checkpoint_from(message: ghost_pb2.GhostCheckpoint) -> Checkpoint:
    return Checkpoint(message.name, message.sequence, message.staged_operations)


def attempt_from(message: ghost_pb2.RevertedAttempt) -> RevertedAttempt:
    return RevertedAttempt(message.reason, message.checkpoint, message.dropped_operations, message.author)


def ghost_state_from(message: ghost_pb2.Ghost) -> GhostState:
    return GhostState(
        id=message.id,
        scope=message.scope,
        base_revision=message.base_revision,
        parent_ghost_id=message.parent_ghost_id,
        label=message.label,
        author=message.author,
        state=word_from(ghost_pb2.GhostState, "GHOST_STATE_", message.state),
        staged_operations=message.staged_operations,
        staged_bytes=message.staged_bytes,
        sequence=message.sequence,
        ttl=duration_from(message.ttl),
        checkpoints=tuple(checkpoint_from(each) for each in message.checkpoints),
        attempts=tuple(attempt_from(each) for each in message.attempts),
        committed_revision=message.committed_revision,
        begin_time=time_from(message.begin_time),
        edition=message.edition,
        gates=tuple(gate_standings_from(message.gates)),
        commit_pending=message.commit_pending,
        race=race_standing_from(message.race) if message.HasField("race") else None,
        lease_id=message.lease_id,
        migration_schema=message.migration_schema,
        reverted_basis=tuple(map(reverted_basis_from, message.reverted_basis)),
    )


def reverted_from(message: context_service_pb2.RevertResponse) -> Reverted:
    return Reverted(
        revision=message.revision,
        checkpoint=checkpoint_from(message.checkpoint) if message.HasField("checkpoint") else None,
        attempts=tuple(attempt_from(each) for each in message.attempts),
        dropped_operations=message.dropped_operations,
        broker_time=duration_from(message.broker_time),
        repeated=message.repeated,
        edition=message.edition,
        cascade=cascade_report_from(message.cascade) if message.HasField("cascade") else None,
    )


def conflict_from(message: ghost_pb2.Conflict) -> Conflict:
    return Conflict(
        path=message.path,
        kind=word_from(ghost_pb2.ConflictKind, "CONFLICT_KIND_", message.kind),
        base=Node(message.base, 0) if message.HasField("base") else None,
        trunk=Node(message.trunk, 0) if message.HasField("trunk") else None,
        ghost=Node(message.ghost, 0) if message.HasField("ghost") else None,
        message=message.message,
    )


def difference_from(message: context_service_pb2.NodeDifference) -> NodeDifference:
    before = Node(message.before, 0) if message.HasField("before") else None
    after = Node(message.after, 0) if message.HasField("after") else None
    return NodeDifference(message.path, before, after)


def forest_from(message: forest_service_pb2.Forest) -> Forest:
    return Forest(
        message.name, message.revision, message.compacted_revision, message.nodes, message.ghosts, message.stored_bytes
    )


def status_from(message: forest_service_pb2.GetStatusResponse) -> Status:
    return Status(
        version=message.version,
        start_time=time_from(message.start_time),
        forest=forest_from(message.forest),
        position=message.position,
        durable_position=message.durable_position,
        snapshot_position=message.snapshot_position,
        state_hash=message.state_hash,
        state_hash_position=message.state_hash_position,
        subscriptions=message.subscriptions,
        subscriptions_catching_up=message.subscriptions_catching_up,
        resident_bytes=message.resident_bytes,
        cpu_time=duration_from(message.cpu_time),
        journal=message.journal,
        write_stop_reason=message.write_stop_reason,
        request_ids=message.request_ids,
        leases=message.leases,
        locks_held=message.locks_held,
        locks_waiting=message.locks_waiting,
        meters=tuple(map(meter_from, message.meters)),
        meters_position=message.meters_position,
        meters_after_position=message.meters_after_position,
        cached_token_price=message.cached_token_price,
        nodes_max=message.nodes_max,
        bytes_max=message.bytes_max,
    )
