"""What the broker tells of gates and races. Immutable; times are UTC."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from hyperloom._gen.v1 import gate_pb2
from hyperloom._kinds import time_from, word_from
from hyperloom.gate import Gate, gate_from


@dataclass(frozen=True, slots=True)
class GateStanding:
    """A gate of a ghost, and where it stands."""

    gate: Gate
    state: str
    """`open`: it lets the ghost as it is pass. `pending`: a reviewer has not decided on the ghost as it is. `closed`:
    values do not fit. `unchecked`: nobody has looked whether they do; `ghost.state()` does."""
    author: str
    """Who decided; empty while nobody has."""
    reason: str
    decision_time: datetime | None
    violations: tuple[StagedViolation, ...] = ()
    """Of a schema gate that is closed: what does not fit. The first 100."""


@dataclass(frozen=True, slots=True)
class StagedViolation:
    """A staged value that does not fit its schema."""

    path: str
    field: str
    """The field in the value; empty: all of it."""
    rule: str
    """Which rule, such as `string.min_len`; empty where no schema is about the path."""
    message: str


@dataclass(frozen=True, slots=True)
class Race:
    """Makes ghosts alternatives: of those that name the same race, the first to be committed wins, and the others are
    reverted. Each beginning of one and each return to a checkpoint is an attempt."""

    id: str
    """1 to 128 bytes, unique in the forest."""
    attempts_max: int = 0
    """How many attempts all its ghosts have together; the first ghost sets it. 0: 1,000, which is the most."""


@dataclass(frozen=True, slots=True)
class RaceStanding:
    """Where a race stands."""

    race: Race
    attempts: int
    winner_ghost_id: str
    """Empty while none was committed."""


def race_message(race: Race) -> gate_pb2.Race:
    return gate_pb2.Race(id=race.id, attempts_max=race.attempts_max)


def gate_standings_from(messages: Iterable[gate_pb2.GateStanding]) -> Iterator[GateStanding]:
    """Without gates of a newer broker that this version does not know."""
    for message in messages:
        known = gate_from(message.gate)
        if known is not None:
            yield gate_standing_from(known, message)


def gate_standing_from(known: Gate, message: gate_pb2.GateStanding) -> GateStanding:
    return GateStanding(
        gate=known,
        state=word_from(gate_pb2.GateState, "GATE_STATE_", message.state),
        author=message.author,
        reason=message.reason,
        decision_time=time_from(message.decision_time) if message.HasField("decision_time") else None,
        violations=tuple(
            StagedViolation(each.path, each.field, each.rule, each.message) for each in message.violations
        ),
    )


def race_standing_from(message: gate_pb2.RaceStanding) -> RaceStanding:
    race = Race(message.race.id, message.race.attempts_max)
    return RaceStanding(race, message.attempts, message.winner_ghost_id)
