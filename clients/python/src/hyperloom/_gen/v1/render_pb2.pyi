from google.protobuf import duration_pb2 as _duration_pb2
from hyperloom._gen.v1 import operation_pb2 as _operation_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RenderFormat(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RENDER_FORMAT_UNSPECIFIED: _ClassVar[RenderFormat]
    RENDER_FORMAT_TEXT: _ClassVar[RenderFormat]
    RENDER_FORMAT_JSON: _ClassVar[RenderFormat]

class Tokenizer(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TOKENIZER_UNSPECIFIED: _ClassVar[Tokenizer]
    TOKENIZER_O200K: _ClassVar[Tokenizer]
    TOKENIZER_CL100K: _ClassVar[Tokenizer]
RENDER_FORMAT_UNSPECIFIED: RenderFormat
RENDER_FORMAT_TEXT: RenderFormat
RENDER_FORMAT_JSON: RenderFormat
TOKENIZER_UNSPECIFIED: Tokenizer
TOKENIZER_O200K: Tokenizer
TOKENIZER_CL100K: Tokenizer

class RenderContextRequest(_message.Message):
    __slots__ = ("forest", "parts", "at_revision", "ghost_id", "base_revision", "since_revision", "format", "token_budget", "tokenizer", "token_factor", "author", "change_token_budget", "since_sequence", "edition", "at_least_revision")
    FOREST_FIELD_NUMBER: _ClassVar[int]
    PARTS_FIELD_NUMBER: _ClassVar[int]
    AT_REVISION_FIELD_NUMBER: _ClassVar[int]
    GHOST_ID_FIELD_NUMBER: _ClassVar[int]
    BASE_REVISION_FIELD_NUMBER: _ClassVar[int]
    SINCE_REVISION_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    TOKEN_BUDGET_FIELD_NUMBER: _ClassVar[int]
    TOKENIZER_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FACTOR_FIELD_NUMBER: _ClassVar[int]
    AUTHOR_FIELD_NUMBER: _ClassVar[int]
    CHANGE_TOKEN_BUDGET_FIELD_NUMBER: _ClassVar[int]
    SINCE_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    EDITION_FIELD_NUMBER: _ClassVar[int]
    AT_LEAST_REVISION_FIELD_NUMBER: _ClassVar[int]
    forest: str
    parts: _containers.RepeatedCompositeFieldContainer[RenderPart]
    at_revision: int
    ghost_id: str
    base_revision: int
    since_revision: int
    format: RenderFormat
    token_budget: int
    tokenizer: Tokenizer
    token_factor: float
    author: str
    change_token_budget: int
    since_sequence: int
    edition: int
    at_least_revision: int
    def __init__(self, forest: _Optional[str] = ..., parts: _Optional[_Iterable[_Union[RenderPart, _Mapping]]] = ..., at_revision: _Optional[int] = ..., ghost_id: _Optional[str] = ..., base_revision: _Optional[int] = ..., since_revision: _Optional[int] = ..., format: _Optional[_Union[RenderFormat, str]] = ..., token_budget: _Optional[int] = ..., tokenizer: _Optional[_Union[Tokenizer, str]] = ..., token_factor: _Optional[float] = ..., author: _Optional[str] = ..., change_token_budget: _Optional[int] = ..., since_sequence: _Optional[int] = ..., edition: _Optional[int] = ..., at_least_revision: _Optional[int] = ...) -> None: ...

class RenderPart(_message.Message):
    __slots__ = ("pattern", "priority", "token_budget")
    PATTERN_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    TOKEN_BUDGET_FIELD_NUMBER: _ClassVar[int]
    pattern: str
    priority: int
    token_budget: int
    def __init__(self, pattern: _Optional[str] = ..., priority: _Optional[int] = ..., token_budget: _Optional[int] = ...) -> None: ...

class RenderContextResponse(_message.Message):
    __slots__ = ("text", "revision", "base_revision", "tokens", "base_bytes", "left_out", "left_out_tokens", "rebased_tokens", "basis", "layout_tokens", "sequence", "age")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    BASE_REVISION_FIELD_NUMBER: _ClassVar[int]
    TOKENS_FIELD_NUMBER: _ClassVar[int]
    BASE_BYTES_FIELD_NUMBER: _ClassVar[int]
    LEFT_OUT_FIELD_NUMBER: _ClassVar[int]
    LEFT_OUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    REBASED_TOKENS_FIELD_NUMBER: _ClassVar[int]
    BASIS_FIELD_NUMBER: _ClassVar[int]
    LAYOUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    AGE_FIELD_NUMBER: _ClassVar[int]
    text: str
    revision: int
    base_revision: int
    tokens: int
    base_bytes: int
    left_out: int
    left_out_tokens: int
    rebased_tokens: int
    basis: _containers.RepeatedCompositeFieldContainer[_operation_pb2.BasisEntry]
    layout_tokens: int
    sequence: int
    age: _duration_pb2.Duration
    def __init__(self, text: _Optional[str] = ..., revision: _Optional[int] = ..., base_revision: _Optional[int] = ..., tokens: _Optional[int] = ..., base_bytes: _Optional[int] = ..., left_out: _Optional[int] = ..., left_out_tokens: _Optional[int] = ..., rebased_tokens: _Optional[int] = ..., basis: _Optional[_Iterable[_Union[_operation_pb2.BasisEntry, _Mapping]]] = ..., layout_tokens: _Optional[int] = ..., sequence: _Optional[int] = ..., age: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ...) -> None: ...
