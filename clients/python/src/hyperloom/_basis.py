"""What an agent has read since its last publish: paths and the revisions at which it saw them.

It travels with the next publish, so that the broker can say later what an agent was looking at, and a serializable
commit can fail if any of it has changed. It is bounded: where more paths were read than a publish may name, they are
folded into the subtrees that hold them, at the oldest revision among them. That claims more, never less, than was read.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from hyperloom import _limits
from hyperloom._gen.v1 import operation_pb2

NODE = operation_pb2.BASIS_EXTENT_NODE
SUBTREE = operation_pb2.BASIS_EXTENT_SUBTREE
ABSENT = operation_pb2.BASIS_EXTENT_ABSENT


class BasisEntry(NamedTuple):
    """One thing that was read: a node, a whole subtree, or that there was nothing (see `extent`)."""

    path: str
    revision: int
    extent: operation_pb2.BasisExtent = NODE


class Basis:
    """The record of one client. A later reading of the same thing replaces the earlier one."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, bool], BasisEntry] = {}

    def note(self, path: str, revision: int, extent: operation_pb2.BasisExtent = NODE) -> None:
        """Notes a reading, of an empty forest (at revision 0) too: that nothing was there may be what counts."""
        self._seen[path, extent == SUBTREE] = BasisEntry(path, revision, extent)
        if len(self._seen) > _limits.BASIS_ENTRIES_MAX:
            self._fold()

    def take(self) -> list[BasisEntry]:
        """Hands the record over to a publish and begins an empty one."""
        taken = list(self._seen.values())
        self._seen.clear()
        return taken

    def give_back(self, entries: Iterable[BasisEntry]) -> None:
        """The publish that took them was refused: they count again, where nothing newer was read meanwhile."""
        for entry in entries:
            if (entry.path, entry.extent == SUBTREE) not in self._seen:
                self.note(*entry)

    def _fold(self) -> None:
        """Halves the record at least: paths are cut one segment shorter, the deepest first, until few are left."""
        entries = list(self._seen.values())
        depth = max(entry.path.count("/") for entry in entries)
        while len(self._seen) > _limits.BASIS_ENTRIES_MAX // 2 and depth > 0:
            depth -= 1
            folded: dict[tuple[str, bool], BasisEntry] = {}
            for entry in entries:
                cut = "/".join(entry.path.split("/")[: depth + 1]) or "/"
                kept = entry if cut == entry.path else BasisEntry(cut, entry.revision, SUBTREE)
                key = (kept.path, kept.extent == SUBTREE)
                known = folded.get(key)
                folded[key] = kept if known is None else known._replace(revision=min(known.revision, kept.revision))
            self._seen = folded


def basis_messages(entries: Iterable[BasisEntry]) -> list[operation_pb2.BasisEntry]:
    """The entries as they travel."""
    return [operation_pb2.BasisEntry(path=path, revision=revision, extent=extent) for path, revision, extent in entries]
