"""Goal: a stream of items ends when it is told to, whatever happens to its connection in that moment.

Method: streams made by hand, whose reading ends when the test says so.
"""

from __future__ import annotations

import asyncio
import random
from typing import Any

import grpc
import grpc.aio

from hyperloom._connection import Connection
from hyperloom._stream import ItemStream


class BrokenCall:
    """A call whose connection breaks; then cancelling it does nothing any more."""

    def __init__(self) -> None:
        self.is_read = asyncio.Event()
        self._broken: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    async def read(self) -> Any:
        self.is_read.set()
        return await self._broken

    def fall(self) -> None:
        none = grpc.aio.Metadata()
        self._broken.set_exception(grpc.aio.AioRpcError(grpc.StatusCode.UNAVAILABLE, none, none, "connection reset"))

    def cancel(self) -> bool:
        return False

    async def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.UNAVAILABLE


class Items(ItemStream[int]):
    """Opens broken calls only."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self.calls: list[BrokenCall] = []
        self.opened = asyncio.Event()

    def _open(self) -> Any:
        self.calls.append(BrokenCall())
        self.opened.set()
        return self.calls[-1]

    def _items_of(self, message: Any) -> list[int]:
        return [message]


async def test_a_stream_that_is_left_while_its_connection_breaks_ends_and_is_not_opened_anew() -> None:
    connection = Connection("127.0.0.1:1", None, (), 1.0, random.Random(1))
    stream = Items(connection)
    taking = asyncio.create_task(stream.take())
    await stream.opened.wait()
    await stream.calls[0].is_read.wait()
    # The call is over by the time it is cancelled, but whoever reads it has not heard of that.
    leaving = asyncio.create_task(stream.aclose())
    stream.calls[0].fall()
    # Only a stream that goes on for ever takes so long.
    await asyncio.wait_for(leaving, timeout=60)
    assert await taking == []
    assert len(stream.calls) == 1
    await connection.transport.close()
