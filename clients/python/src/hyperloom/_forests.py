"""Operation of the broker and its forests: `client.forests`."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from functools import partial
from typing import TypeAlias

from hyperloom import _limits
from hyperloom._backup import Backup, BackupMark
from hyperloom._connection import Connection
from hyperloom._gen.v1 import forest_service_pb2 as messages
from hyperloom._methods import (
    COMPACT,
    CREATE_FOREST,
    DELETE_FOREST,
    GET_STATUS,
    LIST_FORESTS,
    RESTORE,
)
from hyperloom._records import Compacted, Forest, Status, forest_from, status_from

Chunks: TypeAlias = "Iterable[bytes] | AsyncIterable[bytes]"


class Forests:
    """Every `timeout` is in seconds."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def create(self, name: str, *, timeout: float | None = None) -> Forest:
        """Creates an empty forest: 1 to 63 of `a-z0-9_-`. Raises `AlreadyExistsError`."""
        request = messages.CreateForestRequest(name=name, request_id=self._connection.next_request_id())
        return forest_from((await self._connection.call(CREATE_FOREST, request, timeout)).forest)

    async def list(self, *, timeout: float | None = None) -> tuple[Forest, ...]:
        """All forests, by name."""
        answer = await self._connection.call(LIST_FORESTS, messages.ListForestsRequest(), timeout)
        return tuple(forest_from(each) for each in answer.forests)

    async def delete(self, name: str, *, timeout: float | None = None) -> None:
        """Deletes a forest and all its history. Cannot be undone."""
        request = messages.DeleteForestRequest(name=name, request_id=self._connection.next_request_id())
        await self._connection.call(DELETE_FOREST, request, timeout)

    async def compact(self, forest: str = "", revision: int = 0, *, timeout: float | None = None) -> Compacted:
        """Drops history below a revision (0: the newest); state stays."""
        request_id = self._connection.next_request_id()
        request = messages.CompactRequest(forest=forest, revision=revision, request_id=request_id)
        answer = await self._connection.call(COMPACT, request, timeout)
        return Compacted(answer.compacted_revision, answer.freed_bytes)

    async def status(
        self, forest: str = "", *, state_hash: bool = False, meters: bool = False, timeout: float | None = None
    ) -> Status:
        """How the broker and a forest are.

        `state_hash` adds the hash, which visits what has changed since the last; `meters` what each agent has moved in
        each tree.
        """
        request = messages.GetStatusRequest(forest=forest, include_state_hash=state_hash, include_meters=meters)
        return status_from(await self._connection.call(GET_STATUS, request, timeout))

    def backup(self, forest: str = "", *, resume: BackupMark | None = None) -> Backup:
        """A backup in pieces of at most 64 KiB, to be written one behind the other.

        A broken connection is no matter: it goes on where it was. What a program has of one that ended otherwise is
        gone on with by `resume`, which the backup tells as its `mark`: the same moment, whatever was written since.
        Raises `RevisionError` where the broker's journal does not lead there any more, and `InvalidRequestError` where
        the backup begins otherwise.
        """
        return Backup(self._connection, forest, resume)

    async def restore(self, forest: str, chunks: Chunks, *, timeout: float | None = None) -> Forest:
        """Creates a forest from a backup's pieces, of any size. Raises reason `BACKUP_DAMAGED` for a damaged one.

        A broken connection is no matter where the pieces can be gone through again: in a list, not in an iterator.
        """
        connection = self._connection
        seconds = connection.timeout if timeout is None else timeout
        request_id = connection.next_request_id()
        repeatable = not isinstance(chunks, (Iterator, AsyncIterator))
        requests = partial(_restore_requests, forest, request_id, chunks)
        answer = await connection.transport.upload(RESTORE, requests, seconds, repeatable)
        return forest_from(answer.forest)


async def _restore_requests(forest: str, request_id: str, chunks: Chunks) -> AsyncIterator[messages.RestoreRequest]:
    yield messages.RestoreRequest(forest=forest, request_id=request_id)
    async for chunk in _each(chunks):
        for at in range(0, len(chunk), _limits.BACKUP_CHUNK_BYTES):
            yield messages.RestoreRequest(chunk=chunk[at : at + _limits.BACKUP_CHUNK_BYTES])


async def _each(chunks: Chunks) -> AsyncIterator[bytes]:
    if isinstance(chunks, AsyncIterable):
        async for chunk in chunks:
            yield chunk
    else:
        for chunk in chunks:
            yield chunk
