"""The session: what `Runner.run(…, session=…)` takes."""

from __future__ import annotations

from types import TracebackType
from typing import Any

from agents.exceptions import UserError
from agents.items import TResponseInputItem
from agents.memory import SessionABC, SessionSettings

from hyperloom._adapters.item_list import ItemList
from hyperloom._adapters.link import Broker, Link
from hyperloom.openai_agents._errors import telling
from hyperloom.openai_agents._items import read_item, stored_items
from hyperloom.openai_agents._names import session_path


class HyperloomSession(SessionABC):
    """A conversation's items, each a node of its own: `Runner.run(agent, "Hello", session=HyperloomSession("chat 1"))`.

    `broker`: an address, or `None` for `HYPERLOOM_ADDRESS` or 127.0.0.1:7400: then the session has a connection of its
    own (`close()` ends it) and may be used in any thread and event loop, `Runner.run_sync` included. So it may with a
    client of `hyperloom.sync`. With a client of asyncio it belongs to that client's loop. With a ghost, all that the
    run says is seen outside only when the ghost is committed.

    `root`: the path that sessions lie below, each as a tree or subtree named by its id. `session_settings`: as with the
    SDK's own sessions; its `limit` is how many of the newest items are read where a call names no limit.

    Raises `agents.exceptions.UserError` for bad input, and `SessionError`s.
    """

    def __init__(
        self,
        session_id: str,
        broker: Broker = None,
        *,
        root: str = "",
        author: str = "",
        session_settings: SessionSettings | dict[str, Any] | None = None,
    ) -> None:
        self.session_id = session_id
        settings = SessionSettings(**session_settings) if isinstance(session_settings, dict) else session_settings
        self.session_settings = settings or SessionSettings()
        self.path = session_path(root, session_id)
        """Where it lies in the tree."""
        try:
            self._link = Link(broker, author, "a session")
        except TypeError as error:
            raise UserError(str(error)) from error
        self._history = ItemList(self._link.verbs, self.path, "session")

    async def get_items(self, limit: int | None = None) -> list[TResponseInputItem]:
        """The conversation so far, oldest first; with a `limit` the newest, and nothing else is read."""
        if limit is None and self.session_settings is not None:
            limit = self.session_settings.limit
        with telling(f"read session {self.session_id!r}"):
            nodes = await self._link.run(self._history.read(limit))
        return [read_item(node.value, node.path) for node in nodes]

    async def add_items(self, items: list[TResponseInputItem]) -> None:
        """Appends items, together and in order, whoever else appends. Returns when they are durable."""
        if not items:
            return
        stored = stored_items(items)
        with telling(f"add to session {self.session_id!r}"):
            await self._link.settle(self._history.append(stored))

    async def pop_item(self) -> TResponseInputItem | None:
        """Takes the newest item away and returns it; `None` where there is none. Two callers never get the same one."""
        with telling(f"pop from session {self.session_id!r}"):
            node = await self._link.settle(self._history.pop())
        return None if node is None else read_item(node.value, node.path)

    async def clear_session(self) -> None:
        """Takes all items away. What else agents keep below the session's id stays; so does history."""
        with telling(f"clear session {self.session_id!r}"):
            await self._link.settle(self._history.clear())

    def close(self) -> None:
        """Closes the connection, where it is the session's own."""
        self._link.close()

    async def __aenter__(self) -> HyperloomSession:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._link.aclose()
