"""The session: what `Runner.run(…, session=…)` takes."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from types import TracebackType
from typing import Any, TypeAlias, TypeGuard, TypeVar

from agents.exceptions import UserError
from agents.items import TResponseInputItem
from agents.memory import SessionABC, SessionSettings

import hyperloom.sync
from hyperloom import _verbs
from hyperloom._sync import verbs as _sync_verbs
from hyperloom._sync.loop import LoopThread
from hyperloom.openai_agents._errors import telling
from hyperloom.openai_agents._history import History
from hyperloom.openai_agents._items import read_item, stored_items
from hyperloom.openai_agents._names import session_path

Outcome = TypeVar("Outcome")

Broker: TypeAlias = "_verbs.Verbs | _sync_verbs.Verbs | str | Sequence[str] | None"
"""An address (or several), `None` for `HYPERLOOM_ADDRESS`, or a client, ghost or lock, of asyncio or blocking."""


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
        self._owned: hyperloom.sync.Client | None = None
        self._loop: LoopThread | None = None
        if isinstance(broker, _verbs.Verbs):
            verbs = broker
        else:
            blocking = broker if isinstance(broker, _sync_verbs.Verbs) else self._connect(broker, author)
            self._loop, verbs = blocking._loop, blocking._verbs
        self._history = History(verbs, self.path)

    async def get_items(self, limit: int | None = None) -> list[TResponseInputItem]:
        """The conversation so far, oldest first; with a `limit` the newest, and nothing else is read."""
        if limit is None and self.session_settings is not None:
            limit = self.session_settings.limit
        with telling(f"read session {self.session_id!r}"):
            nodes = await self._run(self._history.read(limit))
        return [read_item(node.value, node.path) for node in nodes]

    async def add_items(self, items: list[TResponseInputItem]) -> None:
        """Appends items, together and in order, whoever else appends. Returns when they are durable."""
        if not items:
            return
        stored = stored_items(items)
        with telling(f"add to session {self.session_id!r}"):
            await self._settle(self._history.append(stored))

    async def pop_item(self) -> TResponseInputItem | None:
        """Takes the newest item away and returns it; `None` where there is none. Two callers never get the same one."""
        with telling(f"pop from session {self.session_id!r}"):
            node = await self._settle(self._history.pop())
        return None if node is None else read_item(node.value, node.path)

    async def clear_session(self) -> None:
        """Takes all items away. What else agents keep below the session's id stays; so does history."""
        with telling(f"clear session {self.session_id!r}"):
            await self._settle(self._history.clear())

    def close(self) -> None:
        """Closes the connection, where it is the session's own."""
        if self._owned is not None:
            self._owned.close()

    async def __aenter__(self) -> HyperloomSession:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.close)

    def _connect(self, broker: object, author: str) -> hyperloom.sync.Client:
        if broker is not None and not isinstance(broker, str) and not _are_addresses(broker):
            raise UserError(
                f"a session takes an address or a client of hyperloom.connect(…), not {type(broker).__name__}"
            )
        self._owned = hyperloom.sync.connect(broker, author=author)
        return self._owned

    async def _run(self, work: Coroutine[Any, Any, Outcome]) -> Outcome:
        """Waits for work in the loop of the client, which is another one where blocking clients have it."""
        return await (work if self._loop is None else asyncio.wrap_future(self._loop.start(work)))

    async def _settle(self, work: Coroutine[Any, Any, Outcome]) -> Outcome:
        """Waits for the outcome of a change also when the caller is cancelled, as the SDK's own sessions do.

        A run that is cancelled must know what is stored: it may pop again what it has added.
        """
        task = asyncio.ensure_future(self._run(work))
        cancelled: asyncio.CancelledError | None = None
        while not task.done():
            try:
                await asyncio.wait({task})
            except asyncio.CancelledError as error:
                cancelled = cancelled or error
        if cancelled is not None:
            task.exception()  # It is looked at: the caller's cancellation is what counts.
            raise cancelled
        return task.result()


def _are_addresses(broker: object) -> TypeGuard[Sequence[str]]:
    return isinstance(broker, Sequence) and all(isinstance(each, str) for each in broker)
