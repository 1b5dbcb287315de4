"""What the broker tells of leases and locks. Immutable; times are UTC."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple, TypeAlias

from hyperloom._gen.v1 import lease_pb2, lock_pb2, lock_service_pb2
from hyperloom._kinds import duration_from, time_from, word_from

LockMode: TypeAlias = Literal["shared", "exclusive", "shared_intent_exclusive"]
"""The right on a subtree: `shared`: nobody else writes in it. `exclusive`: nobody else writes or locks anything in it.
`shared_intent_exclusive`: nobody else writes in it; others may share parts of it until they are locked exclusively."""


class LockTarget(NamedTuple):
    """A subtree, by its topmost node (it need not exist), and the right on it."""

    path: str
    mode: LockMode = "exclusive"


Targets: TypeAlias = "str | LockTarget | Sequence[str | LockTarget]"
"""What to lock: one subtree or several, granted together or not at all."""


@dataclass(frozen=True, slots=True)
class LeaseState:
    """A lease as it was told."""

    id: str
    ttl: timedelta
    author: str
    label: str
    grant_time: datetime
    locks: int
    """Locks that it holds or waits for."""
    nodes: int
    """Nodes bound to it."""
    ghosts: int
    """Ghosts begun under it and still live."""


@dataclass(frozen=True, slots=True)
class LeaseEnded:
    """The outcome of ending a lease."""

    revision: int
    """The trunk revision that deleted the nodes bound to it; 0 where there were none."""
    deleted_nodes: int
    released_locks: int
    reverted_ghosts: int


@dataclass(frozen=True, slots=True)
class LockState:
    """A lock as it was told."""

    id: str
    lease_id: str
    targets: tuple[LockTarget, ...]
    state: str
    """`waiting`, `held` or `delayed` (its holder has vanished, and its targets are kept quiet for a while)."""
    fencing_token: int
    """Grows with every grant in the forest; 0 while it waits."""
    author: str
    label: str
    request_time: datetime
    grant_time: datetime | None
    """`None` while it waits."""
    delay: timedelta
    position: int


@dataclass(frozen=True, slots=True)
class InspectedLock:
    """A lock and the ids of the locks that stand before it: at most 100 of `waits_for_total`."""

    lock: LockState
    waits_for: tuple[str, ...]
    waits_for_total: int


@dataclass(frozen=True, slots=True)
class DeadlockMember:
    """A member of a circle of waiting: who waits for what, with what asked for."""

    lease_id: str
    lock_id: str
    author: str
    targets: tuple[LockTarget, ...]


def target_messages(targets: Targets, mode: LockMode) -> list[lock_pb2.LockTarget]:
    """The targets as they travel; a plain path takes the mode. An unknown mode is a `ValueError`."""
    several = [targets] if isinstance(targets, (str, LockTarget)) else targets
    return [
        lock_pb2.LockTarget(path=each.path, mode=_mode_word(each.mode))
        if isinstance(each, LockTarget)
        else lock_pb2.LockTarget(path=each, mode=_mode_word(mode))
        for each in several
    ]


def target_from(message: lock_pb2.LockTarget) -> LockTarget:
    word: LockMode = _MODES.get(message.mode, "exclusive")
    return LockTarget(message.path, word)


def lease_state_from(message: lease_pb2.Lease) -> LeaseState:
    return LeaseState(
        id=message.id,
        ttl=duration_from(message.ttl),
        author=message.author,
        label=message.label,
        grant_time=time_from(message.grant_time),
        locks=message.locks,
        nodes=message.nodes,
        ghosts=message.ghosts,
    )


def lock_state_from(message: lock_pb2.Lock) -> LockState:
    return LockState(
        id=message.id,
        lease_id=message.lease_id,
        targets=tuple(target_from(each) for each in message.targets),
        state=word_from(lock_pb2.LockState, "LOCK_STATE_", message.state),
        fencing_token=message.fencing_token,
        author=message.author,
        label=message.label,
        request_time=time_from(message.request_time),
        grant_time=time_from(message.grant_time) if message.HasField("grant_time") else None,
        delay=duration_from(message.delay),
        position=message.position,
    )


def inspected_lock_from(message: lock_service_pb2.InspectedLock) -> InspectedLock:
    return InspectedLock(lock_state_from(message.lock), tuple(message.waits_for), message.waits_for_total)


def lease_ended_from(message: lock_service_pb2.EndLeaseResponse) -> LeaseEnded:
    return LeaseEnded(message.revision, message.deleted_nodes, message.released_locks, message.reverted_ghosts)


def deadlock_member_from(message: lock_pb2.DeadlockMember) -> DeadlockMember:
    targets = tuple(target_from(each) for each in message.targets)
    return DeadlockMember(message.lease_id, message.lock_id, message.author, targets)


_MODES: dict[int, LockMode] = {
    lock_pb2.LOCK_MODE_SHARED: "shared",
    lock_pb2.LOCK_MODE_EXCLUSIVE: "exclusive",
    lock_pb2.LOCK_MODE_SHARED_INTENT_EXCLUSIVE: "shared_intent_exclusive",
}


def _mode_word(mode: LockMode) -> str:
    if mode not in _MODES.values():
        raise ValueError(f"a lock's mode is one of {', '.join(_MODES.values())}, not {mode!r}")
    return f"LOCK_MODE_{mode.upper()}"
