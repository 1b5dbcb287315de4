"""What an agent has read since its last publish: paths and the revisions at which it saw them.

It travels with the next publish, so that the broker can say later what an agent was looking at, and a serializable
commit can fail if any of it has changed.

- Reading a thing again replaces what was noted of it, unless that read shows an older state: then both count.
- The record is bounded. Above its bound, siblings become one entry for the subtree of their parent, the largest
  families first; such an entry stands for reads from `revision` to `newest`, and travels as two, one of each. So it
  claims more than was read. Only what was both written and overwritten between these two can be missed.
- What is published on the trunk takes all of it. What is staged in a ghost takes a copy, since it may be taken back,
  and others of the agent's ghosts may stand on the same: see `_ghost_basis`.
- The same in every language: `clients/conformance/scenarios/sdk/basis.yaml`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol, TypeAlias

from hyperloom import _limits
from hyperloom._gen.v1 import operation_pb2

NODE = operation_pb2.BASIS_EXTENT_NODE
SUBTREE = operation_pb2.BASIS_EXTENT_SUBTREE
ABSENT = operation_pb2.BASIS_EXTENT_ABSENT


class BasisEntry(NamedTuple):
    """One thing that was read: a node, a whole subtree, or that there was nothing (see `extent`)."""

    path: str
    revision: int
    """Of the view in which it was read; in a ghost the one that it stands on."""
    extent: operation_pb2.BasisExtent = NODE
    newest: int = 0
    """Where it stands for several reads: the newest view among them, a revision or in a ghost a sequence. 0: it is one
    read."""
    ghost_id: str = ""
    """The ghost in which it was read; empty: the trunk."""
    sequence: int = 0
    """The ghost's newest diff in that view; 0 where it had none."""


Lineage: TypeAlias = "tuple[str, ...]"
"""The ghost in which something was read, and those around it, outwards; empty for the trunk."""


class Basis(Protocol):
    """What notes reads, and hands them over to publishes."""

    @property
    def record(self) -> BasisRecord:
        """What the agent has read, wherever that was."""

    @property
    def lineage(self) -> Lineage:
        """Where this handle reads."""

    def note(self, entry: BasisEntry) -> None:
        """Notes a read, of an empty forest (at revision 0) too: that nothing was there may be what counts."""

    def take(self) -> list[BasisEntry]:
        """What goes along with the next publish."""

    def give_back(self, entries: Iterable[BasisEntry]) -> None:
        """That publish did not take effect: what it took counts again, where nothing newer was read meanwhile."""

    def clear(self) -> None:
        """Forgets what was noted."""


class _Note(NamedTuple):
    entry: BasisEntry
    lineage: Lineage
    stamp: int
    """Grows with every note."""


# A node and its subtree are noted apart: the one may have been read later than the other. So is what ghosts show.
_Key: TypeAlias = "tuple[str, bool, str]"


class BasisRecord:
    """The record of one agent, from any number of handles."""

    lineage: Lineage = ()

    def __init__(self, entries_max: int = _limits.BASIS_ENTRIES_MAX) -> None:
        self._entries_max = entries_max
        # In the order of reading.
        self._notes: dict[_Key, _Note] = {}
        self.stamp = 0
        """Of the newest note."""

    @property
    def record(self) -> BasisRecord:
        """Itself."""
        return self

    def note(self, entry: BasisEntry, lineage: Lineage = ()) -> None:
        key = _key(entry)
        known = self._notes.get(key)
        if known is not None and not _supersedes(entry, known.entry):
            entry = _spanning(known.entry, entry)
        self.stamp += 1
        self._notes[key] = _Note(entry, lineage, self.stamp)
        if len(self._notes) > self._entries_max:
            _fold(self._notes, self._entries_max // 2)

    def take(self) -> list[BasisEntry]:
        taken = [each.entry for each in self._notes.values()]
        self._notes.clear()
        return taken

    def give_back(self, entries: Iterable[BasisEntry], lineage: Lineage = ()) -> None:
        for entry in entries:
            known = self._notes.get(_key(entry))
            if known is None or not _supersedes(known.entry, entry):
                self.note(entry, lineage)

    def clear(self) -> None:
        self._notes.clear()

    def since(self, stamp: int, lineage: Lineage) -> list[BasisEntry]:
        """A copy of what was noted after a stamp, on the trunk, in the ghost, or in one that is around it or in it."""
        if stamp == self.stamp:
            return []
        notes = self._notes.values()
        return [each.entry for each in notes if each.stamp > stamp and _is_related(each.lineage, lineage)]

    def forget_until(self, stamp: int, lineage: Lineage) -> None:
        """Forgets what `since` gives up to a stamp: it was published with a commit."""
        for key, each in tuple(self._notes.items()):
            if each.stamp <= stamp and _is_related(each.lineage, lineage):
                del self._notes[key]

    def release(self, lineage: Lineage, dropped: bool) -> None:
        """A ghost is over. What was read in it was read; where it was dropped, what it stood on is what is left of
        that."""
        for key, each in tuple(self._notes.items()):
            if each.lineage[:1] == lineage[:1]:
                del self._notes[key]
                path, revision, extent = each.entry[:3]
                self.note(BasisEntry(path, revision, extent) if dropped else each.entry, lineage[1:])


def united(one: Sequence[BasisEntry], other: Sequence[BasisEntry]) -> list[BasisEntry]:
    """Both, each thing once and at its newest, within the bound."""
    record = BasisRecord()
    for entry in one:
        record.note(entry)
    record.give_back(other)
    return record.take()


def _is_related(noted: Lineage, wanted: Lineage) -> bool:
    return not noted or not wanted or wanted[0] in noted or noted[0] in wanted


def _key(entry: BasisEntry) -> _Key:
    return entry.path, entry.extent == SUBTREE, entry.ghost_id


def _oldest(entry: BasisEntry) -> int:
    """Which view of the trunk, or of its ghost, it is."""
    return entry.sequence if entry.ghost_id else entry.revision


def _newest(entry: BasisEntry) -> int:
    return entry.newest or _oldest(entry)


def _at(entry: BasisEntry, view: int) -> BasisEntry:
    return entry._replace(sequence=view) if entry.ghost_id else entry._replace(revision=view)


def _supersedes(entry: BasisEntry, other: BasisEntry) -> bool:
    """Whether it shows all that the other one shows as it was later. What stands for several reads has to be kept."""
    return other.newest == 0 and _newest(entry) >= _oldest(other)


def _spanning(entry: BasisEntry, other: BasisEntry) -> BasisEntry:
    """One entry for both."""
    newest = max(_newest(entry), _newest(other))
    return _at(entry, min(_oldest(entry), _oldest(other)))._replace(newest=newest)


def _fold(notes: dict[_Key, _Note], count_max: int) -> None:
    """Turns families into subtrees of their parents until at most `count_max` entries are left.

    Where no entry has a sibling, the deepest ones become subtrees of their parents, so that they have some in the end.
    """
    while len(notes) > count_max:
        families: dict[tuple[str, str], list[_Key]] = {}
        for key, (entry, _, _) in notes.items():
            if entry.path != "/":
                families.setdefault((entry.ghost_id, _parent(entry.path)), []).append(key)
        chosen = [family for family, members in families.items() if len(members) > 1]
        if chosen:
            chosen.sort(key=lambda family: (-len(families[family]), -_depth(family[1])))
        else:
            depth = max((_depth(parent) for _, parent in families), default=0)
            chosen = [family for family in families if _depth(family[1]) == depth]
        if not chosen:
            return _drop_oldest(notes, count_max)
        for family in chosen:
            for key in families[family]:
                _unite(notes, key, family[1])
            if len(notes) <= count_max:
                return None
    return None


def _unite(notes: dict[_Key, _Note], key: _Key, parent: str) -> None:
    """Moves what was read there into the subtree of its parent."""
    noted = notes.pop(key, None)
    if noted is None:
        return
    subtree = noted.entry._replace(path=parent, extent=SUBTREE, newest=_newest(noted.entry))
    target = _key(subtree)
    known = notes.get(target)
    if known is None:
        notes[target] = noted._replace(entry=subtree)
    else:
        notes[target] = _Note(_spanning(known.entry, subtree), noted.lineage, max(noted.stamp, known.stamp))


def _drop_oldest(notes: dict[_Key, _Note], count_max: int) -> None:
    """Whole forests read in more ghosts than there is room for: nothing is left to be folded."""
    for key in tuple(notes)[: len(notes) - count_max]:
        del notes[key]


def _depth(path: str) -> int:
    return 0 if path == "/" else path.count("/")


def _parent(path: str) -> str:
    return path[: max(1, path.rfind("/"))]


def basis_messages(entries: Iterable[BasisEntry]) -> list[operation_pb2.BasisEntry]:
    """The entries as they travel: what stands for several reads as the oldest and the newest of them."""
    messages: list[operation_pb2.BasisEntry] = []
    for entry in entries:
        messages.append(_message(entry))
        if entry.newest > _oldest(entry):
            messages.append(_message(_at(entry, entry.newest)))
    return messages


def _message(entry: BasisEntry) -> operation_pb2.BasisEntry:
    return operation_pb2.BasisEntry(
        path=entry.path,
        revision=entry.revision,
        extent=entry.extent,
        ghost_id=entry.ghost_id,
        sequence=entry.sequence if entry.ghost_id else 0,
    )


def basis_entry_from(message: operation_pb2.BasisEntry) -> BasisEntry:
    """An entry as it came."""
    return BasisEntry(
        message.path, message.revision, message.extent, ghost_id=message.ghost_id, sequence=message.sequence
    )
