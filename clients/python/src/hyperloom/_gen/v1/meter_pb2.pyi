from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Meter(_message.Message):
    __slots__ = ("agent", "tree", "publishes", "published", "read", "rendered", "full_history", "price")
    AGENT_FIELD_NUMBER: _ClassVar[int]
    TREE_FIELD_NUMBER: _ClassVar[int]
    PUBLISHES_FIELD_NUMBER: _ClassVar[int]
    PUBLISHED_FIELD_NUMBER: _ClassVar[int]
    READ_FIELD_NUMBER: _ClassVar[int]
    RENDERED_FIELD_NUMBER: _ClassVar[int]
    FULL_HISTORY_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    agent: str
    tree: str
    publishes: int
    published: Volume
    read: Volume
    rendered: Volume
    full_history: Volume
    price: MeterPrice
    def __init__(self, agent: _Optional[str] = ..., tree: _Optional[str] = ..., publishes: _Optional[int] = ..., published: _Optional[_Union[Volume, _Mapping]] = ..., read: _Optional[_Union[Volume, _Mapping]] = ..., rendered: _Optional[_Union[Volume, _Mapping]] = ..., full_history: _Optional[_Union[Volume, _Mapping]] = ..., price: _Optional[_Union[MeterPrice, _Mapping]] = ...) -> None: ...

class Volume(_message.Message):
    __slots__ = ("bytes", "tokens", "estimated_tokens")
    BYTES_FIELD_NUMBER: _ClassVar[int]
    TOKENS_FIELD_NUMBER: _ClassVar[int]
    ESTIMATED_TOKENS_FIELD_NUMBER: _ClassVar[int]
    bytes: int
    tokens: int
    estimated_tokens: int
    def __init__(self, bytes: _Optional[int] = ..., tokens: _Optional[int] = ..., estimated_tokens: _Optional[int] = ...) -> None: ...

class MeterPrice(_message.Message):
    __slots__ = ("context", "context_cached", "full_history", "full_history_cached")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    CONTEXT_CACHED_FIELD_NUMBER: _ClassVar[int]
    FULL_HISTORY_FIELD_NUMBER: _ClassVar[int]
    FULL_HISTORY_CACHED_FIELD_NUMBER: _ClassVar[int]
    context: float
    context_cached: float
    full_history: float
    full_history_cached: float
    def __init__(self, context: _Optional[float] = ..., context_cached: _Optional[float] = ..., full_history: _Optional[float] = ..., full_history_cached: _Optional[float] = ...) -> None: ...
