from google.protobuf import any_pb2 as _any_pb2
from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ValueForm(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    VALUE_FORM_UNSPECIFIED: _ClassVar[ValueForm]
    VALUE_FORM_STORED: _ClassVar[ValueForm]
    VALUE_FORM_JSON: _ClassVar[ValueForm]

class FormProblem(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FORM_PROBLEM_UNSPECIFIED: _ClassVar[FormProblem]
    FORM_PROBLEM_UNBOUND: _ClassVar[FormProblem]
    FORM_PROBLEM_NO_JSON: _ClassVar[FormProblem]
    FORM_PROBLEM_TOO_LARGE: _ClassVar[FormProblem]
    FORM_PROBLEM_SCHEMA_UNUSABLE: _ClassVar[FormProblem]
    FORM_PROBLEM_SUPERSEDED: _ClassVar[FormProblem]
VALUE_FORM_UNSPECIFIED: ValueForm
VALUE_FORM_STORED: ValueForm
VALUE_FORM_JSON: ValueForm
FORM_PROBLEM_UNSPECIFIED: FormProblem
FORM_PROBLEM_UNBOUND: FormProblem
FORM_PROBLEM_NO_JSON: FormProblem
FORM_PROBLEM_TOO_LARGE: FormProblem
FORM_PROBLEM_SCHEMA_UNUSABLE: FormProblem
FORM_PROBLEM_SUPERSEDED: FormProblem

class Value(_message.Message):
    __slots__ = ("json", "text", "bytes", "message", "struct", "message_json", "form_problem")
    JSON_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    STRUCT_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_JSON_FIELD_NUMBER: _ClassVar[int]
    FORM_PROBLEM_FIELD_NUMBER: _ClassVar[int]
    json: bytes
    text: str
    bytes: bytes
    message: _any_pb2.Any
    struct: _struct_pb2.Value
    message_json: bytes
    form_problem: FormProblem
    def __init__(self, json: _Optional[bytes] = ..., text: _Optional[str] = ..., bytes: _Optional[bytes] = ..., message: _Optional[_Union[_any_pb2.Any, _Mapping]] = ..., struct: _Optional[_Union[_struct_pb2.Value, _Mapping]] = ..., message_json: _Optional[bytes] = ..., form_problem: _Optional[_Union[FormProblem, str]] = ...) -> None: ...

class ValueView(_message.Message):
    __slots__ = ("form", "pins")
    FORM_FIELD_NUMBER: _ClassVar[int]
    PINS_FIELD_NUMBER: _ClassVar[int]
    form: ValueForm
    pins: _containers.RepeatedCompositeFieldContainer[SchemaPin]
    def __init__(self, form: _Optional[_Union[ValueForm, str]] = ..., pins: _Optional[_Iterable[_Union[SchemaPin, _Mapping]]] = ...) -> None: ...

class SchemaPin(_message.Message):
    __slots__ = ("schema", "version")
    SCHEMA_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    schema: str
    version: int
    def __init__(self, schema: _Optional[str] = ..., version: _Optional[int] = ...) -> None: ...

class Node(_message.Message):
    __slots__ = ("path", "value", "created_revision", "modified_revision", "version", "author", "subtree_revision", "staged_sequence", "child_count", "value_bytes", "lease_id")
    PATH_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    CREATED_REVISION_FIELD_NUMBER: _ClassVar[int]
    MODIFIED_REVISION_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    AUTHOR_FIELD_NUMBER: _ClassVar[int]
    SUBTREE_REVISION_FIELD_NUMBER: _ClassVar[int]
    STAGED_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    CHILD_COUNT_FIELD_NUMBER: _ClassVar[int]
    VALUE_BYTES_FIELD_NUMBER: _ClassVar[int]
    LEASE_ID_FIELD_NUMBER: _ClassVar[int]
    path: str
    value: Value
    created_revision: int
    modified_revision: int
    version: int
    author: str
    subtree_revision: int
    staged_sequence: int
    child_count: int
    value_bytes: int
    lease_id: str
    def __init__(self, path: _Optional[str] = ..., value: _Optional[_Union[Value, _Mapping]] = ..., created_revision: _Optional[int] = ..., modified_revision: _Optional[int] = ..., version: _Optional[int] = ..., author: _Optional[str] = ..., subtree_revision: _Optional[int] = ..., staged_sequence: _Optional[int] = ..., child_count: _Optional[int] = ..., value_bytes: _Optional[int] = ..., lease_id: _Optional[str] = ...) -> None: ...
