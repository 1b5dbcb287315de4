"""The verbs that a client (on the trunk) and a ghost have in common: writing, reading, watching."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, overload

from hyperloom._assembly import Start
from hyperloom._node_type import NodeType, node_type_of
from hyperloom._reads import Reads
from hyperloom._subscription import Subscription, Wanted
from hyperloom._typed import M, P, S, Typed, V
from hyperloom._value_view import Pins, ValueForm, value_view
from hyperloom._writes import Writes


class Verbs(Writes, Reads):
    """Every `timeout` is in seconds, retries included; `None` means the client's own. All raise `HyperloomError`s.

    A write that raises `DeadlineExceededError`, `UnavailableError`, `ClosedError` or an error without a `reason`, or is
    cancelled, may have taken effect or still do so; every other error means that nothing of it did.
    """

    def subscribe(
        self,
        patterns: str | Sequence[str],
        *,
        start: Start = "snapshot",
        everything: bool = False,
        detail: Literal["operation", "result"] = "operation",
        include_previous: bool = False,
        include_basis: bool = False,
        bookmarks: bool = False,
        bookmark_interval: float | None = None,
        agent: str = "",
        form: ValueForm = "stored",
        pins: Pins | None = None,
    ) -> Subscription:
        """Watches paths: a path itself, `*` for one segment, `**` for any number: `/a/**` is `/a` and all below it.

        `start`: `"snapshot"` (the matching nodes first, then what changes), `"now"`, `AfterRevision(n)` or
        `AfterPosition(n)`. `everything` adds ghosts' events. `detail="result"` adds the node as it is after each
        change, `include_previous` as it was before, `include_basis` what the author had read. `bookmarks` hands out
        `Bookmark`s too, at least every `bookmark_interval` seconds (0.1 to 30). `agent` is told, whatever the patterns,
        when what its publishes were made from was reverted: `Event.basis_reverted`. `form` and `pins` are as in `get`.
        """
        if self._fence is not None:
            self._fence.check()
        wanted = Wanted(
            patterns=[patterns] if isinstance(patterns, str) else list(patterns),
            start=start,
            everything=everything,
            detail=detail,
            include_previous=include_previous,
            include_basis=include_basis,
            bookmarks=bookmarks,
            bookmark_interval=bookmark_interval,
            values=value_view(form, pins),
            agent=agent,
        )
        return Subscription(self._connection, self._agent, self._ghost_id, wanted)

    @overload
    def typed(self, node_type: NodeType[M, V, P, S]) -> Typed[M, V, P, S]: ...

    @overload
    def typed(self, node_type: type[M]) -> Typed[M, Any, ..., ...]: ...

    def typed(self, node_type: Any) -> Any:
        """The nodes of one message type: `client.typed(ResearchNote)`, a generated message with a path of its own.

        What `protoc-gen-hyperloom` writes beside it does the same, and lets type checkers know the variables.
        """
        return Typed(self, node_type if isinstance(node_type, NodeType) else node_type_of(node_type))
