"""What a saver does, as coroutines of the client's loop; `HyperloomSaver` is its blocking and its asyncio face."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, cast

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
    DeltaChannelHistory,
    get_checkpoint_id,
    get_checkpoint_metadata,
)
from langgraph.checkpoint.serde.base import SerializerProtocol

from hyperloom import operation, precondition
from hyperloom._client import Client
from hyperloom._errors import PreconditionFailedError
from hyperloom.langgraph._handed_out import HandedOutId, handed_out
from hyperloom.langgraph._knowledge import ThreadKnowledge
from hyperloom.langgraph._names import Namespace, namespace_of
from hyperloom.langgraph._reader import ATTEMPTS_MAX, GoneError, Reader, Stored, filter_of, unreadable
from hyperloom.langgraph._record import Head
from hyperloom.langgraph._sweeper import Sweeper
from hyperloom.langgraph._walks import Walker, checkpoint_config
from hyperloom.langgraph._writer import Put, Writer


class Core:
    """The work of one saver. The serializer comes with each call: LangGraph derives savers with others."""

    def __init__(self, client: Client, root: str) -> None:
        self._client = client
        self._reader = Reader(client, root)
        self._writer = Writer(self._reader)
        self._walker = Walker(self._reader)
        self._sweeper = Sweeper(self._reader, self._walker)
        self._knowledge = self._reader.knowledge

    async def get_tuple(self, config: RunnableConfig, serde: SerializerProtocol) -> CheckpointTuple | None:
        """A checkpoint; without an id in the config, the newest."""
        thread_id, namespace = self._place(config)
        checkpoint_id = get_checkpoint_id(config) or None
        for _ in range(ATTEMPTS_MAX):
            known, head, stored = await self._reader.locate(namespace, checkpoint_id)
            if stored is None:
                if checkpoint_id is None:
                    self._knowledge.tell_none(namespace.path)
                return None
            try:
                found = await self._tuple(known, stored, thread_id, serde)
                return found if checkpoint_id is None else handed_out(found, head)
            except GoneError:
                self._knowledge.forget(namespace.thread.path)
        raise unreadable(namespace, checkpoint_id or "at the head")

    async def _tuple(
        self, known: ThreadKnowledge, stored: Stored, thread_id: Any, serde: SerializerProtocol
    ) -> CheckpointTuple:
        """Raises `GoneError`."""
        namespace, record = stored.namespace, stored.record
        values = await self._reader.values(known, stored, serde)
        writes = await self._reader.writes(stored)
        pending = await self._reader.pending(known, namespace, writes, serde) if writes else []
        parent = record.parent
        return CheckpointTuple(
            config=cast(RunnableConfig, checkpoint_config(namespace, thread_id, record.id)),
            checkpoint=record.checkpoint(values),
            metadata=cast(CheckpointMetadata, dict(record.metadata)),
            parent_config=None
            if parent is None
            else cast(RunnableConfig, checkpoint_config(namespace, thread_id, parent)),
            pending_writes=pending,
        )

    async def list(
        self,
        config: RunnableConfig | None,
        wanted: Mapping[str, Any] | None,
        before: RunnableConfig | None,
        limit: int | None,
        serde: SerializerProtocol,
    ) -> AsyncIterator[CheckpointTuple]:
        """Checkpoints of a namespace, of a thread, or of all threads; in each namespace newest first."""
        left = limit
        only = get_checkpoint_id(config) or None if config is not None else None
        earlier = get_checkpoint_id(before) or None if before is not None else None
        async for thread_id, namespace in self._namespaces(config):
            if left is not None and left <= 0:
                return
            async for stored in self._walker.checkpoints(namespace, filter_of(wanted), earlier, only):
                found = await self._listed(stored, thread_id, serde)
                if found is None:
                    continue
                yield handed_out(found, self._known_head(namespace)) if limit == 1 else found
                left = None if left is None else left - 1
                if left == 0:
                    break

    async def _listed(self, stored: Stored, thread_id: Any, serde: SerializerProtocol) -> CheckpointTuple | None:
        """`None` where it was taken away while the list was read."""
        namespace = stored.namespace
        known = self._knowledge.thread(namespace.thread.path)
        current: Stored | None = stored
        for _ in range(ATTEMPTS_MAX):
            if known is None:
                known, _, current = await self._reader.locate(namespace, stored.record.id)
            if current is None:
                return None
            try:
                return await self._tuple(known, current, thread_id, serde)
            except GoneError:
                self._knowledge.forget(namespace.thread.path)
                known = None
        raise unreadable(namespace, stored.record.id)

    def _known_head(self, namespace: Namespace) -> Head | None:
        known = self._knowledge.thread(namespace.thread.path)
        return None if known is None else known.heads.get(namespace.path)

    async def _namespaces(self, config: RunnableConfig | None) -> AsyncIterator[tuple[Any, Namespace]]:
        configurable = {} if config is None else config.get("configurable", {})
        if "thread_id" in configurable:
            threads = [(configurable["thread_id"], self._reader.thread(configurable["thread_id"]))]
        else:
            threads = [(thread.id, thread) for thread in await self._walker.threads()]
        name = configurable.get("checkpoint_ns")
        for thread_id, thread in threads:
            if name is not None:
                yield thread_id, thread.namespace(name)
                continue
            async for namespace in self._reader.namespaces(thread):
                yield thread_id, namespace

    async def put(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
        serde: SerializerProtocol,
    ) -> RunnableConfig:
        """Stores a checkpoint; the config that names it."""
        thread_id, namespace = self._place(config)
        open_metadata = get_checkpoint_metadata(config, metadata)
        parent_id = get_checkpoint_id(config) or None
        head_id = parent_id.head_id if isinstance(parent_id, HandedOutId) else None
        parent_id = None if parent_id is None else str(parent_id)
        await self._writer.put(Put(namespace, parent_id, head_id, checkpoint, open_metadata, new_versions, serde))
        return cast(RunnableConfig, checkpoint_config(namespace, thread_id, checkpoint["id"]))

    async def put_writes(
        self,
        config: RunnableConfig,
        writes: Sequence[tuple[str, Any]],
        task_id: str,
        task_path: str,
        serde: SerializerProtocol,
    ) -> None:
        """Stores pending writes of a checkpoint."""
        _, namespace = self._place(config)
        checkpoint_id = config["configurable"]["checkpoint_id"]
        if writes:
            await self._writer.put_writes(namespace, checkpoint_id, writes, task_id, task_path, serde)

    async def delta_history(
        self, config: RunnableConfig, channels: Sequence[str], serde: SerializerProtocol
    ) -> dict[str, DeltaChannelHistory]:
        """The history of delta channels."""
        if not channels:
            return {}
        _, namespace = self._place(config)
        return await self._walker.delta_history(namespace, get_checkpoint_id(config) or None, channels, serde)

    async def delete_thread(self, thread_id: Any) -> None:
        """Deletes a thread."""
        thread = self._reader.thread(thread_id)
        await self._client.publish([operation.delete(thread.path)], label="delete thread")
        self._knowledge.forget(thread.path)

    async def copy_thread(self, source_id: Any, target_id: Any) -> None:
        """Copies a thread, whole. Raises `ValueError` where there is one of the other id."""
        source, target = self._reader.thread(source_id), self._reader.thread(target_id)
        conditions = [precondition.present(source.path), precondition.absent(target.path)]
        try:
            await self._client.publish(
                [operation.copy(source.path, target.path)], preconditions=conditions, label="copy thread"
            )
        except PreconditionFailedError:
            there = await self._reader.nodes([source.swept, target.swept])
            if source.swept not in there:
                return
            text = f"thread {target.id!r} exists: copy {source.id!r} to an id that is free, or delete that one first"
            raise ValueError(text) from None
        self._knowledge.forget(target.path)

    async def prune(self, thread_ids: Sequence[Any], strategy: str) -> None:
        """Takes away all but what the newest checkpoints need, or everything."""
        if strategy not in ("keep_latest", "delete"):
            raise ValueError(f"threads are pruned by 'keep_latest' or 'delete', not by {strategy!r}")
        for thread_id in thread_ids:
            if strategy == "delete":
                await self.delete_thread(thread_id)
            else:
                await self._sweeper.keep_latest(self._reader.thread(thread_id))

    async def delete_for_runs(self, run_ids: Sequence[str]) -> None:
        """Takes away what these runs put, in all threads."""
        if run_ids:
            for thread in await self._walker.threads():
                await self._sweeper.delete_runs(thread, frozenset(run_ids))

    def _place(self, config: RunnableConfig) -> tuple[Any, Namespace]:
        configurable = config.get("configurable", {})
        if "thread_id" not in configurable:
            raise ValueError('the config names no thread: give {"configurable": {"thread_id": "…"}}')
        thread_id = configurable["thread_id"]
        name = thread_id if isinstance(thread_id, str) else str(thread_id)
        return thread_id, namespace_of(self._reader.root, name, configurable.get("checkpoint_ns") or "")
