from google.protobuf import timestamp_pb2 as _timestamp_pb2
from hyperloom._gen.v1 import cascade_pb2 as _cascade_pb2
from hyperloom._gen.v1 import ghost_pb2 as _ghost_pb2
from hyperloom._gen.v1 import node_pb2 as _node_pb2
from hyperloom._gen.v1 import operation_pb2 as _operation_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GhostTransitionKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    GHOST_TRANSITION_KIND_UNSPECIFIED: _ClassVar[GhostTransitionKind]
    GHOST_TRANSITION_KIND_BEGUN: _ClassVar[GhostTransitionKind]
    GHOST_TRANSITION_KIND_STAGED: _ClassVar[GhostTransitionKind]
    GHOST_TRANSITION_KIND_CHECKPOINTED: _ClassVar[GhostTransitionKind]
    GHOST_TRANSITION_KIND_REWOUND: _ClassVar[GhostTransitionKind]
    GHOST_TRANSITION_KIND_REVERTED: _ClassVar[GhostTransitionKind]
    GHOST_TRANSITION_KIND_COMMITTED: _ClassVar[GhostTransitionKind]
    GHOST_TRANSITION_KIND_EXPIRED: _ClassVar[GhostTransitionKind]
    GHOST_TRANSITION_KIND_COMMIT_REQUESTED: _ClassVar[GhostTransitionKind]
    GHOST_TRANSITION_KIND_APPROVED: _ClassVar[GhostTransitionKind]
GHOST_TRANSITION_KIND_UNSPECIFIED: GhostTransitionKind
GHOST_TRANSITION_KIND_BEGUN: GhostTransitionKind
GHOST_TRANSITION_KIND_STAGED: GhostTransitionKind
GHOST_TRANSITION_KIND_CHECKPOINTED: GhostTransitionKind
GHOST_TRANSITION_KIND_REWOUND: GhostTransitionKind
GHOST_TRANSITION_KIND_REVERTED: GhostTransitionKind
GHOST_TRANSITION_KIND_COMMITTED: GhostTransitionKind
GHOST_TRANSITION_KIND_EXPIRED: GhostTransitionKind
GHOST_TRANSITION_KIND_COMMIT_REQUESTED: GhostTransitionKind
GHOST_TRANSITION_KIND_APPROVED: GhostTransitionKind

class Event(_message.Message):
    __slots__ = ("revision", "position", "time", "author", "label", "ghost_id", "transition", "changes", "basis", "request_id", "reverted_revision", "parts_left", "lease_id", "basis_reverted", "trace_parent")
    REVISION_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    AUTHOR_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    GHOST_ID_FIELD_NUMBER: _ClassVar[int]
    TRANSITION_FIELD_NUMBER: _ClassVar[int]
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    BASIS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    REVERTED_REVISION_FIELD_NUMBER: _ClassVar[int]
    PARTS_LEFT_FIELD_NUMBER: _ClassVar[int]
    LEASE_ID_FIELD_NUMBER: _ClassVar[int]
    BASIS_REVERTED_FIELD_NUMBER: _ClassVar[int]
    TRACE_PARENT_FIELD_NUMBER: _ClassVar[int]
    revision: int
    position: int
    time: _timestamp_pb2.Timestamp
    author: str
    label: str
    ghost_id: str
    transition: GhostTransition
    changes: _containers.RepeatedCompositeFieldContainer[Change]
    basis: _containers.RepeatedCompositeFieldContainer[_operation_pb2.BasisEntry]
    request_id: str
    reverted_revision: int
    parts_left: int
    lease_id: str
    basis_reverted: _containers.RepeatedCompositeFieldContainer[_cascade_pb2.BasisReverted]
    trace_parent: str
    def __init__(self, revision: _Optional[int] = ..., position: _Optional[int] = ..., time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., author: _Optional[str] = ..., label: _Optional[str] = ..., ghost_id: _Optional[str] = ..., transition: _Optional[_Union[GhostTransition, _Mapping]] = ..., changes: _Optional[_Iterable[_Union[Change, _Mapping]]] = ..., basis: _Optional[_Iterable[_Union[_operation_pb2.BasisEntry, _Mapping]]] = ..., request_id: _Optional[str] = ..., reverted_revision: _Optional[int] = ..., parts_left: _Optional[int] = ..., lease_id: _Optional[str] = ..., basis_reverted: _Optional[_Iterable[_Union[_cascade_pb2.BasisReverted, _Mapping]]] = ..., trace_parent: _Optional[str] = ...) -> None: ...

class Change(_message.Message):
    __slots__ = ("path", "put", "append", "merge", "increment", "delete", "copy", "result", "previous", "author")
    PATH_FIELD_NUMBER: _ClassVar[int]
    PUT_FIELD_NUMBER: _ClassVar[int]
    APPEND_FIELD_NUMBER: _ClassVar[int]
    MERGE_FIELD_NUMBER: _ClassVar[int]
    INCREMENT_FIELD_NUMBER: _ClassVar[int]
    DELETE_FIELD_NUMBER: _ClassVar[int]
    COPY_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_FIELD_NUMBER: _ClassVar[int]
    AUTHOR_FIELD_NUMBER: _ClassVar[int]
    path: str
    put: _node_pb2.Value
    append: _operation_pb2.Append
    merge: _operation_pb2.Merge
    increment: Incremented
    delete: _operation_pb2.Delete
    copy: _operation_pb2.Copy
    result: _node_pb2.Node
    previous: _node_pb2.Node
    author: str
    def __init__(self, path: _Optional[str] = ..., put: _Optional[_Union[_node_pb2.Value, _Mapping]] = ..., append: _Optional[_Union[_operation_pb2.Append, _Mapping]] = ..., merge: _Optional[_Union[_operation_pb2.Merge, _Mapping]] = ..., increment: _Optional[_Union[Incremented, _Mapping]] = ..., delete: _Optional[_Union[_operation_pb2.Delete, _Mapping]] = ..., copy: _Optional[_Union[_operation_pb2.Copy, _Mapping]] = ..., result: _Optional[_Union[_node_pb2.Node, _Mapping]] = ..., previous: _Optional[_Union[_node_pb2.Node, _Mapping]] = ..., author: _Optional[str] = ...) -> None: ...

class Incremented(_message.Message):
    __slots__ = ("increment", "result_json")
    INCREMENT_FIELD_NUMBER: _ClassVar[int]
    RESULT_JSON_FIELD_NUMBER: _ClassVar[int]
    increment: _operation_pb2.Increment
    result_json: bytes
    def __init__(self, increment: _Optional[_Union[_operation_pb2.Increment, _Mapping]] = ..., result_json: _Optional[bytes] = ...) -> None: ...

class GhostTransition(_message.Message):
    __slots__ = ("kind", "checkpoint", "reason", "ghost", "dropped_operations", "sequence", "reviewer")
    KIND_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    GHOST_FIELD_NUMBER: _ClassVar[int]
    DROPPED_OPERATIONS_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    REVIEWER_FIELD_NUMBER: _ClassVar[int]
    kind: GhostTransitionKind
    checkpoint: str
    reason: str
    ghost: _ghost_pb2.Ghost
    dropped_operations: int
    sequence: int
    reviewer: str
    def __init__(self, kind: _Optional[_Union[GhostTransitionKind, str]] = ..., checkpoint: _Optional[str] = ..., reason: _Optional[str] = ..., ghost: _Optional[_Union[_ghost_pb2.Ghost, _Mapping]] = ..., dropped_operations: _Optional[int] = ..., sequence: _Optional[int] = ..., reviewer: _Optional[str] = ...) -> None: ...
