"""What goes along with the diffs of one ghost: what its agent has read, each thing once."""

from __future__ import annotations

from collections.abc import Iterable

from hyperloom._basis import Basis, BasisEntry, united


class GhostBasis:
    """Copies from the agent's record, and takes nothing from it: the ghost may be taken back, and the agent's other
    ghosts may stand on the same. What was read in those that this one neither holds nor lies in does not count. A
    commit publishes what went along, so the agent's record forgets that.
    """

    def __init__(self, around: Basis, ghost_id: str, sequence: int = 0) -> None:
        self.record = around.record
        self.lineage = (ghost_id, *around.lineage)
        # What the agent had read when the ghost was begun: others may have published it since.
        self._beginning = self.record.since(0, self.lineage)
        # Up to which of the record's notes its diffs have taken them along; and what goes along beside newer ones.
        self._cursor = self.record.stamp
        self._further = self._beginning
        # The ghost's newest diff, as far as this process knows.
        self._sequence = sequence
        self._committed = False

    def note(self, entry: BasisEntry) -> None:
        sequence = max(self._sequence, entry.sequence)
        self.record.note(entry._replace(ghost_id=self.lineage[0], sequence=sequence), self.lineage)

    def staged(self, sequence: int) -> None:
        """A diff was staged."""
        self._sequence = max(self._sequence, sequence)

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

    def rewound(self, sequence: int = 0) -> None:
        """Diffs after this one were dropped: all that was read counts again."""
        self._sequence = sequence
        self._further = self._beginning
        self._cursor = 0

    def committed(self) -> None:
        """What went along has reached the trunk, or the ghost around this one."""
        self._committed = True
        if len(self.lineage) == 1:
            self.record.forget_until(self._cursor, self.lineage)

    def ended(self) -> None:
        """The ghost is over."""
        self._further = []
        self.record.release(self.lineage, not self._committed)
