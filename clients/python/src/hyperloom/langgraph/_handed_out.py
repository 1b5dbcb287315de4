"""How a run that goes on from an older checkpoint on purpose is told from one that somebody has overtaken.

Both put upon a checkpoint that is not the newest any more. The first has asked for it by its id while another was the
newest. A saver cannot remember that by itself: many runs share one, and whoever only *looked* at that checkpoint would
open the way for a run that stands there since before. So the config that is handed out says it: LangGraph puts with
the config that it was given.
"""

from __future__ import annotations

from typing import Any

from langgraph.checkpoint.base import CheckpointTuple

from hyperloom.langgraph._record import Head


class HandedOutId(str):
    """The id of a checkpoint, as whoever asked for it by that id got it. Equal to the id alone."""

    head_id: str
    """The newest checkpoint at that time."""

    def __new__(cls, checkpoint_id: str, head_id: str) -> HandedOutId:
        made = super().__new__(cls, checkpoint_id)
        made.head_id = head_id
        return made

    def __copy__(self) -> HandedOutId:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> HandedOutId:
        return self

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        # In another process, or later, it is an id like any other: who goes on from it asks for it again.
        return str, (str(self),)


def handed_out(found: CheckpointTuple, head: Head | None) -> CheckpointTuple:
    """The tuple of a checkpoint that was asked for by its id."""
    checkpoint_id = found.checkpoint["id"]
    if head is None or head.id == checkpoint_id:
        return found
    configurable = {**found.config["configurable"], "checkpoint_id": HandedOutId(checkpoint_id, head.id)}
    return found._replace(config={**found.config, "configurable": configurable})
