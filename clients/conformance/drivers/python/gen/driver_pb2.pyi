from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class DriverRequest(_message.Message):
    __slots__ = ("connect", "start", "send", "finish", "cancel", "disconnect", "sdk")
    CONNECT_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    SEND_FIELD_NUMBER: _ClassVar[int]
    FINISH_FIELD_NUMBER: _ClassVar[int]
    CANCEL_FIELD_NUMBER: _ClassVar[int]
    DISCONNECT_FIELD_NUMBER: _ClassVar[int]
    SDK_FIELD_NUMBER: _ClassVar[int]
    connect: Connect
    start: StartCall
    send: SendMessage
    finish: FinishSending
    cancel: CancelCall
    disconnect: Disconnect
    sdk: SdkCall
    def __init__(self, connect: _Optional[_Union[Connect, _Mapping]] = ..., start: _Optional[_Union[StartCall, _Mapping]] = ..., send: _Optional[_Union[SendMessage, _Mapping]] = ..., finish: _Optional[_Union[FinishSending, _Mapping]] = ..., cancel: _Optional[_Union[CancelCall, _Mapping]] = ..., disconnect: _Optional[_Union[Disconnect, _Mapping]] = ..., sdk: _Optional[_Union[SdkCall, _Mapping]] = ...) -> None: ...

class Connect(_message.Message):
    __slots__ = ("client", "address", "token")
    CLIENT_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    client: int
    address: str
    token: str
    def __init__(self, client: _Optional[int] = ..., address: _Optional[str] = ..., token: _Optional[str] = ...) -> None: ...

class Disconnect(_message.Message):
    __slots__ = ("client",)
    CLIENT_FIELD_NUMBER: _ClassVar[int]
    client: int
    def __init__(self, client: _Optional[int] = ...) -> None: ...

class StartCall(_message.Message):
    __slots__ = ("call", "client", "method", "request", "timeout")
    CALL_FIELD_NUMBER: _ClassVar[int]
    CLIENT_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    call: int
    client: int
    method: str
    request: bytes
    timeout: _duration_pb2.Duration
    def __init__(self, call: _Optional[int] = ..., client: _Optional[int] = ..., method: _Optional[str] = ..., request: _Optional[bytes] = ..., timeout: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class SendMessage(_message.Message):
    __slots__ = ("call", "message")
    CALL_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    call: int
    message: bytes
    def __init__(self, call: _Optional[int] = ..., message: _Optional[bytes] = ...) -> None: ...

class FinishSending(_message.Message):
    __slots__ = ("call",)
    CALL_FIELD_NUMBER: _ClassVar[int]
    call: int
    def __init__(self, call: _Optional[int] = ...) -> None: ...

class CancelCall(_message.Message):
    __slots__ = ("call",)
    CALL_FIELD_NUMBER: _ClassVar[int]
    call: int
    def __init__(self, call: _Optional[int] = ...) -> None: ...

class SdkCall(_message.Message):
    __slots__ = ("call", "client", "target", "verb", "arguments", "handle")
    CALL_FIELD_NUMBER: _ClassVar[int]
    CLIENT_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    VERB_FIELD_NUMBER: _ClassVar[int]
    ARGUMENTS_FIELD_NUMBER: _ClassVar[int]
    HANDLE_FIELD_NUMBER: _ClassVar[int]
    call: int
    client: int
    target: str
    verb: str
    arguments: bytes
    handle: str
    def __init__(self, call: _Optional[int] = ..., client: _Optional[int] = ..., target: _Optional[str] = ..., verb: _Optional[str] = ..., arguments: _Optional[bytes] = ..., handle: _Optional[str] = ...) -> None: ...

class DriverResponse(_message.Message):
    __slots__ = ("ready", "received", "ended", "returned", "failed")
    READY_FIELD_NUMBER: _ClassVar[int]
    RECEIVED_FIELD_NUMBER: _ClassVar[int]
    ENDED_FIELD_NUMBER: _ClassVar[int]
    RETURNED_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    ready: DriverReady
    received: MessageReceived
    ended: CallEnded
    returned: SdkReturned
    failed: SdkFailed
    def __init__(self, ready: _Optional[_Union[DriverReady, _Mapping]] = ..., received: _Optional[_Union[MessageReceived, _Mapping]] = ..., ended: _Optional[_Union[CallEnded, _Mapping]] = ..., returned: _Optional[_Union[SdkReturned, _Mapping]] = ..., failed: _Optional[_Union[SdkFailed, _Mapping]] = ...) -> None: ...

class DriverReady(_message.Message):
    __slots__ = ("client", "sdk")
    CLIENT_FIELD_NUMBER: _ClassVar[int]
    SDK_FIELD_NUMBER: _ClassVar[int]
    client: str
    sdk: str
    def __init__(self, client: _Optional[str] = ..., sdk: _Optional[str] = ...) -> None: ...

class MessageReceived(_message.Message):
    __slots__ = ("call", "message")
    CALL_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    call: int
    message: bytes
    def __init__(self, call: _Optional[int] = ..., message: _Optional[bytes] = ...) -> None: ...

class CallEnded(_message.Message):
    __slots__ = ("call", "code", "message", "status")
    CALL_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    call: int
    code: int
    message: str
    status: bytes
    def __init__(self, call: _Optional[int] = ..., code: _Optional[int] = ..., message: _Optional[str] = ..., status: _Optional[bytes] = ...) -> None: ...

class SdkReturned(_message.Message):
    __slots__ = ("call", "result")
    CALL_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    call: int
    result: bytes
    def __init__(self, call: _Optional[int] = ..., result: _Optional[bytes] = ...) -> None: ...

class SdkFailed(_message.Message):
    __slots__ = ("call", "error")
    CALL_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    call: int
    error: bytes
    def __init__(self, call: _Optional[int] = ..., error: _Optional[bytes] = ...) -> None: ...
