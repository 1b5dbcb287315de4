"""Backups that outlive broken connections: the broker makes what has not come yet once more, as it was."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from zlib import crc32

import grpc.aio

from hyperloom._connection import Connection
from hyperloom._errors import HyperloomError, RevisionError, is_retryable, is_unexplained, outlived
from hyperloom._gen.v1 import forest_service_pb2 as messages
from hyperloom._methods import BACKUP
from hyperloom._status import error_from_rpc
from hyperloom._transport import log


@dataclass(frozen=True, slots=True)
class BackupMark:
    """How much of a backup has come."""

    position: int
    """In the journal, at which it was taken."""
    size: int
    """Bytes of all its pieces so far."""
    checksum: int
    """CRC-32 of those bytes, as zlib has it."""


class Backup(AsyncIterator[bytes]):
    """The pieces of a backup. Iterate over it, once; `aclose()` ends it before its end."""

    def __init__(self, connection: Connection, forest: str, resume: BackupMark | None) -> None:
        self._connection = connection
        self._forest = forest
        self._pieces = self._all()
        self.mark = resume
        """How much has come, up to the newest piece; `None` before the first one. For `resume`."""

    def __aiter__(self) -> Backup:
        return self

    async def __anext__(self) -> bytes:
        """The next piece."""
        return await anext(self._pieces)

    async def aclose(self) -> None:
        """Ends it."""
        await self._pieces.aclose()

    async def _all(self) -> AsyncGenerator[bytes, None]:
        """Goes on with what breaks off, unless nothing more comes for as long as a call may take."""
        clock = asyncio.get_running_loop().time
        backoff = self._connection.transport.backoff()
        heard = clock()
        while True:
            is_under_way = False
            try:
                async with aclosing(self._rest()) as pieces:
                    async for piece in pieces:
                        backoff.reset()
                        is_under_way = True
                        self._note(piece)
                        yield piece.chunk
                        # However long that took: it was not the broker.
                        heard = clock()
                return
            except grpc.aio.AioRpcError as failure:
                error = error_from_rpc(failure)
                broken = outlived(error) if is_under_way else error
                pause = backoff.next_seconds()
                if not self._may_go_on(broken) or clock() + pause >= heard + self._connection.timeout:
                    raise broken from None
                log.debug("a backup broke off: %s; again in %.3f s", broken, pause)
            await asyncio.sleep(pause)

    async def _rest(self) -> AsyncGenerator[messages.BackupResponse, None]:
        request = messages.BackupRequest(forest=self._forest)
        if self.mark is not None:
            mark = self.mark
            request.resume.CopyFrom(
                messages.BackupMark(position=mark.position, bytes=mark.size, checksum=mark.checksum)
            )
        transport = self._connection.transport
        call = transport.server_stream(BACKUP, request)
        try:
            async for piece in call:
                yield piece
        finally:
            await transport.end(call)

    def _may_go_on(self, error: HyperloomError) -> bool:
        # A broker of before 0.2 tells no position, and would begin anew.
        can_resume = self.mark is None or self.mark.position > 0
        return can_resume and (is_retryable(error) or is_unexplained(error))

    def _note(self, piece: messages.BackupResponse) -> None:
        mark = self.mark or BackupMark(piece.position, 0, 0)
        if mark.position != piece.position:
            message = "the broker began another backup instead of going on with this one: begin anew"
            raise RevisionError(message, code=grpc.StatusCode.OUT_OF_RANGE)
        size = mark.size + len(piece.chunk)
        self.mark = BackupMark(mark.position, size, crc32(piece.chunk, mark.checksum))
