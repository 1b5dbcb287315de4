"""Where teams and agents go on from: what their `save_state` returns, kept by name."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Final, Protocol

from typing_extensions import Self

from hyperloom._adapters.document import Document
from hyperloom._adapters.link import Broker, Link
from hyperloom._adapters.names import filled_segment_of, root_of
from hyperloom.autogen._errors import telling

STATES_KNOWN_MAX: Final = 64
"""States that are remembered as they were saved, so that the next save need not read them again."""


class HasState(Protocol):
    """A team, an agent, a runtime, a model context."""

    async def save_state(self) -> Mapping[str, Any]:
        """What it goes on from."""

    async def load_state(self, state: Mapping[str, Any]) -> None:
        """Goes on from there."""


class HyperloomStateStore:
    """Saves and loads the state of teams and agents: `await states.save("desk", team)`.

    A state is the document `{root}/{name}/autogen-state`. Saving it again writes only what has changed: of a growing
    conversation the new messages. `broker` is as for `HyperloomMemory`. Raises `ValueError`s and `StorageError`s.
    """

    def __init__(self, broker: Broker = None, *, root: str = "", author: str = "autogen") -> None:
        with telling("open the states"):
            self._root = root_of(root)
        self._link = Link(broker, author, "HyperloomStateStore")
        self._documents: OrderedDict[str, Document] = OrderedDict()

    async def save(self, name: str, source: HasState) -> None:
        """Saves what a team or agent would go on from; returns when that is durable."""
        state = await source.save_state()
        with telling(f"save state {name!r}"):
            head = {"type": str(state.get("type", ""))}
            await self._link.settle(self._document(name).save(state, head, label=f"save {name}"[:100]))

    async def load(self, name: str, target: HasState) -> bool:
        """Lets a team or agent go on from there. False, and nothing is done, where nothing was saved by that name."""
        state = await self.find(name)
        if state is None:
            return False
        await target.load_state(state)
        return True

    async def find(self, name: str) -> dict[str, Any] | None:
        """A state as it was saved."""
        with telling(f"load state {name!r}"):
            found = await self._link.run(self._document(name).load())
        return None if found is None else found[1]

    async def delete(self, name: str) -> None:
        """Takes a state away. It stays in history until that is compacted."""
        with telling(f"delete state {name!r}"):
            await self._link.settle(self._document(name).delete())

    async def close(self) -> None:
        """Closes the connection, where it is the store's own."""
        await self._link.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def _document(self, name: str) -> Document:
        path = f"{self._root}/{filled_segment_of('the name of a state', name)}/autogen-state"
        document = self._documents.pop(path, None) or Document(self._link.verbs, path)
        self._documents[path] = document
        while len(self._documents) > STATES_KNOWN_MAX:
            self._documents.popitem(last=False)
        return document
