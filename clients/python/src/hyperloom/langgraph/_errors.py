"""What the adapters raise beside the errors of the client."""

from __future__ import annotations

import grpc

from hyperloom._errors import HyperloomError


class InvalidIdError(ValueError):
    """An id of a thread, checkpoint, task or channel, or a name in a store, that no path can hold."""


class NotStorableError(TypeError):
    """A value that neither JSON nor the graph's serializer can say. The message names the channel and what to do."""


class UnreadableValueError(ValueError):
    """A stored value that this saver cannot read, as a rule because another language's serializer made it."""


class TooLargeError(ValueError):
    """More than the broker takes. The message says what, how much, and what to do."""


class ThreadConflictError(HyperloomError):
    """Another writer has moved the thread on meanwhile: this checkpoint would have forked it. Nothing was written.

    Load the newest checkpoint and run again from there, or fork on purpose: invoke with the `checkpoint_id`.
    """

    is_stale_write_owner_error = True
    """What LangGraph's proposal for write ownership knows a superseded writer's refusal by (langgraph#8796)."""

    def __init__(self, thread_id: str, checkpoint_ns: str, parent_id: str | None, head_id: str | None) -> None:
        where = f"thread {thread_id!r}" + (f", namespace {checkpoint_ns!r}" if checkpoint_ns else "")
        grew = "begin it" if parent_id is None else f"follow checkpoint {parent_id}"
        now = "it is empty now" if head_id is None else f"the newest is {head_id} by now"
        super().__init__(
            f"another writer has moved {where} on: this checkpoint was to {grew}, and {now}. Nothing was written. "
            "Load the newest checkpoint and run again from there, or fork on purpose by invoking with a checkpoint_id",
            code=grpc.StatusCode.ABORTED,
            reason="PRECONDITION_FAILED",
            metadata={"thread_id": thread_id, "checkpoint_ns": checkpoint_ns},
        )
        self.thread_id = thread_id
        self.checkpoint_ns = checkpoint_ns
        self.parent_id = parent_id
        """The checkpoint that it was to follow; `None`: to be the first."""
        self.head_id = head_id
        """The newest one there is."""
