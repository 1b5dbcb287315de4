"""The checkpointer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    BaseCheckpointSaver,
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
    DeltaChannelHistory,
)
from langgraph.checkpoint.serde.base import SerializerProtocol

import hyperloom.sync
from hyperloom.langgraph._bridge import Bridge
from hyperloom.langgraph._core import Core


class HyperloomSaver(BaseCheckpointSaver[int]):
    """Keeps the checkpoints of graphs in a Hyperloom broker, and shares them with graphs in JavaScript.

    ```python
    with HyperloomSaver("127.0.0.1:7400") as checkpointer:
        graph = builder.compile(checkpointer=checkpointer)
    ```

    A thread is the subtree `{root}/{thread_id}/langgraph`; a checkpoint is one revision of it and stores only what
    changed. A second writer on a thread is refused (`ThreadConflictError`) instead of silently forking it. One saver
    serves any number of threads and event loops, blocking and asyncio alike; outcomes are durable when they are told.
    """

    def __init__(
        self,
        broker: hyperloom.sync.Client | str | Sequence[str] | None = None,
        *,
        root: str = "",
        author: str = "langgraph",
        serde: SerializerProtocol | None = None,
    ) -> None:
        """`broker`: an address, several, or a client of `hyperloom.sync.connect` (for TLS, tokens or another forest),
        which stays the caller's to close; by default the environment's `HYPERLOOM_ADDRESS`, else `127.0.0.1:7400`.
        `root`: the path that threads lie below, such as `/agents`. `author`: whose name is on what is written.
        `serde`: with one of your own, all but metadata goes through it, and graphs in JavaScript cannot read it.
        """
        super().__init__(serde=serde)
        self._bridge = Bridge(broker, author)
        self.root = root_of(root)
        """The path that threads lie below."""
        self._core = Core(self._bridge.client, self.root)

    @property
    def client(self) -> hyperloom.sync.Client:
        """The client that it works with."""
        return self._bridge.blocking

    def close(self) -> None:
        """Closes the connection, where the saver opened it."""
        self._bridge.close()

    def __enter__(self) -> HyperloomSaver:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def __aenter__(self) -> HyperloomSaver:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.close)

    def get_next_version(self, current: Any, channel: None) -> int:
        """Integers, as in JavaScript; of versions that another saver made, what stands before the first dot counts."""
        if current is None:
            return 1
        return (int(current.split(".")[0]) if isinstance(current, str) else int(current)) + 1

    def get_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """A checkpoint; without a `checkpoint_id` in the config, the newest."""
        return self._bridge.run(self._core.get_tuple(config, self.serde))

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """A checkpoint; without a `checkpoint_id` in the config, the newest."""
        return await self._bridge.wait(self._core.get_tuple(config, self.serde))

    def list(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> Iterator[CheckpointTuple]:
        """Checkpoints, newest first; without a namespace in the config, of all of a thread's, one after the other."""
        found = self._core.list(config, filter, before, limit, self.serde)
        while (each := self._bridge.run(_next(found))) is not None:
            yield each

    async def alist(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[CheckpointTuple]:
        """Checkpoints, newest first; without a namespace in the config, of all of a thread's, one after the other."""
        found = self._core.list(config, filter, before, limit, self.serde)
        while (each := await self._bridge.wait(_next(found))) is not None:
            yield each

    def put(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """Stores a checkpoint. Raises `ThreadConflictError` where another writer has moved the thread on."""
        return self._bridge.run(self._core.put(config, checkpoint, metadata, new_versions, self.serde))

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """Stores a checkpoint. Raises `ThreadConflictError` where another writer has moved the thread on."""
        return await self._bridge.wait(self._core.put(config, checkpoint, metadata, new_versions, self.serde))

    def put_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        """Stores what a task wrote, until the next checkpoint takes it in."""
        self._bridge.run(self._core.put_writes(config, writes, task_id, task_path, self.serde))

    async def aput_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        """Stores what a task wrote, until the next checkpoint takes it in."""
        await self._bridge.wait(self._core.put_writes(config, writes, task_id, task_path, self.serde))

    def delete_thread(self, thread_id: str) -> None:
        """Deletes a thread with all its namespaces."""
        self._bridge.run(self._core.delete_thread(thread_id))

    async def adelete_thread(self, thread_id: str) -> None:
        """Deletes a thread with all its namespaces."""
        await self._bridge.wait(self._core.delete_thread(thread_id))

    def delete_for_runs(self, run_ids: Sequence[str]) -> None:
        """Deletes the checkpoints that these runs have put, in all threads, with what nothing else needs."""
        self._bridge.run(self._core.delete_for_runs(run_ids))

    async def adelete_for_runs(self, run_ids: Sequence[str]) -> None:
        """Deletes the checkpoints that these runs have put, in all threads, with what nothing else needs."""
        await self._bridge.wait(self._core.delete_for_runs(run_ids))

    def copy_thread(self, source_thread_id: str, target_thread_id: str) -> None:
        """Copies a thread, whole, in one operation. Raises `ValueError` where there is one of the other id."""
        self._bridge.run(self._core.copy_thread(source_thread_id, target_thread_id))

    async def acopy_thread(self, source_thread_id: str, target_thread_id: str) -> None:
        """Copies a thread, whole, in one operation. Raises `ValueError` where there is one of the other id."""
        await self._bridge.wait(self._core.copy_thread(source_thread_id, target_thread_id))

    def prune(self, thread_ids: Sequence[str], *, strategy: str = "keep_latest") -> None:
        """Keeps what the newest checkpoint of each namespace needs (`keep_latest`), or nothing (`delete`)."""
        self._bridge.run(self._core.prune(thread_ids, strategy))

    async def aprune(self, thread_ids: Sequence[str], *, strategy: str = "keep_latest") -> None:
        """Keeps what the newest checkpoint of each namespace needs (`keep_latest`), or nothing (`delete`)."""
        await self._bridge.wait(self._core.prune(thread_ids, strategy))

    def get_delta_channel_history(
        self, *, config: RunnableConfig, channels: Sequence[str]
    ) -> Mapping[str, DeltaChannelHistory]:
        """The writes of delta channels since the nearest ancestor that stores their values, and those values."""
        return self._bridge.run(self._core.delta_history(config, channels, self.serde))

    async def aget_delta_channel_history(
        self, *, config: RunnableConfig, channels: Sequence[str]
    ) -> Mapping[str, DeltaChannelHistory]:
        """The writes of delta channels since the nearest ancestor that stores their values, and those values."""
        return await self._bridge.wait(self._core.delta_history(config, channels, self.serde))


async def _next(found: AsyncIterator[CheckpointTuple]) -> CheckpointTuple | None:
    return await anext(found, None)


def root_of(root: str) -> str:
    """A path that others lie below, without a slash at its end."""
    trimmed = root.rstrip("/")
    if trimmed and not trimmed.startswith("/"):
        raise ValueError(f"root must be a path such as '/agents', not {root!r}")
    return trimmed
