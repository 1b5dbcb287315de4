"""What goes along with the diffs of one ghost: what its agent has read, each thing once."""

from __future__ import annotations

from collections.abc import Iterable

from hyperloom._basis import Basis, BasisEntry, united


class GhostBasis:
    """Copies from the agent's record, and takes nothing from it: the ghost may be taken back, and the agent's other
    ghosts may stand on the same. What was read in those that this one neither holds nor lies in does not count. A
    commit publishes what went along, so the agent's record forgets that.
    """

    def __init__(self, around: Basis, ghost_id: str) -> None:
        self.record = around.record
        self.lineage = (ghost_id, *around.lineage)
        # What the agent had read when the ghost was begun: others may have published it since.
        self._beginning = self.record.since(0, self.lineage)
        # Up to which of the record's notes its diffs have taken them along; and what goes along beside newer ones.
        self._cursor = self.record.stamp
        self._further = self._beginning

    def note(self, entry: BasisEntry) -> None:
        self.record.note(entry, self.lineage)

    def take(self) -> list[BasisEntry]:
        newer = self.record.since(self._cursor, self.lineage)
        taken = united(self._further, newer) if self._further else newer
        self._further = []
        self._cursor = self.record.stamp
        return taken

    def give_back(self, entries: Iterable[BasisEntry]) -> None:
        self._further = united(self._further, list(entries))

    def clear(self) -> None:
        self._further = []
        self._cursor = self.record.stamp

    def rewound(self) -> None:
        """Diffs were dropped: all that was read counts again."""
        self._further = self._beginning
        self._cursor = 0

    def committed(self) -> None:
        """What went along has reached the trunk, or the ghost around this one."""
        if len(self.lineage) == 1:
            self.record.forget_until(self._cursor, self.lineage)

    def ended(self) -> None:
        """The ghost is over."""
        self._further = []
        self.record.release(self.lineage)
