"""Goal: no publish waits for a stream that is over, nobody waits for one that cannot begin, and nobody overtakes.

Method: streams made by hand, whose connection breaks in the very moment that the test chooses; a broker that takes a
connection and says nothing; and a program that has no token to show.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import grpc
import grpc.aio
import pytest

import hyperloom
from hyperloom import _limits
from hyperloom._basis import BasisEntry
from hyperloom._connection import Connection
from hyperloom._errors import HyperloomError
from hyperloom._gen.v1 import context_service_pb2 as context
from hyperloom._records import Published

# Only what waits for ever takes so long.
SECONDS_MAX = 60


def request(name: str) -> context.PublishStreamRequest:
    return context.PublishStreamRequest(publish=context.PublishRequest(request_id=name))


REQUEST = request("one")


class TornStream:
    """A stream whose connection breaks while something is written, which is told to have gone well nevertheless.

    Cancelling it does nothing: it is over by then, but whoever reads it has not heard of that.
    """

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.is_written = asyncio.Event()
        self.is_left = asyncio.Event()
        self.has_gone_well: asyncio.Future[None] = loop.create_future()
        self._broken: asyncio.Future[Any] = loop.create_future()

    async def wait_for_connection(self) -> None:
        pass

    async def write(self, _message: bytes) -> None:
        self.is_written.set()
        await self.has_gone_well

    async def read(self) -> Any:
        return await self._broken

    def fall(self) -> None:
        if self._broken.done():
            return
        none = grpc.aio.Metadata()
        self._broken.set_exception(grpc.aio.AioRpcError(grpc.StatusCode.UNAVAILABLE, none, none, "connection reset"))

    def done(self) -> bool:
        return self._broken.done()

    def cancel(self) -> bool:
        self.fall()
        return False

    async def code(self) -> grpc.StatusCode:
        self.is_left.set()
        return grpc.StatusCode.UNAVAILABLE


class WholeStream:
    """A stream that answers each message."""

    def __init__(self) -> None:
        self.written: asyncio.Queue[bytes] = asyncio.Queue()
        self.is_over = False

    async def wait_for_connection(self) -> None:
        pass

    async def write(self, message: bytes) -> None:
        self.written.put_nowait(message)

    async def read(self) -> Any:
        if not await self.written.get():
            return grpc.aio.EOF
        return context.PublishStreamResponse(published=context.PublishResponse(revision=7))

    async def initial_metadata(self) -> Sequence[tuple[str, str]]:
        return ()

    def done(self) -> bool:
        return self.is_over

    def cancel(self) -> bool:
        self.is_over = True
        self.written.put_nowait(b"")
        return True

    async def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.CANCELLED


class HeldStream(WholeStream):
    """One that answers as many messages as the test lets it, and keeps the names of all that it was sent."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []
        self.answers = asyncio.Semaphore(0)

    async def write(self, message: bytes) -> None:
        self.names.append(context.PublishStreamRequest.FromString(message).publish.request_id)
        await super().write(message)

    def answer(self, count: int) -> None:
        for _ in range(count):
            self.answers.release()

    async def read(self) -> Any:
        await self.answers.acquire()
        return grpc.aio.EOF if self.is_over else await super().read()

    def cancel(self) -> bool:
        self.answer(1)
        return super().cancel()


async def settle() -> None:
    """Lets every task that can run do so."""
    for _ in range(20):
        await asyncio.sleep(0)


class Unconcerned:
    """Looks at no outcome."""

    def on_published(self, published: Published) -> HyperloomError | None:
        return None

    def on_refused(self, basis: Sequence[BasisEntry], error: HyperloomError) -> None:
        pass


async def test_a_publish_that_was_written_while_its_connection_broke_is_sent_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connection = Connection(["127.0.0.1:1"], None, (), SECONDS_MAX, random.Random(1))
    torn, whole = TornStream(), WholeStream()
    streams: list[Any] = [torn, whole]
    monkeypatch.setattr(connection.transport, "publish_stream", lambda _method: streams.pop(0))
    outcome = await connection.publisher.submit(REQUEST, Unconcerned(), (), SECONDS_MAX)
    await torn.is_written.wait()
    # Whoever reads has heard that the stream is over, and only then whoever writes that it went well.
    torn.fall()
    await torn.is_left.wait()
    torn.has_gone_well.set_result(None)
    assert (await outcome).revision == 7
    assert streams == []
    await connection.close()


async def test_a_publisher_that_is_closed_while_its_connection_breaks_opens_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_limits, "LEAVE_SECONDS_MAX", 0)
    connection = Connection(["127.0.0.1:1"], None, (), SECONDS_MAX, random.Random(1))
    torn, whole = TornStream(), WholeStream()
    streams: list[Any] = [torn, whole]
    monkeypatch.setattr(connection.transport, "publish_stream", lambda _method: streams.pop(0))
    outcome = await connection.publisher.submit(REQUEST, Unconcerned(), (), SECONDS_MAX)
    await torn.is_written.wait()
    torn.has_gone_well.set_result(None)
    await asyncio.wait_for(connection.close(), SECONDS_MAX)
    with pytest.raises(hyperloom.ClosedError):
        await outcome
    assert streams == [whole]


async def test_each_publish_has_its_own_deadline_whichever_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    connection = Connection(["127.0.0.1:1"], None, (), SECONDS_MAX, random.Random(1))
    # What is written is never said to have been: nothing has an outcome.
    torn = TornStream()
    monkeypatch.setattr(connection.transport, "publish_stream", lambda _method: torn)
    ended: list[asyncio.Future[Published]] = []
    outcomes = []
    # All are handed over at one moment, however long that takes.
    loop = asyncio.get_running_loop()
    moment = loop.time()
    with monkeypatch.context() as standing:
        standing.setattr(loop, "time", lambda: moment)
        for seconds in (SECONDS_MAX, 0.03, 0.01, 0.02):
            outcome = await connection.publisher.submit(REQUEST, Unconcerned(), (), seconds)
            outcome.add_done_callback(ended.append)
            outcomes.append(outcome)
    for outcome in outcomes[1:]:
        with pytest.raises(hyperloom.DeadlineExceededError):
            await outcome
    assert ended == [outcomes[2], outcomes[3], outcomes[1]]
    assert not outcomes[0].done()
    torn.has_gone_well.set_result(None)
    monkeypatch.setattr(_limits, "LEAVE_SECONDS_MAX", 0)
    await connection.close()
    with pytest.raises(hyperloom.ClosedError):
        await outcomes[0]


async def test_flushing_waits_for_all_that_was_submitted_before_and_for_nothing_behind_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connection = Connection(["127.0.0.1:1"], None, (), SECONDS_MAX, random.Random(1))
    held = HeldStream()
    monkeypatch.setattr(connection.transport, "publish_stream", lambda _method: held)
    before = await connection.publisher.submit(REQUEST, Unconcerned(), (), SECONDS_MAX)
    given_up = await connection.publisher.submit(REQUEST, Unconcerned(), (), SECONDS_MAX)
    # Once they have been sent: what is given up before is not sent at all.
    await settle()
    given_up.cancel()
    flushing = asyncio.create_task(connection.publisher.flush())
    await settle()
    behind = await connection.publisher.submit(REQUEST, Unconcerned(), (), SECONDS_MAX)
    await settle()
    assert not flushing.done()
    held.answer(1)
    await asyncio.wait_for(flushing, SECONDS_MAX)
    assert before.done()
    assert not behind.done()
    held.answer(2)
    await behind
    await connection.close()


@dataclass
class Crowd:
    """A publisher with little room, on a stream that answers when it is told to."""

    connection: Connection
    held: HeldStream

    async def publish(self, name: str) -> Published:
        outcome = await self.connection.publisher.submit(request(name), Unconcerned(), (), SECONDS_MAX)
        return await outcome


@asynccontextmanager
async def crowded(monkeypatch: pytest.MonkeyPatch, room: int) -> AsyncIterator[Crowd]:
    monkeypatch.setattr(_limits, "PUBLISHES_IN_FLIGHT_MAX", room)
    monkeypatch.setattr(_limits, "LEAVE_SECONDS_MAX", SECONDS_MAX)
    connection = Connection(["127.0.0.1:1"], None, (), SECONDS_MAX, random.Random(1))
    held = HeldStream()
    monkeypatch.setattr(connection.transport, "publish_stream", lambda _method: held)
    yield Crowd(connection, held)
    await connection.close()


async def test_who_waited_for_room_goes_before_those_who_come_later(monkeypatch: pytest.MonkeyPatch) -> None:
    async with crowded(monkeypatch, 4) as crowd:

        async def publish_twice() -> None:
            await crowd.publish("first")
            await crowd.publish("later")

        twice = asyncio.create_task(publish_twice())
        once = [asyncio.create_task(crowd.publish(name)) for name in ("second", "third", "fourth", "in line")]
        await settle()
        # By the second answer there is room for one more than was in line, and whoever got the first one goes on.
        crowd.held.answer(2)
        await settle()
        assert crowd.held.names == ["first", "second", "third", "fourth", "in line", "later"]
        crowd.held.answer(4)
        await asyncio.gather(twice, *once)


async def test_flushing_and_closing_wait_for_those_too_that_wait_for_room(monkeypatch: pytest.MonkeyPatch) -> None:
    async with crowded(monkeypatch, 1) as crowd:
        for wait in (crowd.connection.publisher.flush, crowd.connection.close):
            publishes = [asyncio.create_task(crowd.publish(name)) for name in ("sent", "in line", "behind it")]
            await settle()
            waiting = asyncio.create_task(wait())
            crowd.held.answer(2)
            await settle()
            assert not waiting.done()
            crowd.held.answer(1)
            await asyncio.wait_for(waiting, SECONDS_MAX)
            assert [publish.result().revision for publish in publishes] == [7, 7, 7]


async def test_who_is_closed_in_line_has_not_published(monkeypatch: pytest.MonkeyPatch) -> None:
    async with crowded(monkeypatch, 1) as crowd:
        publishes = [asyncio.create_task(crowd.publish(name)) for name in ("sent", "in line", "behind it")]
        await settle()
        monkeypatch.setattr(_limits, "LEAVE_SECONDS_MAX", 0)
        await crowd.connection.close()
        outcomes = await asyncio.gather(*publishes, return_exceptions=True)
        assert [type(outcome) for outcome in outcomes] == [hyperloom.ClosedError] * 3
        assert crowd.held.names == ["sent"]


async def test_who_is_cancelled_when_it_is_just_let_in_is_not_sent_and_gives_its_room_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with crowded(monkeypatch, 1) as crowd:

        async def publish_and_cancel() -> None:
            await crowd.publish("sent")
            cancelled.cancel()

        sent = asyncio.create_task(publish_and_cancel())
        await settle()
        cancelled = asyncio.create_task(crowd.publish("cancelled"))
        behind = asyncio.create_task(crowd.publish("behind it"))
        await settle()
        crowd.held.answer(2)
        await asyncio.wait_for(asyncio.wait([sent, cancelled, behind]), SECONDS_MAX)
        assert cancelled.cancelled()
        assert crowd.held.names == ["sent", "behind it"]


async def test_a_client_whose_broker_never_says_a_word_can_be_closed() -> None:
    near: list[asyncio.StreamWriter] = []

    async def say_nothing(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        near.append(writer)

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    client = hyperloom.connect(f"127.0.0.1:{server.sockets[0].getsockname()[1]}")
    with pytest.raises(hyperloom.DeadlineExceededError):
        await client.put("/a", 1, timeout=0.2)
    await asyncio.wait_for(client.close(), SECONDS_MAX)
    for writer in near:
        writer.close()
    server.close()


async def test_a_token_that_cannot_be_told_fails_whatever_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_limits, "PUBLISHES_IN_FLIGHT_MAX", 1)

    def tell() -> str:
        raise LookupError("no token today")

    async with hyperloom.connect("127.0.0.1:1", token=tell) as client:
        with pytest.raises(LookupError):
            await client.get("/a")
        with pytest.raises(LookupError):
            await client.put("/a", 1)
        in_line = asyncio.gather(*(client.put("/a", number) for number in range(3)), return_exceptions=True)
        assert [type(outcome) for outcome in await asyncio.wait_for(in_line, SECONDS_MAX)] == [LookupError] * 3
        with pytest.raises(LookupError):
            async with client.subscribe("/**"):
                pass
