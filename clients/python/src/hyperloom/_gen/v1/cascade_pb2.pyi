from hyperloom._gen.v1 import operation_pb2 as _operation_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Cascade(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CASCADE_UNSPECIFIED: _ClassVar[Cascade]
    CASCADE_NONE: _ClassVar[Cascade]
    CASCADE_REPORT: _ClassVar[Cascade]
    CASCADE_ALL: _ClassVar[Cascade]

class NotUndoneCause(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    NOT_UNDONE_CAUSE_UNSPECIFIED: _ClassVar[NotUndoneCause]
    NOT_UNDONE_CAUSE_OVERWRITTEN: _ClassVar[NotUndoneCause]
    NOT_UNDONE_CAUSE_BUILT_UPON: _ClassVar[NotUndoneCause]
    NOT_UNDONE_CAUSE_HISTORY_GONE: _ClassVar[NotUndoneCause]
    NOT_UNDONE_CAUSE_SCHEMA: _ClassVar[NotUndoneCause]
CASCADE_UNSPECIFIED: Cascade
CASCADE_NONE: Cascade
CASCADE_REPORT: Cascade
CASCADE_ALL: Cascade
NOT_UNDONE_CAUSE_UNSPECIFIED: NotUndoneCause
NOT_UNDONE_CAUSE_OVERWRITTEN: NotUndoneCause
NOT_UNDONE_CAUSE_BUILT_UPON: NotUndoneCause
NOT_UNDONE_CAUSE_HISTORY_GONE: NotUndoneCause
NOT_UNDONE_CAUSE_SCHEMA: NotUndoneCause

class CascadeReport(_message.Message):
    __slots__ = ("undone", "not_undone", "ghosts", "undone_total", "not_undone_total", "ghosts_total", "operations")
    UNDONE_FIELD_NUMBER: _ClassVar[int]
    NOT_UNDONE_FIELD_NUMBER: _ClassVar[int]
    GHOSTS_FIELD_NUMBER: _ClassVar[int]
    UNDONE_TOTAL_FIELD_NUMBER: _ClassVar[int]
    NOT_UNDONE_TOTAL_FIELD_NUMBER: _ClassVar[int]
    GHOSTS_TOTAL_FIELD_NUMBER: _ClassVar[int]
    OPERATIONS_FIELD_NUMBER: _ClassVar[int]
    undone: _containers.RepeatedCompositeFieldContainer[UndonePublish]
    not_undone: _containers.RepeatedCompositeFieldContainer[NotUndone]
    ghosts: _containers.RepeatedCompositeFieldContainer[AffectedGhost]
    undone_total: int
    not_undone_total: int
    ghosts_total: int
    operations: int
    def __init__(self, undone: _Optional[_Iterable[_Union[UndonePublish, _Mapping]]] = ..., not_undone: _Optional[_Iterable[_Union[NotUndone, _Mapping]]] = ..., ghosts: _Optional[_Iterable[_Union[AffectedGhost, _Mapping]]] = ..., undone_total: _Optional[int] = ..., not_undone_total: _Optional[int] = ..., ghosts_total: _Optional[int] = ..., operations: _Optional[int] = ...) -> None: ...

class UndonePublish(_message.Message):
    __slots__ = ("revision", "author", "label", "hops")
    REVISION_FIELD_NUMBER: _ClassVar[int]
    AUTHOR_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    HOPS_FIELD_NUMBER: _ClassVar[int]
    revision: int
    author: str
    label: str
    hops: int
    def __init__(self, revision: _Optional[int] = ..., author: _Optional[str] = ..., label: _Optional[str] = ..., hops: _Optional[int] = ...) -> None: ...

class NotUndone(_message.Message):
    __slots__ = ("path", "revision", "cause", "overwritten_by_revision")
    PATH_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    OVERWRITTEN_BY_REVISION_FIELD_NUMBER: _ClassVar[int]
    path: str
    revision: int
    cause: NotUndoneCause
    overwritten_by_revision: int
    def __init__(self, path: _Optional[str] = ..., revision: _Optional[int] = ..., cause: _Optional[_Union[NotUndoneCause, str]] = ..., overwritten_by_revision: _Optional[int] = ...) -> None: ...

class AffectedGhost(_message.Message):
    __slots__ = ("ghost_id", "author", "basis")
    GHOST_ID_FIELD_NUMBER: _ClassVar[int]
    AUTHOR_FIELD_NUMBER: _ClassVar[int]
    BASIS_FIELD_NUMBER: _ClassVar[int]
    ghost_id: str
    author: str
    basis: _containers.RepeatedCompositeFieldContainer[_operation_pb2.BasisEntry]
    def __init__(self, ghost_id: _Optional[str] = ..., author: _Optional[str] = ..., basis: _Optional[_Iterable[_Union[_operation_pb2.BasisEntry, _Mapping]]] = ...) -> None: ...

class BasisReverted(_message.Message):
    __slots__ = ("author", "revisions", "ghost_ids", "basis", "reason")
    AUTHOR_FIELD_NUMBER: _ClassVar[int]
    REVISIONS_FIELD_NUMBER: _ClassVar[int]
    GHOST_IDS_FIELD_NUMBER: _ClassVar[int]
    BASIS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    author: str
    revisions: _containers.RepeatedScalarFieldContainer[int]
    ghost_ids: _containers.RepeatedScalarFieldContainer[str]
    basis: _containers.RepeatedCompositeFieldContainer[_operation_pb2.BasisEntry]
    reason: str
    def __init__(self, author: _Optional[str] = ..., revisions: _Optional[_Iterable[int]] = ..., ghost_ids: _Optional[_Iterable[str]] = ..., basis: _Optional[_Iterable[_Union[_operation_pb2.BasisEntry, _Mapping]]] = ..., reason: _Optional[str] = ...) -> None: ...
