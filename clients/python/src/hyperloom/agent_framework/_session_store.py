"""The session store: snapshots of agents' sessions, by ids of the application's choice."""

from __future__ import annotations

import asyncio
import warnings
from functools import partial
from types import TracebackType
from typing import Any, Final

from agent_framework import AgentSession, SessionStore

from hyperloom._adapters.link import Broker, Link
from hyperloom._adapters.names import filled_segment_of, root_of
from hyperloom._adapters.piece_store import PieceStore, steady
from hyperloom.agent_framework._errors import NotStorableError, StorageError, telling

STORES_MAX: Final = 1_000
"""Sessions of which it is kept in mind what is stored; those that were not used for longest are forgotten first."""

UNUSED_FACTOR: Final = 2
"""Pieces of earlier snapshots stay until there are so many times those of the newest, as sweeping reads them all."""

UNUSED_MIN: Final = 64
"""Fewer are not worth it."""

_EXAMPLE: Final = "HyperloomSessionStore('host:port')"


with warnings.catch_warnings():
    # The framework warns of its experimental base class, once a process, already where somebody derives from it.
    warnings.simplefilter("ignore")

    class _SessionStore(SessionStore):
        """The framework's."""


class HyperloomSessionStore(_SessionStore):
    """Keeps snapshots of sessions in a Hyperloom broker: `AgentState(agent, session_store=HyperloomSessionStore())`.

    A snapshot is stored in pieces, of which those are written that are new. `broker`, `root` and `author` are those
    of `HyperloomHistoryProvider`. Of two writers the last one wins, as with the framework's own stores; what was there
    before stays in the broker's history.
    """

    def __init__(self, broker: Broker = None, *, root: str = "", author: str = "agent-framework") -> None:
        super().__init__()
        with telling("make a session store", _EXAMPLE):
            self._root = root_of(root)
        self._link = Link(broker, author, "a session store")
        self._stores: dict[str, PieceStore] = {}

    async def get(self, session_id: str) -> AgentSession | None:
        """A copy of the stored session, or `None`. Raises `ValueError` for the empty id."""
        SessionStore.validate_session_id(session_id)
        with telling(f"read session {session_id!r}", _EXAMPLE):
            values = await self._link.run(steady(partial(self._read, self._path(session_id))))
        if not values:
            return None
        try:
            return AgentSession.from_dict(values[0])
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise StorageError(
                f"{self._path(session_id)} holds no session that can be restored: {error}. Register the types of its "
                "state with register_state_type, at import, or delete it"
            ) from error

    async def set(self, session_id: str, session: AgentSession) -> None:
        """Stores a snapshot, in the place of any earlier one. Raises `ValueError` for the empty id."""
        SessionStore.validate_session_id(session_id)
        with telling(f"store session {session_id!r}", _EXAMPLE):
            path = self._path(session_id)
            try:
                value = session.to_dict()
                await self._link.settle(self._write(path, value))
            except (TypeError, ValueError, RecursionError) as error:
                raise NotStorableError(
                    f"session {session_id!r} cannot be stored: {error}. Keep plain data in its state, or register its "
                    "types with register_state_type; keep large data elsewhere"
                ) from error

    async def delete(self, session_id: str) -> None:
        """Deletes the stored session, if there is one. Raises `ValueError` for the empty id."""
        SessionStore.validate_session_id(session_id)
        with telling(f"delete session {session_id!r}", _EXAMPLE):
            path = self._path(session_id)
            self._stores.pop(path, None)
            await self._link.settle(self._link.verbs.delete(path))

    async def _read(self, path: str) -> list[Any]:
        node = await self._link.verbs.find(_value_path(path))
        return [] if node is None else await self._pieces(path).values([node])

    async def _write(self, path: str, value: Any) -> None:
        pieces = self._pieces(path)
        used = await pieces.put({_value_path(path): value}, label="store a session")
        if pieces.known > UNUSED_FACTOR * used + UNUSED_MIN:
            # Not done where somebody else writes meanwhile: the next one will.
            await pieces.sweep(f"{path}/values", ())

    def _pieces(self, path: str) -> PieceStore:
        found = self._stores.pop(path) if path in self._stores else PieceStore(self._link.verbs, path)
        self._stores[path] = found
        if len(self._stores) > STORES_MAX:
            self._stores.pop(next(iter(self._stores)))
        return found

    def close(self) -> None:
        """Closes the connection, where it is the store's own."""
        self._link.close()

    async def __aenter__(self) -> HyperloomSessionStore:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.close)

    def _path(self, session_id: str) -> str:
        return f"{self._root}/{filled_segment_of('the session id', session_id)}/agent-framework/snapshot"


def _value_path(path: str) -> str:
    return f"{path}/values/session"
