"""The memory service: what `Runner(memory_service=…)` takes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Final

from google.adk.errors.input_validation_error import InputValidationError
from google.adk.events.event import Event
from google.adk.memory import _utils
from google.adk.memory.base_memory_service import BaseMemoryService, SearchMemoryResponse
from google.adk.memory.memory_entry import MemoryEntry
from google.adk.platform import uuid as platform_uuid
from google.adk.sessions.session import Session
from pydantic import ValidationError
from pydantic_core import PydanticSerializationError

from hyperloom._adapters.link import Broker
from hyperloom._adapters.names import filled_segment_of, name_of, root_of, segment_of
from hyperloom._node import Node
from hyperloom._values import Json
from hyperloom.google_adk._encoding import fitting
from hyperloom.google_adk._errors import telling
from hyperloom.google_adk._memory_store import MemoryStore, score, words_of
from hyperloom.google_adk._places import App
from hyperloom.google_adk._session_service import link_of

RESULTS_MAX: Final = 10
"""As with the kit's own memory: all that is found goes into the prompt."""

_EVENTS: Final = "events"
_ENTRIES: Final = "entries"


class HyperloomMemoryService(BaseMemoryService):
    """Remembers what was said in a Hyperloom broker: `Runner(…, memory_service=HyperloomMemoryService())`.

    What is remembered is found by the words that it shares with a query, the most first, at most ten. `broker`, `root`
    and `author` are those of `HyperloomSessionService`, whose users these are.
    """

    def __init__(self, broker: Broker = None, *, root: str = "", author: str = "google-adk") -> None:
        with telling("make a memory service"):
            self._root = root_of(root)
        self._link = link_of(broker, author)
        self._store = MemoryStore(self._link.verbs)

    async def add_session_to_memory(self, session: Session) -> None:
        """Remembers a session's events as they are now: what is new is added, what is gone is forgotten."""
        with telling(f"remember session {session.id!r}"):
            path = self._path(session.app_name, session.user_id)
            entries = _entries_of(session.events, None)
            await self._link.settle(self._store.replace(f"{path}/{_EVENTS}", session.id, entries))

    async def add_events_to_memory(
        self,
        *,
        app_name: str,
        user_id: str,
        events: Sequence[Event],
        session_id: str | None = None,
        custom_metadata: Mapping[str, object] | None = None,
    ) -> None:
        """Remembers events, each once. `custom_metadata` is told with what is found."""
        with telling("remember events"):
            path = self._path(app_name, user_id)
            entries = _entries_of(events, custom_metadata)
            await self._link.settle(self._store.add(f"{path}/{_EVENTS}", session_id or "", entries))

    async def add_memory(
        self,
        *,
        app_name: str,
        user_id: str,
        memories: Sequence[MemoryEntry],
        custom_metadata: Mapping[str, object] | None = None,
    ) -> None:
        """Remembers entries as they are. One with the id of an earlier one takes its place."""
        with telling("remember entries"):
            path = self._path(app_name, user_id)
            entries: dict[str, Json] = {}
            for memory in memories:
                metadata = {**memory.custom_metadata, **(custom_metadata or {})}
                stored = memory.model_copy(update={"custom_metadata": metadata})
                entries[filled_segment_of("the memory's id", memory.id or platform_uuid.new_uuid())] = _stored(stored)
            await self._link.settle(self._store.overwrite(path, _ENTRIES, entries))

    async def search_memory(self, *, app_name: str, user_id: str, query: str) -> SearchMemoryResponse:
        """What shares words with the query: those that share the most, of these the oldest first."""
        with telling("search the memory"):
            path = self._path(app_name, user_id)
            nodes = await self._link.run(self._store.holding(path, query))
            found = [_entry_of(node, path) for node in nodes]
        words = words_of(query)
        scored = [(score(words, _text_of(entry)), entry) for entry in found if entry is not None]
        scored.sort(key=lambda each: (-each[0], each[1].timestamp or ""))
        return SearchMemoryResponse(memories=[entry for count, entry in scored if count > 0][:RESULTS_MAX])

    async def delete_memory(self, *, app_name: str, user_id: str, memory_id: str | None = None) -> None:
        """Forgets what `search_memory` has told under this id. No error where there is none."""
        with telling("forget an entry"):
            if not memory_id:
                raise InputValidationError("name the entry to forget: memory_id is the id that search_memory tells")
            path = self._path(app_name, user_id)
            named = [f"{path}/{_ENTRIES}/{filled_segment_of('the id of the memory', memory_id)}"]
            session, slash, event = memory_id.rpartition("/")
            if slash and event:
                parts = (segment_of("the session id", session), segment_of("the id of the event", event))
                named.append("/".join((path, _EVENTS, *parts)))
            await self._link.settle(self._store.delete(*named))

    async def delete_memories(self, *, app_name: str, user_id: str) -> None:
        """Forgets all of a user."""
        with telling("forget a user's memories"):
            await self._link.settle(self._store.delete(self._path(app_name, user_id)))

    def close(self) -> None:
        """Closes the connection, where it is the service's own."""
        self._link.close()

    async def __aenter__(self) -> HyperloomMemoryService:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.close)

    def _path(self, app_name: str, user_id: str) -> str:
        return App.of(self._root, app_name).memory(user_id)


def _entries_of(events: Sequence[Event], metadata: Mapping[str, object] | None) -> dict[str, Json]:
    """Those events that say something, by their ids."""
    return {
        filled_segment_of("the event's id", event.id): _stored(
            MemoryEntry(
                content=event.content,
                author=event.author,
                timestamp=_utils.format_timestamp(event.timestamp),
                custom_metadata=dict(metadata or {}),
            )
        )
        for event in events
        if event.content and event.content.parts
    }


def _stored(entry: MemoryEntry) -> Json:
    try:
        text = entry.model_dump_json(exclude_none=True, exclude={"id"}).encode()
    except (PydanticSerializationError, ValueError) as error:
        raise InputValidationError(f"a memory cannot be stored as JSON: {error}. Keep plain data in it") from error
    return fitting(text, "a memory", "remember a summary, and keep large data as an artifact")


def _entry_of(node: Node, path: str) -> MemoryEntry | None:
    """The entry that a node holds; `None` where something else lies there."""
    parts = node.path[len(path) + 1 :].split("/")
    if parts[0] == _EVENTS and len(parts) == 3:
        memory_id = f"{name_of(parts[1])}/{name_of(parts[2])}"
    elif parts[0] == _ENTRIES and len(parts) == 2:
        memory_id = name_of(parts[1])
    else:
        return None
    try:
        entry = MemoryEntry.model_validate_json(node.json_text or "")
    except ValidationError:
        return None
    return entry.model_copy(update={"id": memory_id})


def _text_of(entry: MemoryEntry) -> str:
    return " ".join(part.text for part in entry.content.parts or () if part.text)
