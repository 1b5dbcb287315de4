"""Where a client, a ghost or a lock stands, which all its calls say: agent, forest, ghost, and what it holds."""

from __future__ import annotations

from hyperloom._agent import Agent
from hyperloom._connection import Connection
from hyperloom._errors import HyperloomError
from hyperloom._methods import Method, Request, Response
from hyperloom._publisher import Observer
from hyperloom._right import Fence, FencedObserver


class Standing:
    """What verbs of all kinds are built on."""

    def __init__(self, connection: Connection, agent: Agent, ghost_id: str, fence: Fence | None = None) -> None:
        self._connection = connection
        self._agent = agent
        self._ghost_id = ghost_id
        self._fence = fence

    @property
    def author(self) -> str:
        """Whose name is on the writes."""
        return self._agent.author

    @property
    def forest(self) -> str:
        """The forest."""
        return self._agent.forest or "default"

    @property
    def newest_revision(self) -> int:
        """The newest trunk revision seen so far. Reads see at least this one unless told otherwise."""
        return self._agent.newest_revision

    @property
    def is_ghost(self) -> bool:
        """For this package: whether it reads and writes in a ghost."""
        return self._ghost_id != ""

    @property
    def _observer(self) -> Observer:
        return self._agent if self._fence is None else FencedObserver(self._agent, self._fence)

    async def _call(self, method: Method[Request, Response], request: Request, timeout: float | None) -> Response:
        """A call that is refused here where the lock or lease that it would be made under is lost."""
        fence = self._fence
        if fence is None:
            return await self._connection.call(method, request, timeout)
        fence.check()
        try:
            return await self._connection.call(method, request, timeout)
        except HyperloomError as error:
            fence.refused(error)
            raise

    @property
    def _fencing_tokens(self) -> tuple[int, ...]:
        return () if self._fence is None else self._fence.held_tokens

    @property
    def _known_edition(self) -> int:
        """In a ghost: its edition as far as this process knows it. 0 on the trunk."""
        return 0

    def forget(self) -> None:
        """Forgets what the agent has read so far: what it writes from now on has nothing to do with that."""
        if self._agent.basis is not None:
            self._agent.basis.clear()
