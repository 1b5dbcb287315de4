"""The conversation store: what Pydantic AI keeps conversations in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, TypeVar

from pydantic_ai import AgentRun, AgentRunResult, DeferredToolRequests
from pydantic_ai.agent import AbstractAgent
from pydantic_ai.conversation import Conversation
from pydantic_ai.conversation_store import ConversationEntry, ConversationRecord, ConversationStore
from pydantic_ai.exceptions import UserError
from pydantic_ai.result import StreamedRunResult

from hyperloom._adapters.link import Broker, Link
from hyperloom._adapters.names import root_of
from hyperloom.pydantic_ai._core import Core
from hyperloom.pydantic_ai._errors import telling

Outcome = TypeVar("Outcome")
Deps = TypeVar("Deps")
Output = TypeVar("Output")


class HyperloomConversationStore(ConversationStore):
    """Keeps conversations in a Hyperloom broker, each message as a node of its own that forks and branches share.

    ```python
    async with HyperloomConversationStore() as store:
        result = await store.run(agent, "Hello", conversation_id="user 1")
    ```

    `broker`: an address, or `None` for `HYPERLOOM_ADDRESS` or 127.0.0.1:7400: then the store has a connection of its
    own (`close()` ends it) and may be used in any thread and event loop. So it may with a client of `hyperloom.sync`.
    With a client of asyncio it belongs to that client's loop. With a ghost, all that runs say is seen outside only when
    the ghost is committed. `root`: the path that conversations lie below, each as a subtree named by its id.

    Deleting a conversation deletes its messages, but for those of a conversation that others were forked from: they go
    with the last of these. Raises `UserError` for bad input, `ConversationConflict`, and `StoreError`s.
    """

    def __init__(self, broker: Broker = None, *, root: str = "/conversations", author: str = "pydantic-ai") -> None:
        with telling("make a conversation store"):
            path = root_of(root)
        if not path:
            raise UserError("root must be a path such as '/conversations'")
        try:
            self._link = Link(broker, author, "a conversation store")
        except TypeError as error:
            raise UserError(str(error)) from error
        self._core = Core(self._link.verbs, path)

    async def open(self, conversation_id: str, *, scope: str | None = None) -> Conversation:
        """The conversation of this id, or a new one."""
        return await self.load(conversation_id, scope=scope) or Conversation(conversation_id=conversation_id)

    async def run(
        self,
        agent: AbstractAgent[Any, Output],
        user_prompt: Any = None,
        *,
        conversation_id: str,
        scope: str | None = None,
        **options: Any,
    ) -> AgentRunResult[Output]:
        """`agent.run` in a stored conversation: loads it, or begins it, and saves what the run adds.

        Raises `ConversationConflict` where another run has been saved meanwhile; nothing of this one is stored then.
        """
        conversation = await self.open(conversation_id, scope=scope)
        result: AgentRunResult[Output] = await agent.run(user_prompt, conversation=conversation, **options)
        await self.save(result, scope=scope)
        return result

    @asynccontextmanager
    async def iter(
        self,
        agent: AbstractAgent[Deps, Output],
        user_prompt: Any = None,
        *,
        conversation_id: str,
        scope: str | None = None,
        **options: Any,
    ) -> AsyncIterator[AgentRun[Deps, Output]]:
        """`agent.iter` in a stored conversation: what the run has added is saved after the block, if it ended."""
        conversation = await self.open(conversation_id, scope=scope)
        async with agent.iter(user_prompt, conversation=conversation, **options) as run:
            yield run
        if run.result is not None:
            await self.save(run.result, scope=scope)

    @asynccontextmanager
    async def run_stream(
        self,
        agent: AbstractAgent[Deps, Output],
        user_prompt: Any = None,
        *,
        conversation_id: str,
        scope: str | None = None,
        **options: Any,
    ) -> AsyncIterator[StreamedRunResult[Deps, Output]]:
        """`agent.run_stream` in a stored conversation: what was said is saved at the end of the block, if all of it was
        read."""
        conversation = await self.open(conversation_id, scope=scope)
        async with agent.run_stream(user_prompt, conversation=conversation, **options) as streamed:
            yield streamed
        if streamed.is_complete:
            conversation.messages = [*conversation.messages, *streamed.new_messages()]
            conversation.usage = streamed.usage
            conversation.deferred_tool_requests = _waited_for(streamed)
            await self.save(conversation, scope=scope)

    async def read_record(self, conversation_id: str) -> ConversationRecord | None:
        """The record of a conversation, or `None`."""
        with telling(f"read conversation {conversation_id!r}"):
            return await self._run(self._core.record(conversation_id))

    async def read_records(self, *, scope: str | None = None, limit: int | None = None) -> Sequence[ConversationRecord]:
        """All records, or those of a scope, the newest first."""
        with telling("list conversations"):
            records = await self._run(self._core.records())
        chosen = [record for record in records if scope is None or record.scope == scope]
        chosen.sort(key=lambda record: record.updated_at, reverse=True)
        return chosen[:limit]

    async def write_record(
        self,
        record: ConversationRecord,
        *,
        new_entries: Sequence[ConversationEntry] = (),
        expected_revision: str | None,
    ) -> None:
        """Stores a record with the entries that are new, in one step. Raises `ConversationConflict`."""
        with telling(f"save conversation {record.conversation_id!r}"):
            await self._settle(self._core.write(record, new_entries, expected_revision))

    async def delete_record(self, conversation_id: str, *, expected_revision: str) -> None:
        """Deletes it with its messages, unless others were forked from it. Raises `ConversationConflict`."""
        with telling(f"delete conversation {conversation_id!r}"):
            await self._settle(self._core.delete(conversation_id, expected_revision))

    async def read_entry(self, entry_id: str) -> ConversationEntry:
        """The entry of this id. Raises `LookupError`."""
        return (await self.read_history(entry_id, limit=1))[0]

    async def read_history(self, head_id: str | None, *, limit: int | None = None) -> list[ConversationEntry]:
        """The newest entries up to one, oldest first: in a call for each thousand of them. Raises `LookupError`."""
        with telling("read messages"):
            return await self._run(self._core.history(head_id, limit))

    def close(self) -> None:
        """Closes the connection, where it is the store's own."""
        self._link.close()

    async def __aenter__(self) -> HyperloomConversationStore:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.close)

    async def _run(self, work: Coroutine[Any, Any, Outcome]) -> Outcome:
        return await self._link.run(work)

    async def _settle(self, work: Coroutine[Any, Any, Outcome]) -> Outcome:
        return await self._link.settle(work)


def _waited_for(streamed: StreamedRunResult[Any, Any]) -> DeferredToolRequests | None:
    """What a streamed run waits for; nothing where it was stopped before it had an output."""
    try:
        result = streamed.result
    except UserError:
        return None
    return None if result is None else result.conversation.deferred_tool_requests
