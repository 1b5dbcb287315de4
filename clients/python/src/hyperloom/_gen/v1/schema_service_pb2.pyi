from hyperloom._gen.v1 import schema_pb2 as _schema_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RegisterSchemaRequest(_message.Message):
    __slots__ = ("forest", "name", "definition", "expected_version", "request_id", "author", "mapping")
    FOREST_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    DEFINITION_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_VERSION_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    AUTHOR_FIELD_NUMBER: _ClassVar[int]
    MAPPING_FIELD_NUMBER: _ClassVar[int]
    forest: str
    name: str
    definition: _schema_pb2.SchemaDefinition
    expected_version: int
    request_id: str
    author: str
    mapping: _schema_pb2.SchemaMapping
    def __init__(self, forest: _Optional[str] = ..., name: _Optional[str] = ..., definition: _Optional[_Union[_schema_pb2.SchemaDefinition, _Mapping]] = ..., expected_version: _Optional[int] = ..., request_id: _Optional[str] = ..., author: _Optional[str] = ..., mapping: _Optional[_Union[_schema_pb2.SchemaMapping, _Mapping]] = ...) -> None: ...

class RegisterSchemaResponse(_message.Message):
    __slots__ = ("schema", "unchanged", "repeated", "mapped_values")
    SCHEMA_FIELD_NUMBER: _ClassVar[int]
    UNCHANGED_FIELD_NUMBER: _ClassVar[int]
    REPEATED_FIELD_NUMBER: _ClassVar[int]
    MAPPED_VALUES_FIELD_NUMBER: _ClassVar[int]
    schema: _schema_pb2.Schema
    unchanged: bool
    repeated: bool
    mapped_values: int
    def __init__(self, schema: _Optional[_Union[_schema_pb2.Schema, _Mapping]] = ..., unchanged: bool = ..., repeated: bool = ..., mapped_values: _Optional[int] = ...) -> None: ...

class ValidateSchemaRequest(_message.Message):
    __slots__ = ("forest", "name", "definition", "mapping")
    FOREST_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    DEFINITION_FIELD_NUMBER: _ClassVar[int]
    MAPPING_FIELD_NUMBER: _ClassVar[int]
    forest: str
    name: str
    definition: _schema_pb2.SchemaDefinition
    mapping: _schema_pb2.SchemaMapping
    def __init__(self, forest: _Optional[str] = ..., name: _Optional[str] = ..., definition: _Optional[_Union[_schema_pb2.SchemaDefinition, _Mapping]] = ..., mapping: _Optional[_Union[_schema_pb2.SchemaMapping, _Mapping]] = ...) -> None: ...

class ValidateSchemaResponse(_message.Message):
    __slots__ = ("schema", "unchanged", "reason", "message", "problems", "revision", "mapped_values")
    SCHEMA_FIELD_NUMBER: _ClassVar[int]
    UNCHANGED_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    PROBLEMS_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    MAPPED_VALUES_FIELD_NUMBER: _ClassVar[int]
    schema: _schema_pb2.Schema
    unchanged: bool
    reason: str
    message: str
    problems: _containers.RepeatedCompositeFieldContainer[_schema_pb2.SchemaProblem]
    revision: int
    mapped_values: int
    def __init__(self, schema: _Optional[_Union[_schema_pb2.Schema, _Mapping]] = ..., unchanged: bool = ..., reason: _Optional[str] = ..., message: _Optional[str] = ..., problems: _Optional[_Iterable[_Union[_schema_pb2.SchemaProblem, _Mapping]]] = ..., revision: _Optional[int] = ..., mapped_values: _Optional[int] = ...) -> None: ...

class GetSchemaRequest(_message.Message):
    __slots__ = ("forest", "name", "version", "at_revision")
    FOREST_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    AT_REVISION_FIELD_NUMBER: _ClassVar[int]
    forest: str
    name: str
    version: int
    at_revision: int
    def __init__(self, forest: _Optional[str] = ..., name: _Optional[str] = ..., version: _Optional[int] = ..., at_revision: _Optional[int] = ...) -> None: ...

class GetSchemaResponse(_message.Message):
    __slots__ = ("schema", "revision")
    SCHEMA_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    schema: _schema_pb2.Schema
    revision: int
    def __init__(self, schema: _Optional[_Union[_schema_pb2.Schema, _Mapping]] = ..., revision: _Optional[int] = ...) -> None: ...

class ListSchemasRequest(_message.Message):
    __slots__ = ("forest", "at_revision")
    FOREST_FIELD_NUMBER: _ClassVar[int]
    AT_REVISION_FIELD_NUMBER: _ClassVar[int]
    forest: str
    at_revision: int
    def __init__(self, forest: _Optional[str] = ..., at_revision: _Optional[int] = ...) -> None: ...

class ListSchemasResponse(_message.Message):
    __slots__ = ("schemas", "unbound_paths", "revision")
    SCHEMAS_FIELD_NUMBER: _ClassVar[int]
    UNBOUND_PATHS_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    schemas: _containers.RepeatedCompositeFieldContainer[_schema_pb2.Schema]
    unbound_paths: _schema_pb2.UnboundPaths
    revision: int
    def __init__(self, schemas: _Optional[_Iterable[_Union[_schema_pb2.Schema, _Mapping]]] = ..., unbound_paths: _Optional[_Union[_schema_pb2.UnboundPaths, str]] = ..., revision: _Optional[int] = ...) -> None: ...

class SetUnboundPathsRequest(_message.Message):
    __slots__ = ("forest", "unbound_paths", "request_id", "author")
    FOREST_FIELD_NUMBER: _ClassVar[int]
    UNBOUND_PATHS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    AUTHOR_FIELD_NUMBER: _ClassVar[int]
    forest: str
    unbound_paths: _schema_pb2.UnboundPaths
    request_id: str
    author: str
    def __init__(self, forest: _Optional[str] = ..., unbound_paths: _Optional[_Union[_schema_pb2.UnboundPaths, str]] = ..., request_id: _Optional[str] = ..., author: _Optional[str] = ...) -> None: ...

class SetUnboundPathsResponse(_message.Message):
    __slots__ = ("revision", "repeated")
    REVISION_FIELD_NUMBER: _ClassVar[int]
    REPEATED_FIELD_NUMBER: _ClassVar[int]
    revision: int
    repeated: bool
    def __init__(self, revision: _Optional[int] = ..., repeated: bool = ...) -> None: ...
