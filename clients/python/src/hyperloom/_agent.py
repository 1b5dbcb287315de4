"""Who a client speaks for in which forest, and what that agent has seen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, TypeAlias

from hyperloom._basis import ABSENT, NODE, Basis, BasisEntry, BasisRecord
from hyperloom._errors import HyperloomError
from hyperloom._gen.v1 import context_service_pb2 as context
from hyperloom._gen.v1 import node_pb2, operation_pb2
from hyperloom._ghost_basis import GhostBasis
from hyperloom._records import Published

Consistency: TypeAlias = 'Literal["seen", "linearizable", "stale"] | int'
"""How new a read's state must be: at least what this client has seen (`seen`), everything that was acknowledged before
the read began (`linearizable`), whatever is at hand (`stale`), or at least a revision (a number)."""


class _Seen:
    """What all handles of an agent have seen of the trunk."""

    newest_revision = 0


class Agent:
    """One agent in one forest."""

    def __init__(self, author: str, forest: str, track_basis: bool) -> None:
        self.author = author
        self.forest = forest
        self.basis: Basis | None = BasisRecord() if track_basis else None
        self._seen = _Seen()

    def in_ghost(self, ghost_id: str, sequence: int) -> Agent:
        """The same agent at work in a ghost that it has begun, or attached itself to."""
        agent = Agent(self.author, self.forest, False)
        agent.basis = None if self.basis is None else GhostBasis(self.basis, ghost_id, sequence)
        agent._seen = self._seen
        return agent

    def staged(self, sequence: int) -> None:
        """A diff was staged in the ghost."""
        if isinstance(self.basis, GhostBasis):
            self.basis.staged(sequence)

    def rewound(self, sequence: int = 0) -> None:
        """The ghost was taken back to this diff."""
        if isinstance(self.basis, GhostBasis):
            self.basis.rewound(sequence)

    def committed(self) -> None:
        """The ghost was committed."""
        if isinstance(self.basis, GhostBasis):
            self.basis.committed()

    def ended(self) -> None:
        """The ghost is over."""
        if isinstance(self.basis, GhostBasis):
            self.basis.ended()

    @property
    def newest_revision(self) -> int:
        """The newest trunk revision seen in an answer, an outcome or an event."""
        return self._seen.newest_revision

    def see(self, revision: int) -> None:
        """Remembers that the trunk has reached a revision."""
        if revision > self._seen.newest_revision:
            self._seen.newest_revision = revision

    def note(
        self,
        path: str,
        revision: int,
        extent: operation_pb2.BasisExtent = NODE,
        nodes: Iterable[node_pb2.Node] = (),
    ) -> None:
        """Notes that a path was read, with what came of it; empty: the root."""
        self.see(revision)
        if self.basis is not None:
            # Others may have staged more in a ghost than this process knows.
            sequence = max((node.staged_sequence for node in nodes), default=0)
            self.basis.note(BasisEntry(path or "/", revision, extent, sequence=sequence))

    def note_all(self, entries: Iterable[BasisEntry]) -> None:
        """Notes what was read, as the broker has told it."""
        if self.basis is not None:
            for entry in entries:
                self.basis.note(entry)

    def note_absence(self, path: str, error: HyperloomError) -> None:
        """Notes that a path was found to hold nothing, where that is what the error says."""
        if error.reason == "NODE_NOT_FOUND":
            seen = error.metadata.get("revision", "")
            self.note(path, int(seen) if seen.isdecimal() else 0, ABSENT)

    def note_batch(self, paths: Sequence[str], answer: context.BatchGetResponse) -> None:
        """Notes what was read of these paths."""
        found = {node.path for node in answer.nodes}
        for path in paths:
            self.note(path, answer.revision, NODE if path in found else ABSENT, answer.nodes)

    def take_basis(self) -> list[BasisEntry]:
        """What was read since the last publish."""
        return [] if self.basis is None else self.basis.take()

    def on_published(self, published: Published) -> HyperloomError | None:
        """A publish took effect."""
        self.see(published.revision)
        return None

    def on_refused(self, basis: Sequence[BasisEntry], error: HyperloomError) -> None:
        """A publish did not take effect: what it took along counts again."""
        if self.basis is not None:
            self.basis.give_back(basis)

    def view(self, ghost_id: str, edition: int, at_revision: int, consistency: Consistency | None) -> context.ReadView:
        """The view of a read. A ghost and a given revision say by themselves what is seen.

        Of what a crash of the broker may have taken of a ghost, the known edition tells.
        """
        view = context.ReadView(at_revision=at_revision, ghost_id=ghost_id, edition=edition if ghost_id else 0)
        if consistency is None and (ghost_id or at_revision):
            return view
        if consistency == "stale":
            view.stale.SetInParent()
        elif isinstance(consistency, int):
            view.at_least_revision = consistency
        elif consistency == "linearizable" or self.newest_revision == 0:
            view.linearizable.SetInParent()
        else:
            view.at_least_revision = self.newest_revision
        return view
