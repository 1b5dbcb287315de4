"""Goal: every ghost takes along what its work stands on, whatever becomes of the others. Method: records by hand."""

from __future__ import annotations

from hyperloom._basis import BasisEntry, BasisRecord
from hyperloom._ghost_basis import GhostBasis

TASK, A, B = (BasisEntry(path, 1) for path in ("/task", "/a", "/b"))


def in_ghost(ghost_id: str, entry: BasisEntry, sequence: int = 0) -> BasisEntry:
    return entry._replace(ghost_id=ghost_id, sequence=sequence)


def test_each_thing_goes_along_once_with_the_diffs_of_every_ghost_that_stands_on_it() -> None:
    record = BasisRecord()
    record.note(TASK)
    one, two = GhostBasis(record, "one"), GhostBasis(record, "two")
    one.note(A)
    assert one.take() == [TASK, in_ghost("one", A)]
    assert one.take() == []
    assert two.take() == [TASK]
    record.note(B)
    assert one.take() == [B]
    assert two.take() == [B]


def test_what_was_read_in_one_alternative_is_nothing_to_the_other_but_to_the_trunk_and_to_ghosts_in_it() -> None:
    record = BasisRecord()
    one, two = GhostBasis(record, "one"), GhostBasis(record, "two")
    one.note(A)
    inner = GhostBasis(one, "inner")
    assert two.take() == []
    assert inner.take() == [in_ghost("one", A)]
    inner.note(B)
    assert one.take() == [in_ghost("one", A), in_ghost("inner", B)]
    assert record.take() == [in_ghost("one", A), in_ghost("inner", B)]


def test_a_publish_on_the_trunk_takes_nothing_away_from_a_ghost_that_was_begun_before_it() -> None:
    record = BasisRecord()
    record.note(TASK)
    ghost = GhostBasis(record, "ghost")
    assert record.take() == [TASK]
    assert ghost.take() == [TASK]
    ghost.rewound()
    assert ghost.take() == [TASK]


def test_diffs_that_were_dropped_leave_what_they_had_taken_to_those_that_come_after_them() -> None:
    record = BasisRecord()
    ghost = GhostBasis(record, "ghost")
    ghost.note(A)
    assert ghost.take() == [in_ghost("ghost", A)]
    ghost.rewound()
    ghost.note(B)
    assert ghost.take() == [in_ghost("ghost", A), in_ghost("ghost", B)]
    ghost.give_back([A])
    assert ghost.take() == [A]


def test_a_commit_has_published_what_went_along_and_what_was_read_later_goes_with_the_next_publish() -> None:
    record = BasisRecord()
    record.note(TASK)
    ghost = GhostBasis(record, "ghost")
    ghost.note(A)
    ghost.take()
    ghost.note(B)
    ghost.committed()
    ghost.ended()
    assert record.take() == [in_ghost("ghost", B)]


def test_what_was_read_in_a_ghost_that_was_reverted_was_read_all_the_same() -> None:
    record = BasisRecord()
    ghost = GhostBasis(record, "ghost")
    ghost.note(A)
    ghost.take()
    ghost.ended()
    assert GhostBasis(record, "next").take() == [A]


def test_a_commit_into_a_ghost_leaves_what_it_stands_on_to_the_commit_of_that_one() -> None:
    record = BasisRecord()
    outer = GhostBasis(record, "outer")
    inner = GhostBasis(outer, "inner")
    inner.note(A)
    inner.take()
    inner.committed()
    inner.ended()
    assert outer.take() == [in_ghost("inner", A)]
    outer.committed()
    outer.ended()
    assert record.take() == []


def test_a_read_in_a_ghost_says_which_of_its_diffs_it_has_seen() -> None:
    record = BasisRecord()
    ghost = GhostBasis(record, "ghost", 2)
    ghost.note(A)
    ghost.staged(3)
    ghost.note(B)
    ghost.note(TASK._replace(sequence=5))
    assert ghost.take() == [in_ghost("ghost", A, 2), in_ghost("ghost", B, 3), in_ghost("ghost", TASK, 5)]
    ghost.rewound(1)
    ghost.note(A._replace(path="/d"))
    assert in_ghost("ghost", A._replace(path="/d"), 1) in ghost.take()
