"""Goal: the record of what was read is bounded and never claims less than was read. Method: notes without a broker."""

from __future__ import annotations

from hyperloom import _limits
from hyperloom._basis import ABSENT, NODE, SUBTREE, Basis, BasisEntry


def test_a_later_reading_replaces_an_earlier_one() -> None:
    basis = Basis()
    basis.note("/a", 1)
    basis.note("/a", 3, ABSENT)
    assert basis.take() == [BasisEntry("/a", 3, ABSENT)]
    assert basis.take() == []


def test_a_node_and_its_subtree_are_two_readings() -> None:
    basis = Basis()
    basis.note("/a", 1, SUBTREE)
    basis.note("/a", 2, NODE)
    assert basis.take() == [BasisEntry("/a", 1, SUBTREE), BasisEntry("/a", 2, NODE)]


def test_what_was_missing_in_an_empty_forest_is_noted() -> None:
    basis = Basis()
    basis.note("/a", 0, ABSENT)
    assert basis.take() == [BasisEntry("/a", 0, ABSENT)]


def test_too_many_readings_fold_into_subtrees_at_their_oldest_revision() -> None:
    basis = Basis()
    for index in range(_limits.BASIS_ENTRIES_MAX + 1):
        basis.note(f"/session/{index % 7}/{index}", 100 + index)
    entries = basis.take()
    assert len(entries) == 7
    assert {entry.path for entry in entries} == {f"/session/{index}" for index in range(7)}
    assert min(entry.revision for entry in entries) == 100
    assert {entry.extent for entry in entries} == {SUBTREE}


def test_siblings_at_the_top_fold_into_the_root() -> None:
    basis = Basis()
    for index in range(_limits.BASIS_ENTRIES_MAX + 1):
        basis.note(f"/{index}", 5 + index)
    assert basis.take() == [BasisEntry("/", 5, SUBTREE)]


def test_it_never_grows_over_its_bound() -> None:
    basis = Basis()
    for index in range(5_000):
        basis.note(f"/a/{index % 900}/b/{index}", index + 1)
        assert len(basis._seen) <= _limits.BASIS_ENTRIES_MAX


def test_a_refused_publish_gives_back_what_was_not_read_again() -> None:
    basis = Basis()
    basis.note("/a", 1)
    basis.note("/b", 1)
    taken = basis.take()
    basis.note("/a", 9)
    basis.give_back(taken)
    assert sorted(basis.take()) == [BasisEntry("/a", 9, NODE), BasisEntry("/b", 1, NODE)]
