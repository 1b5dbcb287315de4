"""Goal: the basis tells what was read, within its bound, and never less than was read.

Method: small records by hand; and random reads, each of which must be covered by what is handed over.
"""

from __future__ import annotations

import random

import pytest

from hyperloom import _limits
from hyperloom._basis import ABSENT, NODE, SUBTREE, BasisEntry, BasisRecord, basis_messages


def test_a_later_reading_replaces_an_earlier_one() -> None:
    basis = BasisRecord()
    basis.note(BasisEntry("/a", 1))
    basis.note(BasisEntry("/a", 3, ABSENT))
    assert basis.take() == [BasisEntry("/a", 3, ABSENT)]
    assert basis.take() == []


def test_an_older_state_that_is_read_after_a_newer_one_counts_beside_it() -> None:
    basis = BasisRecord()
    basis.note(BasisEntry("/a", 9))
    basis.note(BasisEntry("/a", 3))
    assert basis.take() == [BasisEntry("/a", 3, NODE, 9)]


def test_a_node_and_its_subtree_are_two_readings() -> None:
    basis = BasisRecord()
    basis.note(BasisEntry("/a", 1, SUBTREE))
    basis.note(BasisEntry("/a", 2, NODE))
    assert basis.take() == [BasisEntry("/a", 1, SUBTREE), BasisEntry("/a", 2, NODE)]


def test_what_was_missing_in_an_empty_forest_is_noted() -> None:
    basis = BasisRecord()
    basis.note(BasisEntry("/a", 0, ABSENT))
    assert basis.take() == [BasisEntry("/a", 0, ABSENT)]


def test_the_largest_families_fold_into_the_subtrees_of_their_parents_first() -> None:
    basis = BasisRecord(10)
    basis.note(BasisEntry("/other/deep/node", 50))
    basis.note(BasisEntry("/c/1", 40))
    basis.note(BasisEntry("/c/2", 41))
    for index in range(8):
        basis.note(BasisEntry(f"/a/b/n{index}", 20 + index))
    assert basis.take() == [
        BasisEntry("/other/deep/node", 50),
        BasisEntry("/c/1", 40),
        BasisEntry("/c/2", 41),
        BasisEntry("/a/b", 20, SUBTREE, 27),
    ]


def test_of_entries_without_a_sibling_the_deepest_fold_first_and_the_root_ends_it() -> None:
    basis = BasisRecord(4)
    for index in range(5):
        basis.note(BasisEntry(f"/tree_{index}/x", index + 1))
    assert basis.take() == [BasisEntry("/", 1, SUBTREE, 5)]


def test_a_subtree_that_stands_for_several_reads_goes_on_standing_for_them_when_it_is_read_as_a_whole() -> None:
    basis = BasisRecord(4)
    for index in range(5):
        basis.note(BasisEntry(f"/a/{index}", index + 1))
    basis.note(BasisEntry("/a", 9, SUBTREE))
    assert basis.take() == [BasisEntry("/a", 1, SUBTREE, 9)]


def test_it_never_grows_over_its_bound() -> None:
    basis = BasisRecord()
    for index in range(5_000):
        basis.note(BasisEntry(f"/a/{index % 900}/b/{index}", index + 1))
        assert len(basis._notes) <= _limits.BASIS_ENTRIES_MAX


def test_what_was_read_in_too_many_ghosts_to_be_folded_is_bounded_nevertheless() -> None:
    basis = BasisRecord(10)
    for index in range(30):
        basis.note(BasisEntry("/", 1, SUBTREE, ghost_id=f"ghost_{index}", sequence=index))
    assert len(basis.take()) <= 10


def test_a_refused_publish_gives_back_what_was_not_read_again() -> None:
    basis = BasisRecord()
    basis.note(BasisEntry("/a", 1))
    basis.note(BasisEntry("/b", 1))
    taken = basis.take()
    basis.note(BasisEntry("/a", 9))
    basis.give_back(taken)
    assert sorted(basis.take()) == [BasisEntry("/a", 9, NODE), BasisEntry("/b", 1, NODE)]


def test_what_stands_for_several_reads_travels_as_the_oldest_and_the_newest_of_them() -> None:
    several = [
        BasisEntry("/a", 3, SUBTREE, 9),
        BasisEntry("/b", 3, SUBTREE, 3),
        BasisEntry("/c", 7, SUBTREE, 5, "ghost", 2),
    ]
    told = [(each.path, each.revision, each.ghost_id, each.sequence) for each in basis_messages(several)]
    assert told == [("/a", 3, "", 0), ("/a", 9, "", 0), ("/b", 3, "", 0), ("/c", 7, "ghost", 2), ("/c", 7, "ghost", 5)]


@pytest.mark.parametrize("seed", range(100))
def test_whatever_is_read_in_whatever_order_is_covered_by_what_is_handed_over(seed: int) -> None:
    chance = random.Random(seed)
    basis = BasisRecord(20)
    wanted: dict[tuple[str, bool], list[BasisEntry]] = {}
    for _ in range(chance.randint(1, 120)):
        path = "".join(f"/{chance.randrange(6)}" for _ in range(chance.randint(1, 4)))
        entry = BasisEntry(path, chance.randrange(300), chance.choice([NODE, SUBTREE, ABSENT]))
        basis.note(entry)
        # It takes the place of what is older.
        older = wanted.get((path, entry.extent == SUBTREE), [])
        newer = [each for each in older if each.revision > entry.revision]
        wanted[path, entry.extent == SUBTREE] = [*newer, entry]
    entries = basis.take()
    assert len(entries) <= 20
    for each in (each for family in wanted.values() for each in family):
        assert any(_covers(entry, each) for entry in entries), each


def _covers(entry: BasisEntry, wanted: BasisEntry) -> bool:
    if entry.extent == SUBTREE:
        below = wanted.path.startswith("/" if entry.path == "/" else f"{entry.path}/")
        is_there = below or entry.path == wanted.path
    else:
        is_there = entry.path == wanted.path and wanted.extent != SUBTREE
    return is_there and entry.revision <= wanted.revision <= (entry.newest or entry.revision)
