"""A JSON document in the tree that is stored again and again, by its parts: see `parts` for how it lies there.

`{path}/head` is a small object that every store of the document writes, `{path}/state` the document. What was stored
last is what is loaded: of two that store at once the second replaces what the first has stored, wholly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hyperloom import operation, precondition
from hyperloom._adapters.parts import Part, changes, document_of, parts_of, stored_parts
from hyperloom._adapters.reading import read_below
from hyperloom._errors import PreconditionFailedError
from hyperloom._node import Node
from hyperloom._verbs import Verbs
from hyperloom.operation import Operation
from hyperloom.precondition import Precondition

ATTEMPTS_MAX: Final = 100
"""Of each attempt but the last another writer was faster: so many in a row mean that something writes in a loop."""


class ContendedError(Exception):
    """Others write all the time. The message says where."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What the tree holds, as of a revision."""

    parts: Mapping[str, Part]
    head: Mapping[str, Any] | None
    head_revision: int
    head_version: int
    revision: int


class Document:
    """One document, on the trunk or in a ghost."""

    def __init__(self, verbs: Verbs, path: str) -> None:
        self._verbs = verbs
        self.path = path
        self.head_path = f"{path}/head"
        self.state_path = f"{path}/state"
        # As it was stored here last. Wrong knowledge costs one attempt; in a ghost, which may go back, there is none.
        self._known: _Known | None = None

    async def save(
        self, state: Mapping[str, Any], head: Mapping[str, Any], *, also: Sequence[Operation] = (), label: str = ""
    ) -> None:
        """Stores it, with a `head` of small values. `also`: what is done in the same revision, behind that.

        Raises `NotPlainError` and `TooLargeError`.
        """
        parts = parts_of(state)
        for _ in range(ATTEMPTS_MAX):
            known = self._known or await self._read()
            self._known = None
            operations = [
                *changes(known.parts, parts, self.state_path),
                operation.put(self.head_path, dict(head)),
                *also,
            ]
            try:
                done = await self._verbs.publish(operations, preconditions=self._unchanged(known), label=label)
            except PreconditionFailedError:
                continue
            if not self._verbs.is_ghost:
                self._known = _Known(parts, head, done.revision, 0, done.revision)
            return
        raise ContendedError(f"others wrote to {self.path} {ATTEMPTS_MAX} times before this could: try again")

    async def load(self) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """Head and state, as they were at one revision; `None` where there is no such document."""
        known = await self._read()
        if known.head is None:
            return None
        return dict(known.head), document_of(known.parts, self.state_path)

    async def delete(self) -> None:
        """Takes it away, with all that lies below its path."""
        self._known = None
        await self._verbs.publish([operation.delete(self.path)], label="delete")

    def _unchanged(self, known: _Known) -> list[Precondition]:
        if known.head is None:
            return [precondition.absent(self.head_path)]
        if self._verbs.is_ghost:
            return [precondition.version(self.head_path, known.head_version)]
        return [
            precondition.modified_revision(self.head_path, known.head_revision),
            # Somebody may have put a single part.
            precondition.subtree_unchanged_since(self.state_path, known.revision),
        ]

    async def _read(self) -> _Known:
        nodes = await read_below(self._verbs, self.path, depth=0)
        head = next((node for node in nodes if node.path == self.head_path), None)
        parts = stored_parts((node for node in nodes if _is_within(node, self.state_path)), self.state_path)
        if head is None:
            return _Known(parts, None, 0, 0, 0)
        value = head.value if isinstance(head.value, dict) else {}
        return _Known(parts, value, head.modified_revision, head.version, head.revision)


def _is_within(node: Node, path: str) -> bool:
    return node.path == path or node.path.startswith(f"{path}/")
