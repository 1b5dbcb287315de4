"""What goes with a trunk revision that is taken back, and who is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from hyperloom._basis import BasisEntry, basis_entry_from
from hyperloom._gen.v1 import cascade_pb2, ghost_pb2
from hyperloom._kinds import word_from

Cascade: TypeAlias = 'Literal["none", "report", "all"]'
"""How far the return of a trunk revision goes: the revision alone (`none`), with all that was derived from it (`all`);
`report` changes nothing and tells what `all` would do."""


@dataclass(frozen=True, slots=True)
class UndonePublish:
    """A publish that is undone."""

    revision: int
    author: str
    label: str
    hops: int
    """How many publishes away from the one that was named: 0 is that one."""


@dataclass(frozen=True, slots=True)
class NotUndone:
    """A write that stays."""

    path: str
    revision: int
    """Which publish wrote it."""
    cause: str
    """`overwritten` by others, `built_upon` by others, `history_gone`, or `schema`: one that came later."""
    overwritten_by_revision: int
    """0 where nobody has."""


@dataclass(frozen=True, slots=True)
class AffectedGhost:
    """A live ghost that has read what is undone: it is not committed before it has looked again."""

    ghost_id: str
    author: str
    basis: tuple[BasisEntry, ...]
    """What it has read; at most 100."""


@dataclass(frozen=True, slots=True)
class CascadeReport:
    """What a cascade undoes, or would undo; at most 1,000 of each."""

    undone: tuple[UndonePublish, ...]
    """Oldest first."""
    not_undone: tuple[NotUndone, ...]
    ghosts: tuple[AffectedGhost, ...]
    undone_total: int
    not_undone_total: int
    ghosts_total: int
    operations: int
    """Operations that the inverse consists of."""


@dataclass(frozen=True, slots=True)
class BasisReverted:
    """Told to an agent: what some of its work was made from was taken back."""

    author: str
    """The agent."""
    revisions: tuple[int, ...]
    """Its publishes that had read it, oldest first. They are undone too where it was a cascade."""
    ghost_ids: tuple[str, ...]
    """Live ghosts that have read it."""
    basis: tuple[BasisEntry, ...]
    """What it had read; at most 100."""
    reason: str
    """Why it was reverted."""


@dataclass(frozen=True, slots=True)
class RevertedBasis:
    """Something that was read for what is staged in a ghost, and then taken back."""

    basis: BasisEntry
    """What was read, and at which revision. Who has read it again at `reverted_revision` or later has looked again."""
    reverted_revision: int
    """The trunk revision that took it back."""
    sequence: int
    """The number of the diff that was staged with it."""


def cascade_message(cascade: Cascade) -> str:
    return f"CASCADE_{cascade.upper()}"


def cascade_report_from(message: cascade_pb2.CascadeReport) -> CascadeReport:
    return CascadeReport(
        undone=tuple(UndonePublish(each.revision, each.author, each.label, each.hops) for each in message.undone),
        not_undone=tuple(
            NotUndone(
                each.path,
                each.revision,
                word_from(cascade_pb2.NotUndoneCause, "NOT_UNDONE_CAUSE_", each.cause),
                each.overwritten_by_revision,
            )
            for each in message.not_undone
        ),
        ghosts=tuple(
            AffectedGhost(each.ghost_id, each.author, tuple(map(basis_entry_from, each.basis)))
            for each in message.ghosts
        ),
        undone_total=message.undone_total,
        not_undone_total=message.not_undone_total,
        ghosts_total=message.ghosts_total,
        operations=message.operations,
    )


def basis_reverted_from(message: cascade_pb2.BasisReverted) -> BasisReverted:
    return BasisReverted(
        author=message.author,
        revisions=tuple(message.revisions),
        ghost_ids=tuple(message.ghost_ids),
        basis=tuple(map(basis_entry_from, message.basis)),
        reason=message.reason,
    )


def reverted_basis_from(message: ghost_pb2.RevertedBasis) -> RevertedBasis:
    return RevertedBasis(basis_entry_from(message.basis), message.reverted_revision, message.sequence)
