from google.protobuf import any_pb2 as _any_pb2
from google.protobuf import field_mask_pb2 as _field_mask_pb2
from hyperloom._gen.v1 import node_pb2 as _node_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class DeleteScope(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DELETE_SCOPE_UNSPECIFIED: _ClassVar[DeleteScope]
    DELETE_SCOPE_SUBTREE: _ClassVar[DeleteScope]
    DELETE_SCOPE_NODE: _ClassVar[DeleteScope]

class Presence(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PRESENCE_UNSPECIFIED: _ClassVar[Presence]
    PRESENCE_PRESENT: _ClassVar[Presence]
    PRESENCE_ABSENT: _ClassVar[Presence]

class BasisExtent(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    BASIS_EXTENT_UNSPECIFIED: _ClassVar[BasisExtent]
    BASIS_EXTENT_NODE: _ClassVar[BasisExtent]
    BASIS_EXTENT_SUBTREE: _ClassVar[BasisExtent]
    BASIS_EXTENT_ABSENT: _ClassVar[BasisExtent]
DELETE_SCOPE_UNSPECIFIED: DeleteScope
DELETE_SCOPE_SUBTREE: DeleteScope
DELETE_SCOPE_NODE: DeleteScope
PRESENCE_UNSPECIFIED: Presence
PRESENCE_PRESENT: Presence
PRESENCE_ABSENT: Presence
BASIS_EXTENT_UNSPECIFIED: BasisExtent
BASIS_EXTENT_NODE: BasisExtent
BASIS_EXTENT_SUBTREE: BasisExtent
BASIS_EXTENT_ABSENT: BasisExtent

class Operation(_message.Message):
    __slots__ = ("path", "put", "append", "merge", "increment", "delete", "copy", "lease_id")
    PATH_FIELD_NUMBER: _ClassVar[int]
    PUT_FIELD_NUMBER: _ClassVar[int]
    APPEND_FIELD_NUMBER: _ClassVar[int]
    MERGE_FIELD_NUMBER: _ClassVar[int]
    INCREMENT_FIELD_NUMBER: _ClassVar[int]
    DELETE_FIELD_NUMBER: _ClassVar[int]
    COPY_FIELD_NUMBER: _ClassVar[int]
    LEASE_ID_FIELD_NUMBER: _ClassVar[int]
    path: str
    put: _node_pb2.Value
    append: Append
    merge: Merge
    increment: Increment
    delete: Delete
    copy: Copy
    lease_id: str
    def __init__(self, path: _Optional[str] = ..., put: _Optional[_Union[_node_pb2.Value, _Mapping]] = ..., append: _Optional[_Union[Append, _Mapping]] = ..., merge: _Optional[_Union[Merge, _Mapping]] = ..., increment: _Optional[_Union[Increment, _Mapping]] = ..., delete: _Optional[_Union[Delete, _Mapping]] = ..., copy: _Optional[_Union[Copy, _Mapping]] = ..., lease_id: _Optional[str] = ...) -> None: ...

class Append(_message.Message):
    __slots__ = ("text", "bytes", "items", "message")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    text: str
    bytes: bytes
    items: JsonItems
    message: _any_pb2.Any
    def __init__(self, text: _Optional[str] = ..., bytes: _Optional[bytes] = ..., items: _Optional[_Union[JsonItems, _Mapping]] = ..., message: _Optional[_Union[_any_pb2.Any, _Mapping]] = ...) -> None: ...

class JsonItems(_message.Message):
    __slots__ = ("json",)
    JSON_FIELD_NUMBER: _ClassVar[int]
    json: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, json: _Optional[_Iterable[bytes]] = ...) -> None: ...

class Merge(_message.Message):
    __slots__ = ("json_patch", "message", "mask")
    JSON_PATCH_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    MASK_FIELD_NUMBER: _ClassVar[int]
    json_patch: bytes
    message: _any_pb2.Any
    mask: _field_mask_pb2.FieldMask
    def __init__(self, json_patch: _Optional[bytes] = ..., message: _Optional[_Union[_any_pb2.Any, _Mapping]] = ..., mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ...) -> None: ...

class Increment(_message.Message):
    __slots__ = ("integer", "real", "field")
    INTEGER_FIELD_NUMBER: _ClassVar[int]
    REAL_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    integer: int
    real: float
    field: str
    def __init__(self, integer: _Optional[int] = ..., real: _Optional[float] = ..., field: _Optional[str] = ...) -> None: ...

class Delete(_message.Message):
    __slots__ = ("scope",)
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    scope: DeleteScope
    def __init__(self, scope: _Optional[_Union[DeleteScope, str]] = ...) -> None: ...

class Copy(_message.Message):
    __slots__ = ("source_path", "source_revision")
    SOURCE_PATH_FIELD_NUMBER: _ClassVar[int]
    SOURCE_REVISION_FIELD_NUMBER: _ClassVar[int]
    source_path: str
    source_revision: int
    def __init__(self, source_path: _Optional[str] = ..., source_revision: _Optional[int] = ...) -> None: ...

class Precondition(_message.Message):
    __slots__ = ("path", "presence", "modified_revision", "version", "subtree_unchanged_since", "field")
    PATH_FIELD_NUMBER: _ClassVar[int]
    PRESENCE_FIELD_NUMBER: _ClassVar[int]
    MODIFIED_REVISION_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    SUBTREE_UNCHANGED_SINCE_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    path: str
    presence: Presence
    modified_revision: int
    version: int
    subtree_unchanged_since: int
    field: FieldCondition
    def __init__(self, path: _Optional[str] = ..., presence: _Optional[_Union[Presence, str]] = ..., modified_revision: _Optional[int] = ..., version: _Optional[int] = ..., subtree_unchanged_since: _Optional[int] = ..., field: _Optional[_Union[FieldCondition, _Mapping]] = ...) -> None: ...

class FieldCondition(_message.Message):
    __slots__ = ("field", "json_pointer", "is_set", "equals_json")
    FIELD_FIELD_NUMBER: _ClassVar[int]
    JSON_POINTER_FIELD_NUMBER: _ClassVar[int]
    IS_SET_FIELD_NUMBER: _ClassVar[int]
    EQUALS_JSON_FIELD_NUMBER: _ClassVar[int]
    field: str
    json_pointer: str
    is_set: bool
    equals_json: bytes
    def __init__(self, field: _Optional[str] = ..., json_pointer: _Optional[str] = ..., is_set: bool = ..., equals_json: _Optional[bytes] = ...) -> None: ...

class BasisEntry(_message.Message):
    __slots__ = ("path", "revision", "extent", "ghost_id", "sequence")
    PATH_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    EXTENT_FIELD_NUMBER: _ClassVar[int]
    GHOST_ID_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    path: str
    revision: int
    extent: BasisExtent
    ghost_id: str
    sequence: int
    def __init__(self, path: _Optional[str] = ..., revision: _Optional[int] = ..., extent: _Optional[_Union[BasisExtent, str]] = ..., ghost_id: _Optional[str] = ..., sequence: _Optional[int] = ...) -> None: ...
