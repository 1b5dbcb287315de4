"""Who a client speaks for in which forest, and what that agent has seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

from hyperloom._basis import ABSENT, NODE, Basis, BasisEntry
from hyperloom._errors import HyperloomError
from hyperloom._gen.v1 import context_service_pb2 as context
from hyperloom._gen.v1 import operation_pb2
from hyperloom._records import Published

Consistency: TypeAlias = 'Literal["seen", "linearizable", "stale"] | int'
"""How new a read's state must be: at least what this client has seen (`seen`), everything that was acknowledged before
the read began (`linearizable`), whatever is at hand (`stale`), or at least a revision (a number)."""


class Agent:
    """One agent in one forest."""

    def __init__(self, author: str, forest: str, track_basis: bool) -> None:
        self.author = author
        self.forest = forest
        self.basis = Basis() if track_basis else None
        self.newest_revision = 0

    def see(self, revision: int) -> None:
        """Remembers that the trunk has reached a revision."""
        if revision > self.newest_revision:
            self.newest_revision = revision

    def note(self, path: str, revision: int, extent: operation_pb2.BasisExtent = NODE) -> None:
        """Notes that a path was read."""
        self.see(revision)
        if self.basis is not None:
            self.basis.note(path, revision, extent)

    def note_absence(self, path: str, error: HyperloomError) -> None:
        """Notes that a path was found to hold nothing, where that is what the error says."""
        if error.reason == "NODE_NOT_FOUND":
            seen = error.metadata.get("revision", "")
            self.note(path, int(seen) if seen.isdecimal() else 0, ABSENT)

    def note_batch(self, paths: Sequence[str], answer: context.BatchGetResponse) -> None:
        """Notes what was read of these paths."""
        found = {node.path for node in answer.nodes}
        for path in paths:
            self.note(path, answer.revision, NODE if path in found else ABSENT)

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
