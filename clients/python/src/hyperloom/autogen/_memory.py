"""The memory: what `AssistantAgent(memory=[…])` takes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from types import TracebackType
from typing import Any, TypeVar

from autogen_core import CancellationToken, Component
from autogen_core.memory import Memory, MemoryContent, MemoryQueryResult, UpdateContextResult
from autogen_core.model_context import ChatCompletionContext
from autogen_core.models import SystemMessage
from pydantic import BaseModel, Field
from typing_extensions import Self

from hyperloom._adapters.item_list import ItemList
from hyperloom._adapters.link import Broker, Link
from hyperloom._adapters.names import filled_segment_of, root_of
from hyperloom._adapters.shelf import Shelf
from hyperloom.autogen._contents import Stored, content_json, searchable, stored_content
from hyperloom.autogen._embedding import Embed, cosine, embed_of, embedded, name_of_embed
from hyperloom.autogen._errors import NotStorableError, telling

Outcome = TypeVar("Outcome")


class HyperloomMemoryConfig(BaseModel):
    """What it takes to make the same memory again, in another process."""

    name: str
    address: str | list[str] | None = Field(default=None, description="The broker; by default HYPERLOOM_ADDRESS.")
    root: str = Field(default="", description="The path that memories lie below.")
    author: str = Field(default="autogen", description="Whose name is on what is written.")
    k: int | None = Field(default=None, ge=1, description="How many contents a query tells at most.")
    score_threshold: float | None = Field(default=None, description="Less likely contents are not told.")
    embed: str | None = Field(default=None, description="The embedding function, as 'package.module:function'.")


class HyperloomMemory(Memory, Component[HyperloomMemoryConfig]):
    """Keeps what agents remember in a Hyperloom broker, in order, for any number of agents at once.

    `name`: memories of one name are one memory, in whichever process. `broker`: an address, or `None` for
    `HYPERLOOM_ADDRESS` or 127.0.0.1:7400: then the memory has a connection of its own (`close()` ends it) and may be
    used in any event loop. Or a client, ghost or lock of `hyperloom.connect` or `hyperloom.sync.connect`.

    Without `embed` a query tells all contents, oldest first, as `ListMemory` does; with `k` the newest `k`. With
    `embed` it tells those that are most like it, with their `score` in the metadata: the `k` best (5, unless said
    otherwise) from `score_threshold` on.

    Raises `ValueError`s for bad input, and `StorageError`s.
    """

    component_type = "memory"
    component_provider_override = "hyperloom.autogen.HyperloomMemory"
    component_config_schema = HyperloomMemoryConfig

    def __init__(
        self,
        name: str = "default",
        broker: Broker = None,
        *,
        root: str = "",
        author: str = "autogen",
        k: int | None = None,
        score_threshold: float | None = None,
        embed: Embed | str | None = None,
    ) -> None:
        self._name = name
        with telling("open the memory"):
            self.path = f"{root_of(root)}/{filled_segment_of('the name of a memory', name)}/autogen-memory"
        """Where it lies in the tree."""
        self._embed = embed_of(embed)
        self._embed_given = embed
        self._k = _positive(k)
        self._score_threshold = score_threshold
        self._root, self._author = root, author
        self._broker = broker
        self._link = Link(broker, author, "HyperloomMemory")
        self._items = ItemList(self._link.verbs, self.path, "memory")
        self._shelf = Shelf(self._link.verbs, stored_content)

    @property
    def name(self) -> str:
        """Its name."""
        return self._name

    async def add(self, content: MemoryContent, cancellation_token: CancellationToken | None = None) -> None:
        """Remembers a content, behind all others; returns when it is durable."""
        vector: Sequence[float] | None = None
        if self._embed is not None and (text := searchable(content).strip()):
            vector = await self._unless_cancelled(partial(embedded, self._embed, text), cancellation_token)
        item = content_json(content, vector)
        with telling(f"add to memory {self._name!r}"):
            await self._unless_cancelled(lambda: self._link.settle(self._items.append([item])), cancellation_token)

    async def query(
        self, query: str | MemoryContent = "", cancellation_token: CancellationToken | None = None, **kwargs: Any
    ) -> MemoryQueryResult:
        """What is remembered, or of that what is most like the query. `k` and `score_threshold` may be given here."""
        k = _positive(kwargs.get("k", self._k))
        if self._embed is None or not (text := searchable(query).strip()):
            stored = await self._unless_cancelled(self._all, cancellation_token)
            newest = stored if k is None else stored[-k:]
            return MemoryQueryResult(results=[each.content() for each in newest])
        vector = await self._unless_cancelled(partial(embedded, self._embed, text), cancellation_token)
        stored = await self._unless_cancelled(self._all, cancellation_token)
        ranked = self._ranked(stored, vector, kwargs.get("score_threshold", self._score_threshold))
        return MemoryQueryResult(results=[each.content(score) for score, each in ranked[: 5 if k is None else k]])

    async def update_context(self, model_context: ChatCompletionContext) -> UpdateContextResult:
        """Adds a system message with what is remembered, or of that what is most like the newest message."""
        query = ""
        if self._embed is not None:
            messages = await model_context.get_messages()
            if not messages:
                return UpdateContextResult(memories=MemoryQueryResult(results=[]))
            content = messages[-1].content
            query = content if isinstance(content, str) else str(content)
        memories = await self.query(query)
        if memories.results:
            order = "(in chronological order)" if self._embed is None else "(most relevant first)"
            lines = [f"{number}. {content.content!s}" for number, content in enumerate(memories.results, 1)]
            text = f"\nRelevant memory content {order}:\n" + "\n".join(lines) + "\n"
            await model_context.add_message(SystemMessage(content=text))
        return UpdateContextResult(memories=memories)

    async def clear(self) -> None:
        """Forgets everything. It stays in history until that is compacted."""
        with telling(f"clear memory {self._name!r}"):
            await self._link.settle(self._items.clear())

    async def close(self) -> None:
        """Closes the connection, where it is the memory's own. What is remembered stays."""
        await self._link.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _all(self) -> list[Stored]:
        with telling(f"read memory {self._name!r}"):
            return list((await self._link.run(self._shelf.below(f"{self.path}/items"))).entries.values())

    def _ranked(
        self, stored: Sequence[Stored], query: Sequence[float], threshold: float | None
    ) -> list[tuple[float, Stored]]:
        scored: list[tuple[float, Stored]] = []
        for each in stored:
            if each.vector is None:
                continue
            if len(each.vector) != len(query):
                raise NotStorableError(
                    f"memory {self._name!r} holds embeddings of {len(each.vector)} numbers, and this function makes "
                    f"{len(query)}: use the one that it was filled with, or a memory of another name"
                )
            score = cosine(query, each.vector)
            if threshold is None or score >= threshold:
                scored.append((score, each))
        return sorted(scored, key=lambda pair: -pair[0])

    async def _unless_cancelled(
        self, work: Callable[[], Coroutine[Any, Any, Outcome]], token: CancellationToken | None
    ) -> Outcome:
        if token is not None and token.is_cancelled():
            raise asyncio.CancelledError
        task = asyncio.ensure_future(work())
        if token is not None:
            token.link_future(task)
        return await task

    def _to_config(self) -> HyperloomMemoryConfig:
        if self._broker is not None and not isinstance(self._broker, (str, Sequence)):
            raise TypeError(
                "this memory was given a client, which cannot be dumped: give it an address, or HYPERLOOM_ADDRESS"
            )
        address = self._broker if self._broker is None or isinstance(self._broker, str) else list(self._broker)
        return HyperloomMemoryConfig(
            name=self._name,
            address=address,
            root=self._root,
            author=self._author,
            k=self._k,
            score_threshold=self._score_threshold,
            embed=name_of_embed(self._embed_given),
        )

    @classmethod
    def _from_config(cls, config: HyperloomMemoryConfig) -> Self:
        return cls(
            config.name,
            config.address,
            root=config.root,
            author=config.author,
            k=config.k,
            score_threshold=config.score_threshold,
            embed=config.embed,
        )


def _positive(k: int | None) -> int | None:
    if k is not None and k < 1:
        raise ValueError(f"k must be at least 1, not {k}")
    return k
