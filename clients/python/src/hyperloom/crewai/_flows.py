"""The persistence of flows: what `@persist(…)` and `Flow(persistence=…)` take."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Final

from crewai.flow.async_feedback.types import PendingFeedbackContext
from crewai.flow.persistence.base import FlowPersistence
from pydantic import BaseModel, Field, PrivateAttr
from pydantic_core import PydanticSerializationError, to_jsonable_python

from hyperloom import operation
from hyperloom._adapters.document import Document
from hyperloom._adapters.names import filled_segment_of, root_of
from hyperloom._adapters.parts import document_of, dumps, stored_parts
from hyperloom._adapters.reading import read_below
from hyperloom._sync.verbs import Verbs as BlockingVerbs
from hyperloom._values import Json
from hyperloom._verbs import Verbs
from hyperloom.crewai._errors import NotStorableError, StorageError, telling
from hyperloom.crewai._way import Broker, Way, must_be_broker

FLOWS_KNOWN_MAX: Final = 64
"""Flows whose last state is remembered, so that the next save need not read it again."""

CONTEXT_BYTES_MAX: Final = 2 * 1024 * 1024
"""The broker's own limit for a value."""


class FlowsCore:
    """The work of one persistence, as coroutines of the client's loop."""

    def __init__(self, verbs: Verbs, root: str) -> None:
        self._verbs = verbs
        self._root = root
        self._documents: OrderedDict[str, Document] = OrderedDict()

    async def save(self, flow_uuid: str, method: str, state: Mapping[str, Any], context: Json | None) -> None:
        """Stores a state; with a context the flow waits for feedback from here."""
        document = self._document(flow_uuid)
        pending = f"{document.path}/pending"
        # The state as it is now: a copy costs nothing, and later saves do not change it.
        also = (
            []
            if context is None
            else [operation.put(pending, context), operation.copy(document.state_path, f"{pending}/state")]
        )
        await document.save(state, {"method": method}, also=also, label=method[:100])

    async def load(self, flow_uuid: str) -> dict[str, Any] | None:
        """The newest state."""
        found = await self._document(flow_uuid).load()
        return None if found is None else found[1]

    async def load_pending(self, flow_uuid: str) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """State and context of a flow that waits for feedback."""
        path = f"{self._document(flow_uuid).path}/pending"
        node = await self._verbs.find(path)
        if node is None or not isinstance(node.value, dict):
            return None
        at = 0 if self._verbs.is_ghost else node.revision
        nodes = await read_below(self._verbs, path, depth=0, at_revision=at)
        where = f"{path}/state"
        return document_of(stored_parts(nodes, where), where), node.value

    async def clear_pending(self, flow_uuid: str) -> None:
        """The flow does not wait any more."""
        path = f"{self._document(flow_uuid).path}/pending"
        await self._verbs.publish([operation.delete(path)], label="feedback received")

    def _document(self, flow_uuid: str) -> Document:
        path = f"{self._root}/{filled_segment_of('flow id', flow_uuid)}/crewai-flow"
        document = self._documents.pop(path, None) or Document(self._verbs, path)
        self._documents[path] = document
        while len(self._documents) > FLOWS_KNOWN_MAX:
            self._documents.popitem(last=False)
        return document


class HyperloomFlowPersistence(FlowPersistence):
    """Keeps the states of flows in a Hyperloom broker: `@persist(HyperloomFlowPersistence())`.

    The first argument is a broker: an address, or `None` for `HYPERLOOM_ADDRESS` or 127.0.0.1:7400, or a client, ghost
    or lock of `hyperloom.sync`. Nothing is connected before the first call. The fields of a flow's state are nodes
    below `{root}/{flow id}/crewai-flow/state`; a save writes those that have changed, and appends to lists that have
    grown.

    Raises `ValueError`s for bad input, and `StorageError`s.
    """

    persistence_type: str = Field(default="HyperloomFlowPersistence")
    address: str | list[str] | None = Field(default=None, description="Where the broker is.")
    root: str = Field(default="", description="The path that flows lie below.")
    author: str = Field(default="crewai", description="Whose name is on what is written.")
    _way: Way[FlowsCore] = PrivateAttr()

    def __init__(self, broker: Broker = None, /, **fields: Any) -> None:
        must_be_broker(broker, "HyperloomFlowPersistence")
        if broker is not None and not isinstance(broker, BlockingVerbs):
            fields["address"] = broker if isinstance(broker, str) else list(broker)
        super().__init__(**fields)
        with telling("open the persistence of flows"):
            root = root_of(self.root)

        def make(verbs: Verbs) -> FlowsCore:
            return FlowsCore(verbs, root)

        reached = broker if isinstance(broker, BlockingVerbs) else self.address
        self._way = Way(reached, self.author, make, "HyperloomFlowPersistence")

    def init_db(self) -> None:
        """There is nothing to prepare: a flow's nodes are made with its first state."""

    def save_state(self, flow_uuid: str, method_name: str, state_data: dict[str, Any] | BaseModel) -> None:
        """Stores the state after a method; returns when it is durable."""
        self._save(flow_uuid, method_name, state_data, None)

    def load_state(self, flow_uuid: str) -> dict[str, Any] | None:
        """The newest state, or `None`."""
        with telling(f"load the state of flow {flow_uuid!r}"):
            return self._way.run(lambda core: core.load(flow_uuid))

    def save_pending_feedback(
        self, flow_uuid: str, context: PendingFeedbackContext, state_data: dict[str, Any] | BaseModel
    ) -> None:
        """Stores the state and what the flow waits for, in one revision."""
        try:
            text = dumps(context.to_dict())
        except (TypeError, ValueError, RecursionError) as error:
            raise NotStorableError(
                f"what flow {flow_uuid!r} waits for cannot be stored as JSON: {error}. Let the method return plain "
                "dicts, texts and numbers, or a Pydantic model"
            ) from error
        if len(text.encode()) > CONTEXT_BYTES_MAX:
            raise NotStorableError(
                f"what flow {flow_uuid!r} shows for feedback takes {len(text.encode()):,} bytes, and "
                f"{CONTEXT_BYTES_MAX:,} are the most: let the method return a shorter one, and keep the rest elsewhere"
            )
        self._save(flow_uuid, context.method_name, state_data, Json(text))

    def load_pending_feedback(self, flow_uuid: str) -> tuple[dict[str, Any], PendingFeedbackContext] | None:
        """The state in which a flow waits for feedback, and what for; `None` where it does not."""
        with telling(f"load what flow {flow_uuid!r} waits for"):
            found = self._way.run(lambda core: core.load_pending(flow_uuid))
        if found is None:
            return None
        state, context = found
        try:
            return state, PendingFeedbackContext.from_dict(context)
        except (KeyError, TypeError, ValueError) as error:
            raise StorageError(f"what flow {flow_uuid!r} waits for is not readable: {error!r}") from error

    def clear_pending_feedback(self, flow_uuid: str) -> None:
        """The flow has got its feedback."""
        with telling(f"clear what flow {flow_uuid!r} waits for"):
            self._way.run(lambda core: core.clear_pending(flow_uuid))

    def close(self) -> None:
        """Closes the connection, where it is its own; the next call opens another one."""
        self._way.close()

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> HyperloomFlowPersistence:
        """Itself: flows that are copied share it."""
        return self

    def __copy__(self) -> HyperloomFlowPersistence:
        """Itself."""
        return self

    def _save(self, flow_uuid: str, method: str, state_data: dict[str, Any] | BaseModel, context: Json | None) -> None:
        state = _plain(flow_uuid, state_data)
        with telling(f"save the state of flow {flow_uuid!r}"):
            self._way.run(lambda core: core.save(flow_uuid, method, state, context))


def _plain(flow_uuid: str, state_data: dict[str, Any] | BaseModel) -> dict[str, Any]:
    """A state as plain JSON. What Pydantic knows how to write, such as times, a structured state gets back."""
    if not isinstance(state_data, (dict, BaseModel)):
        raise NotStorableError(f"a flow's state is a dict or a Pydantic model, not {type(state_data).__name__}")
    try:
        state: dict[str, Any] = to_jsonable_python(state_data)
        dumps(state)
    except (TypeError, ValueError, RecursionError, PydanticSerializationError) as error:
        raise NotStorableError(
            f"the state of flow {flow_uuid!r} cannot be stored as JSON{_culprit(state_data)}: {error}. Keep plain "
            "values and Pydantic models in it"
        ) from error
    return state


def _culprit(state_data: Mapping[str, Any] | BaseModel) -> str:
    """Which field it is."""
    for key, value in state_data.items() if isinstance(state_data, Mapping) else state_data:
        try:
            dumps(to_jsonable_python(value))
        except (TypeError, ValueError, RecursionError, PydanticSerializationError):
            return f" (field {key!r})"
    return ""
