from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class UnboundPaths(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    UNBOUND_PATHS_UNSPECIFIED: _ClassVar[UnboundPaths]
    UNBOUND_PATHS_FREE: _ClassVar[UnboundPaths]
    UNBOUND_PATHS_REFUSED: _ClassVar[UnboundPaths]
UNBOUND_PATHS_UNSPECIFIED: UnboundPaths
UNBOUND_PATHS_FREE: UnboundPaths
UNBOUND_PATHS_REFUSED: UnboundPaths

class Schema(_message.Message):
    __slots__ = ("name", "version", "definition", "bindings", "revision", "author", "register_time", "definition_bytes")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    DEFINITION_FIELD_NUMBER: _ClassVar[int]
    BINDINGS_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    AUTHOR_FIELD_NUMBER: _ClassVar[int]
    REGISTER_TIME_FIELD_NUMBER: _ClassVar[int]
    DEFINITION_BYTES_FIELD_NUMBER: _ClassVar[int]
    name: str
    version: int
    definition: SchemaDefinition
    bindings: _containers.RepeatedCompositeFieldContainer[SchemaBinding]
    revision: int
    author: str
    register_time: _timestamp_pb2.Timestamp
    definition_bytes: int
    def __init__(self, name: _Optional[str] = ..., version: _Optional[int] = ..., definition: _Optional[_Union[SchemaDefinition, _Mapping]] = ..., bindings: _Optional[_Iterable[_Union[SchemaBinding, _Mapping]]] = ..., revision: _Optional[int] = ..., author: _Optional[str] = ..., register_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., definition_bytes: _Optional[int] = ...) -> None: ...

class SchemaDefinition(_message.Message):
    __slots__ = ("descriptor_set", "json_schema")
    DESCRIPTOR_SET_FIELD_NUMBER: _ClassVar[int]
    JSON_SCHEMA_FIELD_NUMBER: _ClassVar[int]
    descriptor_set: bytes
    json_schema: JsonSchema
    def __init__(self, descriptor_set: _Optional[bytes] = ..., json_schema: _Optional[_Union[JsonSchema, _Mapping]] = ...) -> None: ...

class JsonSchema(_message.Message):
    __slots__ = ("json", "path")
    JSON_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    json: bytes
    path: str
    def __init__(self, json: _Optional[bytes] = ..., path: _Optional[str] = ...) -> None: ...

class SchemaMigration(_message.Message):
    __slots__ = ("name", "definition", "expected_version")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DEFINITION_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_VERSION_FIELD_NUMBER: _ClassVar[int]
    name: str
    definition: SchemaDefinition
    expected_version: int
    def __init__(self, name: _Optional[str] = ..., definition: _Optional[_Union[SchemaDefinition, _Mapping]] = ..., expected_version: _Optional[int] = ...) -> None: ...

class SchemaMapping(_message.Message):
    __slots__ = ("messages",)
    MESSAGES_FIELD_NUMBER: _ClassVar[int]
    messages: _containers.RepeatedCompositeFieldContainer[MessageMapping]
    def __init__(self, messages: _Optional[_Iterable[_Union[MessageMapping, _Mapping]]] = ...) -> None: ...

class MessageMapping(_message.Message):
    __slots__ = ("message_type", "rules", "drop_unknown_fields")
    MESSAGE_TYPE_FIELD_NUMBER: _ClassVar[int]
    RULES_FIELD_NUMBER: _ClassVar[int]
    DROP_UNKNOWN_FIELDS_FIELD_NUMBER: _ClassVar[int]
    message_type: str
    rules: _containers.RepeatedCompositeFieldContainer[MappingRule]
    drop_unknown_fields: bool
    def __init__(self, message_type: _Optional[str] = ..., rules: _Optional[_Iterable[_Union[MappingRule, _Mapping]]] = ..., drop_unknown_fields: bool = ...) -> None: ...

class MappingRule(_message.Message):
    __slots__ = ("move", "constant", "drop")
    MOVE_FIELD_NUMBER: _ClassVar[int]
    CONSTANT_FIELD_NUMBER: _ClassVar[int]
    DROP_FIELD_NUMBER: _ClassVar[int]
    move: FieldMove
    constant: FieldConstant
    drop: str
    def __init__(self, move: _Optional[_Union[FieldMove, _Mapping]] = ..., constant: _Optional[_Union[FieldConstant, _Mapping]] = ..., drop: _Optional[str] = ...) -> None: ...

class FieldMove(_message.Message):
    __slots__ = ("to",)
    FROM_FIELD_NUMBER: _ClassVar[int]
    TO_FIELD_NUMBER: _ClassVar[int]
    to: str
    def __init__(self, to: _Optional[str] = ..., **kwargs) -> None: ...

class FieldConstant(_message.Message):
    __slots__ = ("field", "json")
    FIELD_FIELD_NUMBER: _ClassVar[int]
    JSON_FIELD_NUMBER: _ClassVar[int]
    field: str
    json: bytes
    def __init__(self, field: _Optional[str] = ..., json: _Optional[bytes] = ...) -> None: ...

class SchemaBinding(_message.Message):
    __slots__ = ("path", "message_type")
    PATH_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_TYPE_FIELD_NUMBER: _ClassVar[int]
    path: str
    message_type: str
    def __init__(self, path: _Optional[str] = ..., message_type: _Optional[str] = ...) -> None: ...

class SchemaProblem(_message.Message):
    __slots__ = ("rule", "subject", "message")
    RULE_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    rule: str
    subject: str
    message: str
    def __init__(self, rule: _Optional[str] = ..., subject: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...
