"""Walks over checkpoints: listings, and the history of delta channels."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final

from langgraph.checkpoint.base import DeltaChannelHistory, PendingWrite
from langgraph.checkpoint.serde.base import SerializerProtocol

from hyperloom.langgraph._knowledge import ThreadKnowledge
from hyperloom.langgraph._names import Namespace, Thread, name_of
from hyperloom.langgraph._reader import ATTEMPTS_MAX, GoneError, Reader, Stored, Write, passes, unreadable

RECORDS_PER_CALL: Final = 50
"""Records are read some ahead, newest first: a filter, or a chain, rarely ends at the first."""


class Walker:
    """Walks for one saver."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def threads(self) -> list[Thread]:
        """All threads, in the order of their paths."""
        reader = self._reader
        below = await reader.children(reader.root or "/", keys_only=True)
        threads = [reader.thread(name_of(node.path.rpartition("/")[2])) for node in below]
        there = await reader.nodes(thread.swept for thread in threads)
        return [thread for thread in threads if thread.swept in there]

    async def checkpoints(
        self,
        namespace: Namespace,
        wanted: Mapping[str, str],
        before: str | None = None,
        only: str | None = None,
    ) -> AsyncIterator[Stored]:
        """Checkpoints of a namespace whose metadata has what is wanted, newest first."""
        ids = [only] if only is not None else await self._ids(namespace)
        if before is not None:
            ids = [each for each in ids if each < before]
        for start in range(0, len(ids), RECORDS_PER_CALL):
            for stored in await self._records(namespace, ids[start : start + RECORDS_PER_CALL]):
                if passes(stored.record, wanted):
                    yield stored

    async def _ids(self, namespace: Namespace) -> list[str]:
        nodes = await self._reader.children(namespace.checkpoints, keys_only=True)
        return sorted((name_of(node.path.rpartition("/")[2]) for node in nodes), reverse=True)

    async def _records(self, namespace: Namespace, ids: Sequence[str]) -> list[Stored]:
        paths = {namespace.record(each): each for each in ids}
        found = await self._reader.nodes([*paths, namespace.head, namespace.thread.swept])
        known, _ = self._reader.take_in(namespace, found)
        stored = (self._reader.stored(known, namespace, each, found.get(path)) for path, each in paths.items())
        return [each for each in stored if each is not None]

    async def delta_history(
        self, namespace: Namespace, checkpoint_id: str | None, channels: Sequence[str], serde: SerializerProtocol
    ) -> dict[str, DeltaChannelHistory]:
        """The writes of each channel since the nearest ancestor that stores its value, oldest first, and that value."""
        for _ in range(ATTEMPTS_MAX):
            try:
                return await self._delta_history(namespace, checkpoint_id, channels, serde)
            except GoneError:
                self._reader.knowledge.forget(namespace.thread.path)
        raise unreadable(namespace, checkpoint_id or "at the head")

    async def _delta_history(
        self, namespace: Namespace, checkpoint_id: str | None, channels: Sequence[str], serde: SerializerProtocol
    ) -> dict[str, DeltaChannelHistory]:
        known, _, target = await self._reader.locate(namespace, checkpoint_id)
        chain, seeds = await self._chain(namespace, target, channels)
        writes = await asyncio.gather(*(self._reader.writes(stored) for stored in chain))
        history: dict[str, DeltaChannelHistory] = {}
        for channel in channels:
            length = seeds.get(channel, len(chain) - 1) + 1
            mine = [each for step in reversed(writes[:length]) for each in step if each.channel == channel]
            entry: DeltaChannelHistory = {"writes": await self._decoded(known, namespace, mine, serde)}
            if channel in seeds:
                values = await self._reader.values(known, chain[seeds[channel]], serde, [channel])
                entry["seed"] = values[channel]
            history[channel] = entry
        return history

    async def _chain(
        self, namespace: Namespace, target: Stored | None, channels: Sequence[str]
    ) -> tuple[list[Stored], dict[str, int]]:
        """The ancestors, nearest first, as far as any channel's walk goes; and where each ends."""
        chain: list[Stored] = []
        seeds: dict[str, int] = {}
        cursor = None if target is None else target.record.parent
        ahead: dict[str, Stored] = {}
        older: list[str] | None = None
        while cursor is not None and len(seeds) < len(set(channels)):
            if cursor not in ahead:
                if older is None:
                    older = await self._ids(namespace) if chain else []
                rest = [each for each in older if each < cursor][: RECORDS_PER_CALL - 1]
                ahead = {each.record.id: each for each in await self._records(namespace, [cursor, *rest])}
                if not chain:
                    older = None
            stored = ahead.get(cursor)
            if stored is None:
                break
            for channel in channels:
                if channel not in seeds and channel in stored.record.channels:
                    seeds[channel] = len(chain)
            chain.append(stored)
            cursor = stored.record.parent
        return chain, seeds

    async def _decoded(
        self, known: ThreadKnowledge, namespace: Namespace, writes: Sequence[Write], serde: SerializerProtocol
    ) -> list[PendingWrite]:
        return await self._reader.pending(known, namespace, writes, serde)


def checkpoint_config(namespace: Namespace, thread_id: Any, checkpoint_id: str) -> dict[str, Any]:
    """The config that names a checkpoint."""
    return {
        "configurable": {
            "thread_id": thread_id,
            "checkpoint_ns": namespace.name,
            "checkpoint_id": checkpoint_id,
        }
    }
