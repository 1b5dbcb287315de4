"""The Python driver: generated messages over grpcio; and the SDK, with `--asyncio` the one for asyncio."""

from __future__ import annotations

import json
import queue
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import IO, Any

import grpc
import sdk
import sdk_results
from gen import driver_pb2 as pb
from google.protobuf.message import Message

from hyperloom import _methods

METHODS = {method.path: method for method in vars(_methods).values() if isinstance(method, _methods.Method)}
OPTIONS = [
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
    ("grpc.initial_reconnect_backoff_ms", 50),
    # Clients of one address must not share a connection: scenarios cut theirs.
    ("grpc.use_local_subchannel_pool", 1),
]


@dataclass(slots=True)
class Call:
    """A call under way: what is still to be sent, and what gRPC knows of it."""

    method: _methods.Method[Message, Message]
    requests: queue.SimpleQueue[Message | None] = field(default_factory=queue.SimpleQueue)
    rpc: grpc.Call | None = None

    def sent(self) -> Iterator[Message]:
        """Messages as they come; ends with the sending."""
        while (message := self.requests.get()) is not None:
            yield message


class Driver:
    """Reads commands, makes calls, and tells what comes of them."""

    def __init__(self, commands: IO[bytes], events: IO[bytes], style: sdk.Style) -> None:
        self._commands = commands
        self._events = events
        self._style = style
        self._addresses: dict[int, str] = {}
        self._sessions: dict[int, sdk.Session] = {}
        self._sdk_calls: dict[int, Callable[[], object]] = {}
        self._lock = threading.Lock()
        self._clients: dict[int, grpc.Channel] = {}
        self._shown: dict[int, tuple[tuple[str, str], ...]] = {}
        self._calls: dict[int, Call] = {}

    def run(self) -> None:
        """Until there are no more commands."""
        client = f"Python, grpcio {grpc.__version__}"
        self._say(pb.DriverResponse(ready=pb.DriverReady(client=client, sdk=self._style.name)))
        while (data := self._read()) is not None:
            self._obey(pb.DriverRequest.FromString(data))
        for channel in self._clients.values():
            channel.close()

    def _obey(self, request: pb.DriverRequest) -> None:
        kind = request.WhichOneof("command")
        if kind == "connect":
            self._addresses[request.connect.client] = request.connect.address
            self._clients[request.connect.client] = grpc.insecure_channel(request.connect.address, OPTIONS)
            token = request.connect.token
            self._shown[request.connect.client] = (("authorization", f"Bearer {token}"),) if token else ()
        elif kind == "disconnect":
            self._clients.pop(request.disconnect.client).close()
            if session := self._sessions.pop(request.disconnect.client, None):
                session.close()
        elif kind == "start":
            self._start(request.start)
        elif kind == "sdk":
            self._start_sdk(request.sdk)
        elif kind == "cancel" and (give_up := self._sdk_calls.get(request.cancel.call)):
            give_up()
        # A call may have ended while the command was on its way: then there is nothing left to do.
        elif kind == "send" and (call := self._calls.get(request.send.call)):
            call.requests.put(call.method.request.FromString(request.send.message))
        elif kind == "finish" and (call := self._calls.get(request.finish.call)):
            call.requests.put(None)
        elif kind == "cancel" and (call := self._calls.get(request.cancel.call)) and call.rpc is not None:
            call.rpc.cancel()

    def _start(self, start: pb.StartCall) -> None:
        method = METHODS["/" + start.method]
        call = Call(method)
        if start.HasField("request"):
            call.requests.put(method.request.FromString(start.request))
            call.requests.put(None)
        # To gRPC's wire every call is a stream of messages each way; a unary call is one with a single message.
        invoke = self._clients[start.client].stream_stream(
            method.path,
            request_serializer=method.request.SerializeToString,
            response_deserializer=method.response.FromString,
        )
        shown = self._shown[start.client]
        rpc = invoke(call.sent(), timeout=start.timeout.ToTimedelta().total_seconds(), metadata=shown)
        call.rpc = rpc
        self._calls[start.call] = call
        threading.Thread(target=self._receive, args=(start.call, rpc, rpc), daemon=True).start()

    def _start_sdk(self, call: pb.SdkCall) -> None:
        session = self._sessions.get(call.client)
        if session is None:
            session = self._sessions[call.client] = sdk.Session(self._addresses[call.client], self._style)

        def tell(result: Any, failure: BaseException | None) -> None:
            self._sdk_calls.pop(call.call, None)
            if failure is None:
                returned = pb.SdkReturned(call=call.call, result=json.dumps(result).encode())
                self._say(pb.DriverResponse(returned=returned))
            else:
                error = json.dumps(sdk_results.error(failure)).encode()
                self._say(pb.DriverResponse(failed=pb.SdkFailed(call=call.call, error=error)))

        give_up = session.call(call.target, call.verb, call.handle, json.loads(call.arguments), tell)
        self._sdk_calls[call.call] = give_up

    def _receive(self, number: int, rpc: grpc.Call, answers: Iterator[Message]) -> None:
        try:
            for message in answers:
                received = pb.MessageReceived(call=number, message=message.SerializeToString())
                self._say(pb.DriverResponse(received=received))
        except grpc.RpcError:
            pass  # The status says the same.
        call = self._calls.pop(number)
        call.requests.put(None)
        trailers = dict(rpc.trailing_metadata() or ())
        status = trailers.get("grpc-status-details-bin", b"")
        ended = pb.CallEnded(
            call=number,
            code=rpc.code().value[0],
            message=rpc.details() or "",
            status=status if isinstance(status, bytes) else b"",
        )
        self._say(pb.DriverResponse(ended=ended))

    def _say(self, response: pb.DriverResponse) -> None:
        data = response.SerializeToString()
        with self._lock:
            self._events.write(_varint(len(data)) + data)
            self._events.flush()

    def _read(self) -> bytes | None:
        size = shift = 0
        while byte := self._commands.read(1):
            size |= (byte[0] & 0x7F) << shift
            if byte[0] < 0x80:
                return self._commands.read(size)
            shift += 7
        return None


def _varint(number: int) -> bytes:
    parts = bytearray()
    while number > 0x7F:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    parts.append(number)
    return bytes(parts)


if __name__ == "__main__":
    style = sdk.Asyncio() if "--asyncio" in sys.argv else sdk.Blocking()
    Driver(sys.stdin.buffer, sys.stdout.buffer, style).run()
