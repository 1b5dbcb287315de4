"""The history provider: what an agent's `context_providers` take."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Final

from agent_framework import HistoryProvider, Message

from hyperloom._adapters.item_list import ItemList
from hyperloom._adapters.link import Broker, Link
from hyperloom._adapters.names import filled_segment_of, root_of
from hyperloom._node import Node
from hyperloom._values import Json, json_bytes
from hyperloom.agent_framework._errors import InvalidIdError, NotStorableError, StorageError, telling

MESSAGE_BYTES_MAX: Final = 2 * 1024 * 1024
"""The broker's own limit for a value."""

_EXAMPLE: Final = "HyperloomHistoryProvider('host:port')"


class HyperloomHistoryProvider(HistoryProvider):
    """Keeps what was said in a Hyperloom broker: `Agent(client, context_providers=[HyperloomHistoryProvider()])`.

    A message is a node; a run stores what it adds, together and in order, whoever else runs in the same session.

    `broker`: an address, or `None` for `HYPERLOOM_ADDRESS` or 127.0.0.1:7400: then the provider has a connection of its
    own (`close()` ends it) and may be used in any thread and event loop. So it may with a client of `hyperloom.sync`.
    With a client of asyncio it belongs to that client's loop. With a ghost, all that runs store is seen outside only
    when the ghost is committed. `root`: the path that sessions lie below, each as a tree or subtree named by its id.
    `limit`: load only so many of the newest messages. The others are those of `HistoryProvider`.
    """

    DEFAULT_SOURCE_ID = "hyperloom"

    def __init__(
        self,
        broker: Broker = None,
        source_id: str = DEFAULT_SOURCE_ID,
        *,
        root: str = "",
        author: str = "agent-framework",
        limit: int | None = None,
        load_messages: bool = True,
        store_inputs: bool = True,
        store_context_messages: bool = False,
        store_context_from: set[str] | None = None,
        store_outputs: bool = True,
    ) -> None:
        super().__init__(
            source_id,
            load_messages=load_messages,
            store_inputs=store_inputs,
            store_context_messages=store_context_messages,
            store_context_from=store_context_from,
            store_outputs=store_outputs,
        )
        with telling("make a history provider", _EXAMPLE):
            self._root = root_of(root)
            self._name = filled_segment_of("the source id", source_id)
        self._link = Link(broker, author, "a history provider")
        self._limit = limit

    async def get_messages(
        self, session_id: str | None, *, state: dict[str, Any] | None = None, **kwargs: Any
    ) -> list[Message]:
        """What was said so far, oldest first."""
        with telling(f"read the history of session {session_id!r}", _EXAMPLE):
            nodes = await self._link.run(self._items(session_id).read(self._limit))
        return [_message_of(node) for node in nodes]

    async def save_messages(
        self,
        session_id: str | None,
        messages: Sequence[Message],
        *,
        state: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """Adds messages at the end, together and in order. Returns when they are durable."""
        stored = [_stored(message, index) for index, message in enumerate(messages)]
        if not stored:
            return
        with telling(f"add to the history of session {session_id!r}", _EXAMPLE):
            await self._link.settle(self._items(session_id).append(stored))

    async def clear(self, session_id: str | None) -> None:
        """Takes all messages of a session away."""
        with telling(f"clear the history of session {session_id!r}", _EXAMPLE):
            await self._link.settle(self._items(session_id).clear())

    def path(self, session_id: str | None) -> str:
        """Where a session's messages lie in the tree."""
        with telling("find a session", _EXAMPLE):
            return self._path(session_id)

    def close(self) -> None:
        """Closes the connection, where it is the provider's own."""
        self._link.close()

    async def __aenter__(self) -> HyperloomHistoryProvider:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.close)

    def _path(self, session_id: str | None) -> str:
        if session_id is None:
            raise InvalidIdError("a history needs a session: run the agent with `session=agent.create_session()`")
        return f"{self._root}/{filled_segment_of('the session id', session_id)}/agent-framework/{self._name}"

    def _items(self, session_id: str | None) -> ItemList:
        return ItemList(self._link.verbs, self._path(session_id), "history")


def _stored(message: Message, index: int) -> Json:
    try:
        text = json_bytes(message.to_dict())
    except (TypeError, ValueError, RecursionError) as error:
        raise NotStorableError(
            f"message {index} cannot be stored as JSON: {error}. Keep plain data in additional_properties and in what "
            "tools return"
        ) from error
    if len(text) > MESSAGE_BYTES_MAX:
        raise NotStorableError(
            f"message {index} takes {len(text):,} bytes, and {MESSAGE_BYTES_MAX:,} are the most: keep large files "
            "elsewhere, and let the message name them by URI"
        )
    return Json(text.decode())


def _message_of(node: Node) -> Message:
    try:
        return Message.from_dict(node.value)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise StorageError(
            f"{node.path} holds no message of a history: something else was put there, or a newer version of the "
            "framework wrote it. Update, or delete the node"
        ) from error
