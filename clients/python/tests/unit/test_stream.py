"""Goal: a stream of items ends when it is told to, whatever happens to its connection in that moment.

Method: streams made by hand, whose reading ends when the test says so.
"""

from __future__ import annotations

import asyncio
import random
from typing import Any

import grpc
import grpc.aio
import pytest
from google.protobuf.wrappers_pb2 import BytesValue

from hyperloom import _limits
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


class Breaking(ItemStream[int]):
    """Opens calls that bring so many messages each, one after the other, and break then."""

    def __init__(self, connection: Connection, *messages: int) -> None:
        super().__init__(connection)
        self._messages = list(messages)

    def _open(self) -> Any:
        return BreakingCall(self._messages.pop(0))

    def _items_of(self, message: Any) -> list[int]:
        return [len(message.value)]


class BreakingCall(BrokenCall):
    """A call that breaks behind its messages."""

    def __init__(self, messages: int) -> None:
        super().__init__()
        self._left = messages

    async def read(self) -> Any:
        if self._left == 0:
            self.fall()
            return await super().read()
        self._left -= 1
        return BytesValue(value=b"x")


async def test_a_stream_that_cannot_come_back_is_opened_less_and_less_often_until_a_message_comes() -> None:
    bounds: list[float] = []

    class Bounds(random.Random):
        """Waits for nothing, and notes how long it may have been."""

        def uniform(self, a: float, b: float) -> float:
            bounds.append(b)
            return 0.0

    connection = Connection("127.0.0.1:1", None, (), 1.0, Bounds(1))
    stream = Breaking(connection, 1, *[0] * 9, 1, 0, 0)
    first = _limits.BACKOFF_SECONDS_FIRST
    # There are no more calls.
    with pytest.raises(IndexError):
        while True:
            await stream.take()
    growing = [min(first * 2**step, _limits.BACKOFF_SECONDS_MAX) for step in range(10)]
    assert growing[-1] == _limits.BACKOFF_SECONDS_MAX
    assert bounds == [*growing, first, first * 2, first * 4]
    await connection.transport.close()


class PlentyCall:
    """A call that always has one more message of so many bytes."""

    def __init__(self, size: int) -> None:
        self.read_so_far = 0
        self._message = BytesValue(value=bytes(size))

    async def read(self) -> Any:
        self.read_so_far += 1
        return self._message

    def cancel(self) -> bool:
        return True

    async def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.CANCELLED


class Plenty(ItemStream[int]):
    """One item for every `messages_per_item` messages."""

    def __init__(self, connection: Connection, size: int, messages_per_item: int = 1) -> None:
        super().__init__(connection)
        self.call = PlentyCall(size)
        self._messages_per_item = messages_per_item

    def _open(self) -> Any:
        return self.call

    def _items_of(self, message: Any) -> list[int]:
        number = self.call.read_so_far
        return [number] if number % self._messages_per_item == 0 else []


@pytest.mark.parametrize(
    ("size", "messages_per_item", "ahead"),
    [
        (10, 1, _limits.ITEMS_READ_AHEAD_MAX),
        (1024 * 1024, 1, 4),
        (256 * 1024, 4, 16),
        (2 * _limits.ITEM_BYTES_READ_AHEAD_MAX, 1, 1),
    ],
    ids=["small items by their count", "large ones by their bytes", "those in parts too", "one larger than the room"],
)
async def test_what_is_read_ahead_of_a_slow_reader_is_bounded(size: int, messages_per_item: int, ahead: int) -> None:
    connection = Connection("127.0.0.1:1", None, (), 1.0, random.Random(1))
    stream = Plenty(connection, size, messages_per_item)
    for taken in range(1, 5):
        assert await anext(stream) == taken * messages_per_item
        # Whatever can be read without the reader is read.
        for _ in range(3 * _limits.ITEMS_READ_AHEAD_MAX):
            await asyncio.sleep(0)
        assert stream.call.read_so_far == taken * messages_per_item + ahead
    assert len(await stream.take()) == ahead // messages_per_item
    await stream.aclose()
    await connection.transport.close()
