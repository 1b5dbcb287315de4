"""Goal: what a client does when a broker takes no writes, or loses answers.

Method: a gRPC server that answers as each test says, and keeps what it was asked.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

import grpc
import grpc.aio
import pytest
from google.rpc import error_details_pb2, status_pb2

import hyperloom
from hyperloom import UnavailableError
from hyperloom._gen.v1 import context_service_pb2 as context
from hyperloom._gen.v1 import forest_service_pb2 as forests
from hyperloom._gen.v1 import lock_service_pb2 as locks
from hyperloom._methods import END_LEASE, GRANT_LEASE, PUBLISH, PUBLISH_STREAM, RESTORE, Method
from hyperloom._status import DETAILS_KEY

SECONDS_MAX = 60


def handler(method: Method[Any, Any], make: Callable[..., Any], behaviour: Any) -> Any:
    return make(
        behaviour, request_deserializer=method.request.FromString, response_serializer=method.response.SerializeToString
    )


@asynccontextmanager
async def answering(**behaviours: Any) -> AsyncIterator[str]:
    """A server with these methods, by their names. Yields its address."""
    methods: dict[str, tuple[Method[Any, Any], Callable[..., Any]]] = {
        "Publish": (PUBLISH, grpc.unary_unary_rpc_method_handler),
        "PublishStream": (PUBLISH_STREAM, grpc.stream_stream_rpc_method_handler),
        "GrantLease": (GRANT_LEASE, grpc.unary_unary_rpc_method_handler),
        "EndLease": (END_LEASE, grpc.unary_unary_rpc_method_handler),
        "Restore": (RESTORE, grpc.stream_unary_rpc_method_handler),
    }
    server = grpc.aio.server()
    for service in ("ContextService", "LockService", "ForestService"):
        handlers = {
            name: handler(method, make, behaviours[name])
            for name, (method, make) in methods.items()
            if name in behaviours and f".{service}/" in method.path
        }
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(f"hyperloom.v1.{service}", handlers),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await server.stop(None)


async def refuse(call: Any, code: grpc.StatusCode, reason: str) -> None:
    status = status_pb2.Status()
    status.details.add().Pack(error_details_pb2.ErrorInfo(reason=reason))
    await call.abort(code, reason, ((DETAILS_KEY, status.SerializeToString()),))


STOPPED = context.Refusal(code=14, message="the disk is full", reason="JOURNAL_UNAVAILABLE")


async def test_a_write_waits_for_a_journal_that_comes_back() -> None:
    seen: list[str] = []

    async def publish_stream(requests: Any, _: Any) -> AsyncIterator[context.PublishStreamResponse]:
        async for request in requests:
            seen.append(request.publish.request_id)
            if len(seen) < 3:
                yield context.PublishStreamResponse(refused=STOPPED)
            else:
                yield context.PublishStreamResponse(published=context.PublishResponse(revision=7))

    async def publish(request: Any, call: Any) -> context.PublishResponse:
        seen.append(request.request_id)
        if len(seen) < 3:
            await refuse(call, grpc.StatusCode.UNAVAILABLE, "JOURNAL_UNAVAILABLE")
        return context.PublishResponse(revision=8)

    server = answering(PublishStream=publish_stream, Publish=publish)
    async with server as address, hyperloom.connect(address, timeout=SECONDS_MAX) as client:
        assert (await client.put("/a", 1)).revision == 7
        assert len(seen) == 3
        assert len(set(seen)) == 1
        seen.clear()
        assert (await client.put("/a", 1, lock_wait=1)).revision == 8
        assert len(seen) == 3
        assert len(set(seen)) == 1


async def test_a_write_that_waited_in_vain_tells_what_was_in_its_way() -> None:
    async def publish_stream(requests: Any, _: Any) -> AsyncIterator[context.PublishStreamResponse]:
        async for _request in requests:
            yield context.PublishStreamResponse(refused=STOPPED)

    async def publish(_request: Any, call: Any) -> None:
        await refuse(call, grpc.StatusCode.UNAVAILABLE, "JOURNAL_UNAVAILABLE")

    server = answering(PublishStream=publish_stream, Publish=publish)
    async with server as address, hyperloom.connect(address) as client:
        with pytest.raises(hyperloom.DeadlineExceededError, match="the disk is full") as late:
            await client.put("/a", 1, timeout=1)
        assert isinstance(late.value.__cause__, UnavailableError)
        assert late.value.__cause__.reason == "JOURNAL_UNAVAILABLE"
        with pytest.raises(UnavailableError) as refused:
            await client.put("/a", 1, lock_wait=0.5, timeout=0.5)
        assert refused.value.reason == "JOURNAL_UNAVAILABLE"
        assert refused.value.attempts > 1


@pytest.mark.parametrize("lost", [True, False], ids=["an answer was lost", "it had ended before"])
async def test_who_leaves_a_lease_asks_without_a_request_id(lost: bool) -> None:
    """Without one the broker need not wait for its disk. Its end may have been told by an answer that was lost."""
    asked: list[str] = []

    async def grant(request: Any, _: Any) -> locks.GrantLeaseResponse:
        answer = locks.GrantLeaseResponse()
        answer.lease.id = "lease"
        answer.lease.ttl.seconds = SECONDS_MAX
        assert request.request_id
        return answer

    async def end(request: Any, call: Any) -> None:
        asked.append(request.request_id)
        if lost and len(asked) == 1:
            await call.abort(grpc.StatusCode.UNAVAILABLE, "lost")
        await refuse(call, grpc.StatusCode.NOT_FOUND, "LEASE_NOT_FOUND")

    async with answering(GrantLease=grant, EndLease=end) as address, hyperloom.connect(address) as client:
        if lost:
            async with client.lease():
                pass
            assert asked == ["", ""]
        else:
            with pytest.raises(hyperloom.LeaseLostError):
                async with client.lease():
                    pass
            assert asked == [""]
        lease = await client.lease()
        with pytest.raises(hyperloom.LeaseLostError):
            await lease.end()
        assert asked[-1] != ""


async def test_each_attempt_shows_the_newest_token_and_the_trace_of_the_call() -> None:
    tokens: list[str] = []
    traces: set[str] = set()
    numbers = count(1)

    async def publish(_request: Any, call: Any) -> context.PublishResponse:
        metadata = dict(call.invocation_metadata())
        tokens.append(metadata["authorization"])
        traces.add(metadata["traceparent"])
        if len(tokens) < 3:
            await call.abort(grpc.StatusCode.UNAVAILABLE, "away")
        return context.PublishResponse(revision=7)

    def tell() -> str:
        return str(next(numbers))

    server = answering(Publish=publish)
    async with server as address, hyperloom.connect(address, token=tell, trace_parent=tell) as client:
        await client.put("/a", 1, lock_wait=SECONDS_MAX)
        assert len(set(tokens)) == 3
        assert len(traces) == 1


async def test_an_upload_that_breaks_without_a_word_counts_as_a_lost_connection() -> None:
    seen: list[int] = []

    async def restore(requests: Any, call: Any) -> forests.RestoreResponse:
        seen.append(len([request async for request in requests]))
        if len(seen) % 2 == 1:
            await call.abort(grpc.StatusCode.INTERNAL, "Internal error from Core")
        return forests.RestoreResponse()

    async with answering(Restore=restore) as address, hyperloom.connect(address, timeout=SECONDS_MAX) as client:
        await client.forests.restore("again", [b"one", b"two"])
        assert seen == [3, 3]
        with pytest.raises(UnavailableError):
            await client.forests.restore("once", iter([b"one", b"two"]))
        assert seen == [3, 3, 3]
