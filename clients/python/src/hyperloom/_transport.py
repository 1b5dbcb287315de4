"""The connections to a broker, or to its replicas: calls with deadlines and retries.

The client retries by itself, not grpcio: only it knows which requests may be repeated, and until when.
"""

from __future__ import annotations

import asyncio
import json
import logging
import math
import random
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from itertools import count
from typing import Any

import grpc
import grpc.aio

from hyperloom import _limits
from hyperloom._backoff import Backoff
from hyperloom._endpoints import Endpoints, LoadBalancing
from hyperloom._errors import ClosedError, is_retryable, is_unexplained
from hyperloom._methods import Method, Request, Response
from hyperloom._status import error_from_rpc

log = logging.getLogger("hyperloom")

Metadata = Sequence[tuple[str, str]]

_FOREST_NAME = re.compile("[a-z0-9_-]{0,63}")

FOREST_HEADER = "hyperloom-forest"
"""Says which forest a call is about, so that what stands between can keep a forest on one replica. Nothing depends on
it but speed."""

TraceParent = Callable[[], "str | None"]
Token = Callable[[], "str | None"]

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


class _Endpoint:
    """The way to one broker. Opens its channel with the first call, in the event loop of that call."""

    def __init__(
        self, address: str, credentials: grpc.ChannelCredentials | None, options: Sequence[tuple[str, int | str]]
    ) -> None:
        self._address = address
        self._credentials = credentials
        self._options = options
        self._channel: grpc.aio.Channel | None = None
        self._callables: dict[str, Any] = {}

    def callable(self, shape: str, method: Method[Any, Any], serialize: bool) -> Any:
        known = self._callables.get(method.path)
        if known is None:
            serializer = method.request.SerializeToString if serialize else None
            make = getattr(self._open(), shape)
            known = make(method.path, request_serializer=serializer, response_deserializer=method.response.FromString)
            self._callables[method.path] = known
        return known

    async def close(self) -> bool:
        """Whether there was anything to close."""
        self._callables.clear()
        if self._channel is None:
            return False
        await self._channel.close()
        return True

    def _open(self) -> grpc.aio.Channel:
        if self._channel is None:
            if self._credentials is None:
                self._channel = grpc.aio.insecure_channel(self._address, options=self._options)
            else:
                self._channel = grpc.aio.secure_channel(self._address, self._credentials, options=self._options)
        return self._channel


class Transport:
    """Opens channels with the first calls, in the event loop of those."""

    def __init__(
        self,
        addresses: Sequence[str],
        credentials: grpc.ChannelCredentials | None,
        metadata: Metadata,
        chance: random.Random,
        load_balancing: LoadBalancing = "pick_first",
        trace_parent: TraceParent | None = None,
        token: Token | None = None,
        forest: str = "",
    ) -> None:
        # One address may stand for several brokers too (`dns:///…`), among which gRPC chooses.
        config: tuple[str, int | str] = (
            "grpc.service_config",
            json.dumps({"loadBalancingConfig": [{load_balancing: {}}]}),
        )
        options = (*_OPTIONS, config)
        self._all = [_Endpoint(address, credentials, options) for address in addresses]
        self._endpoints = Endpoints(self._all, load_balancing)
        self._streams: dict[int, _Endpoint] = {}
        self._always = tuple(metadata)
        self._token = token
        self._forest = forest
        self._trace_parent = trace_parent
        self._chance = chance
        self._closed = False

    @property
    def _metadata(self) -> tuple[tuple[str, str], ...]:
        """What goes along with a call that is made now."""
        token = None if self._token is None else self._token()
        return (*self._always, ("authorization", f"Bearer {token}")) if token else self._always

    def trace_parent(self) -> str:
        """The trace context in which a call is made now; empty: none."""
        return "" if self._trace_parent is None else self._trace_parent() or ""

    def backoff(self) -> Backoff:
        """Waiting times for one call or stream."""
        return Backoff(self._chance)

    async def unary(self, method: Method[Request, Response], request: Request, timeout: float) -> Response:
        """Calls, and calls again while the broker is away, for `timeout` seconds (`math.inf`: as long as it takes).

        Raises a `HyperloomError`.
        """
        trace_parent = self.trace_parent()
        about = _forest_metadata(getattr(request, "forest", None))
        if trace_parent:
            about = (*about, ("traceparent", trace_parent))

        async def call(left: float, endpoint: _Endpoint) -> Response:
            # Of each attempt: the token of the first may have ended meanwhile.
            metadata = (*self._metadata, *about)
            answer: Response = await endpoint.callable("unary_unary", method, True)(
                request, timeout=None if math.isinf(left) else left, metadata=metadata
            )
            return answer

        return await self._retry(method, call, timeout, True)

    async def _retry(
        self,
        method: Method[Any, Response],
        call: Callable[[float, _Endpoint], Awaitable[Response]],
        timeout: float,
        repeatable: bool,
    ) -> Response:
        """Every method may be repeated: those that change something carry a request id."""
        clock = asyncio.get_running_loop().time
        deadline = clock() + timeout
        backoff = self.backoff()
        for attempt in count(1):
            endpoint = self._pick()
            try:
                answer = await call(max(deadline - clock(), 0.001), endpoint)
                self._endpoints.answered(endpoint)
                return answer
            except asyncio.CancelledError:
                if self._closed and not _is_cancelled():
                    raise _closed_error() from None
                raise
            except grpc.aio.AioRpcError as failure:
                self._note_end(endpoint, failure.code())
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
        endpoint = self._pick()
        call = endpoint.callable("stream_stream", method, False)
        metadata = (*self._metadata, *_forest_metadata(self._forest))
        opened: grpc.aio.StreamStreamCall[bytes, Response] = call(metadata=metadata)
        self._streams[id(opened)] = endpoint
        return opened

    def server_stream(
        self, method: Method[Request, Response], request: Request
    ) -> grpc.aio.UnaryStreamCall[Request, Response]:
        """Opens a stream of responses."""
        endpoint = self._pick()
        call = endpoint.callable("unary_stream", method, True)
        metadata = (*self._metadata, *_forest_metadata(getattr(request, "forest", None)))
        opened: grpc.aio.UnaryStreamCall[Request, Response] = call(request, metadata=metadata)
        self._streams[id(opened)] = endpoint
        return opened

    async def upload(
        self,
        method: Method[Request, Response],
        requests: Callable[[], AsyncIterator[Request]],
        timeout: float,
        repeatable: bool,
    ) -> Response:
        """Sends a stream of requests, and again where they may be gone through again. Raises a `HyperloomError`."""

        async def call(left: float, endpoint: _Endpoint) -> Response:
            try:
                answer: Response = await endpoint.callable("stream_unary", method, True)(
                    requests(), timeout=left, metadata=self._metadata
                )
            except grpc.aio.AioRpcError as failure:
                raise _broken_off(failure) from None
            return answer

        return await self._retry(method, call, timeout, repeatable)

    async def end(self, call: grpc.aio.Call) -> None:
        """Cancels a stream that this has opened, and waits until it has ended.

        grpcio shares one queue among all event loops of a process: what comes for a loop that was closed meanwhile
        would hold up the others.
        """
        call.cancel()
        endpoint = self._streams.pop(id(call), None)
        with suppress(asyncio.CancelledError):
            code = await call.code()
            if endpoint is not None:
                self._note_end(endpoint, code)

    async def close(self) -> None:
        """Ends the connections and all their calls."""
        self._closed = True
        closed = [await endpoint.close() for endpoint in self._all]
        if any(closed):
            await asyncio.sleep(_limits.LATE_ENDS_SECONDS)

    def _pick(self) -> _Endpoint:
        if self._closed:
            raise _closed_error()
        return self._endpoints.pick()

    def _note_end(self, endpoint: _Endpoint, code: grpc.StatusCode) -> None:
        if code == grpc.StatusCode.UNAVAILABLE:
            self._endpoints.failed(endpoint)
        elif code != grpc.StatusCode.CANCELLED:
            self._endpoints.answered(endpoint)


def _forest_metadata(forest: object) -> Metadata:
    """Nothing for names that no forest has. The default forest has its name here."""
    if not isinstance(forest, str) or _FOREST_NAME.fullmatch(forest) is None:
        return ()
    return ((FOREST_HEADER, forest or _limits.FOREST_DEFAULT),)


def _closed_error() -> ClosedError:
    return ClosedError("the client is closed", code=grpc.StatusCode.CANCELLED)


def _is_cancelled() -> bool:
    """Whether somebody has cancelled the running task; Python 3.10 does not tell. A channel that is closed cancels its
    calls, which looks the same to whoever awaits them."""
    task: Any = asyncio.current_task()
    return not hasattr(task, "cancelling") or task.cancelling() > 0


def _broken_off(failure: grpc.aio.AioRpcError) -> grpc.aio.AioRpcError:
    """grpcio itself says INTERNAL where a connection breaks while it writes a message of a stream."""
    if not is_unexplained(error_from_rpc(failure)):
        return failure
    return grpc.aio.AioRpcError(
        grpc.StatusCode.UNAVAILABLE, failure.initial_metadata(), failure.trailing_metadata(), failure.details()
    )
