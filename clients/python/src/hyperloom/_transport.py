"""One connection to a broker: calls with deadlines and retries.

The client retries by itself, not grpcio: only it knows which requests may be repeated, and until when.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from itertools import count
from typing import Any

import grpc
import grpc.aio

from hyperloom import _limits
from hyperloom._backoff import Backoff
from hyperloom._errors import ClosedError, is_retryable, is_unexplained
from hyperloom._methods import Method, Request, Response
from hyperloom._status import error_from_rpc

log = logging.getLogger("hyperloom")

Metadata = Sequence[tuple[str, str]]

_OPTIONS: Sequence[tuple[str, int]] = (
    ("grpc.max_receive_message_length", _limits.RECEIVED_MESSAGE_BYTES_MAX),
    ("grpc.max_send_message_length", _limits.SENT_MESSAGE_BYTES_MAX + 1024),
    ("grpc.enable_retries", 0),
    # Clients of one process do not share a connection: one that is busy would slow down the others.
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.initial_reconnect_backoff_ms", int(_limits.BACKOFF_SECONDS_FIRST * 1_000)),
    ("grpc.min_reconnect_backoff_ms", 1_000),
    ("grpc.max_reconnect_backoff_ms", 1_000),
    ("grpc.keepalive_time_ms", _limits.KEEPALIVE_MILLISECONDS),
    ("grpc.keepalive_timeout_ms", _limits.KEEPALIVE_ANSWER_MILLISECONDS),
)


class Transport:
    """Opens its channel with the first call, in the event loop of that call."""

    def __init__(
        self,
        address: str,
        credentials: grpc.ChannelCredentials | None,
        metadata: Metadata,
        chance: random.Random,
    ) -> None:
        self._address = address
        self._credentials = credentials
        self._metadata = tuple(metadata)
        self._chance = chance
        self._channel: grpc.aio.Channel | None = None
        self._callables: dict[str, Any] = {}
        self._closed = False

    def backoff(self) -> Backoff:
        """Waiting times for one call or stream."""
        return Backoff(self._chance)

    async def unary(self, method: Method[Request, Response], request: Request, timeout: float) -> Response:
        """Calls, and calls again while the broker is away, for `timeout` seconds. Raises a `HyperloomError`."""

        async def call(left: float) -> Response:
            answer: Response = await self._callable("unary_unary", method)(
                request, timeout=left, metadata=self._metadata
            )
            return answer

        return await self._retry(method, call, timeout, True)

    async def _retry(
        self,
        method: Method[Any, Response],
        call: Callable[[float], Awaitable[Response]],
        timeout: float,
        repeatable: bool,
    ) -> Response:
        """Every method may be repeated: those that change something carry a request id."""
        clock = asyncio.get_running_loop().time
        deadline = clock() + timeout
        backoff = self.backoff()
        for attempt in count(1):
            try:
                return await call(max(deadline - clock(), 0.001))
            except grpc.aio.AioRpcError as failure:
                error = error_from_rpc(failure)
                error.attempts = attempt
                pause = backoff.next_seconds()
                if not (repeatable and is_retryable(error)) or clock() + pause >= deadline:
                    raise error from None
                log.debug("%s: %s; again in %.3f s", method.path, error, pause)
            await asyncio.sleep(pause)
        raise AssertionError("attempts have no end")

    def publish_stream(self, method: Method[Any, Response]) -> grpc.aio.StreamStreamCall[bytes, Response]:
        """Opens a stream of already serialized requests."""
        call = self._callable("stream_stream", method, serialize=False)
        opened: grpc.aio.StreamStreamCall[bytes, Response] = call(metadata=self._metadata)
        return opened

    def server_stream(
        self, method: Method[Request, Response], request: Request
    ) -> grpc.aio.UnaryStreamCall[Request, Response]:
        """Opens a stream of responses."""
        call = self._callable("unary_stream", method)
        opened: grpc.aio.UnaryStreamCall[Request, Response] = call(request, metadata=self._metadata)
        return opened

    async def upload(
        self,
        method: Method[Request, Response],
        requests: Callable[[], AsyncIterator[Request]],
        timeout: float,
        repeatable: bool,
    ) -> Response:
        """Sends a stream of requests, and again where they may be gone through again. Raises a `HyperloomError`."""

        async def call(left: float) -> Response:
            try:
                answer: Response = await self._callable("stream_unary", method)(
                    requests(), timeout=left, metadata=self._metadata
                )
            except grpc.aio.AioRpcError as failure:
                raise _broken_off(failure) from None
            return answer

        return await self._retry(method, call, timeout, repeatable)

    @staticmethod
    async def end(call: grpc.aio.Call) -> None:
        """Cancels a stream and waits until it has ended.

        grpcio shares one queue among all event loops of a process: what comes for a loop that was closed meanwhile
        would hold up the others.
        """
        call.cancel()
        with suppress(asyncio.CancelledError):
            await call.code()

    async def close(self) -> None:
        """Ends the connection and all its calls."""
        self._closed = True
        self._callables.clear()
        if self._channel is not None:
            await self._channel.close()
            await asyncio.sleep(_limits.LATE_ENDS_SECONDS)

    def _callable(self, shape: str, method: Method[Any, Any], serialize: bool = True) -> Any:
        if self._closed:
            raise ClosedError("the client is closed", code=grpc.StatusCode.CANCELLED)
        known = self._callables.get(method.path)
        if known is None:
            serializer = method.request.SerializeToString if serialize else None
            make = getattr(self._open(), shape)
            known = make(method.path, request_serializer=serializer, response_deserializer=method.response.FromString)
            self._callables[method.path] = known
        return known

    def _open(self) -> grpc.aio.Channel:
        if self._channel is None:
            if self._credentials is None:
                self._channel = grpc.aio.insecure_channel(self._address, options=_OPTIONS)
            else:
                self._channel = grpc.aio.secure_channel(self._address, self._credentials, options=_OPTIONS)
        return self._channel


def _broken_off(failure: grpc.aio.AioRpcError) -> grpc.aio.AioRpcError:
    """grpcio itself says INTERNAL where a connection breaks while it writes a message of a stream."""
    if not is_unexplained(error_from_rpc(failure)):
        return failure
    return grpc.aio.AioRpcError(
        grpc.StatusCode.UNAVAILABLE, failure.initial_metadata(), failure.trailing_metadata(), failure.details()
    )
