from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from hyperloom._gen.v1 import gate_pb2 as _gate_pb2
from hyperloom._gen.v1 import node_pb2 as _node_pb2
from hyperloom._gen.v1 import operation_pb2 as _operation_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GhostState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    GHOST_STATE_UNSPECIFIED: _ClassVar[GhostState]
    GHOST_STATE_LIVE: _ClassVar[GhostState]
    GHOST_STATE_COMMITTED: _ClassVar[GhostState]
    GHOST_STATE_REVERTED: _ClassVar[GhostState]
    GHOST_STATE_EXPIRED: _ClassVar[GhostState]

class ConflictKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CONFLICT_KIND_UNSPECIFIED: _ClassVar[ConflictKind]
    CONFLICT_KIND_VALUE: _ClassVar[ConflictKind]
    CONFLICT_KIND_SUBTREE: _ClassVar[ConflictKind]
    CONFLICT_KIND_PRECONDITION: _ClassVar[ConflictKind]
    CONFLICT_KIND_BASIS: _ClassVar[ConflictKind]
    CONFLICT_KIND_REFUSED: _ClassVar[ConflictKind]
GHOST_STATE_UNSPECIFIED: GhostState
GHOST_STATE_LIVE: GhostState
GHOST_STATE_COMMITTED: GhostState
GHOST_STATE_REVERTED: GhostState
GHOST_STATE_EXPIRED: GhostState
CONFLICT_KIND_UNSPECIFIED: ConflictKind
CONFLICT_KIND_VALUE: ConflictKind
CONFLICT_KIND_SUBTREE: ConflictKind
CONFLICT_KIND_PRECONDITION: ConflictKind
CONFLICT_KIND_BASIS: ConflictKind
CONFLICT_KIND_REFUSED: ConflictKind

class Ghost(_message.Message):
    __slots__ = ("id", "scope", "base_revision", "parent_ghost_id", "label", "author", "state", "staged_operations", "staged_bytes", "sequence", "ttl", "checkpoints", "attempts", "committed_revision", "begin_time", "edition", "gates", "commit_pending", "race", "lease_id", "migration_schema", "reverted_basis")
    ID_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    BASE_REVISION_FIELD_NUMBER: _ClassVar[int]
    PARENT_GHOST_ID_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    AUTHOR_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    STAGED_OPERATIONS_FIELD_NUMBER: _ClassVar[int]
    STAGED_BYTES_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    TTL_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINTS_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    COMMITTED_REVISION_FIELD_NUMBER: _ClassVar[int]
    BEGIN_TIME_FIELD_NUMBER: _ClassVar[int]
    EDITION_FIELD_NUMBER: _ClassVar[int]
    GATES_FIELD_NUMBER: _ClassVar[int]
    COMMIT_PENDING_FIELD_NUMBER: _ClassVar[int]
    RACE_FIELD_NUMBER: _ClassVar[int]
    LEASE_ID_FIELD_NUMBER: _ClassVar[int]
    MIGRATION_SCHEMA_FIELD_NUMBER: _ClassVar[int]
    REVERTED_BASIS_FIELD_NUMBER: _ClassVar[int]
    id: str
    scope: str
    base_revision: int
    parent_ghost_id: str
    label: str
    author: str
    state: GhostState
    staged_operations: int
    staged_bytes: int
    sequence: int
    ttl: _duration_pb2.Duration
    checkpoints: _containers.RepeatedCompositeFieldContainer[GhostCheckpoint]
    attempts: _containers.RepeatedCompositeFieldContainer[RevertedAttempt]
    committed_revision: int
    begin_time: _timestamp_pb2.Timestamp
    edition: int
    gates: _containers.RepeatedCompositeFieldContainer[_gate_pb2.GateStanding]
    commit_pending: bool
    race: _gate_pb2.RaceStanding
    lease_id: str
    migration_schema: str
    reverted_basis: _containers.RepeatedCompositeFieldContainer[RevertedBasis]
    def __init__(self, id: _Optional[str] = ..., scope: _Optional[str] = ..., base_revision: _Optional[int] = ..., parent_ghost_id: _Optional[str] = ..., label: _Optional[str] = ..., author: _Optional[str] = ..., state: _Optional[_Union[GhostState, str]] = ..., staged_operations: _Optional[int] = ..., staged_bytes: _Optional[int] = ..., sequence: _Optional[int] = ..., ttl: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ..., checkpoints: _Optional[_Iterable[_Union[GhostCheckpoint, _Mapping]]] = ..., attempts: _Optional[_Iterable[_Union[RevertedAttempt, _Mapping]]] = ..., committed_revision: _Optional[int] = ..., begin_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., edition: _Optional[int] = ..., gates: _Optional[_Iterable[_Union[_gate_pb2.GateStanding, _Mapping]]] = ..., commit_pending: bool = ..., race: _Optional[_Union[_gate_pb2.RaceStanding, _Mapping]] = ..., lease_id: _Optional[str] = ..., migration_schema: _Optional[str] = ..., reverted_basis: _Optional[_Iterable[_Union[RevertedBasis, _Mapping]]] = ...) -> None: ...

class RevertedBasis(_message.Message):
    __slots__ = ("basis", "reverted_revision", "sequence")
    BASIS_FIELD_NUMBER: _ClassVar[int]
    REVERTED_REVISION_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    basis: _operation_pb2.BasisEntry
    reverted_revision: int
    sequence: int
    def __init__(self, basis: _Optional[_Union[_operation_pb2.BasisEntry, _Mapping]] = ..., reverted_revision: _Optional[int] = ..., sequence: _Optional[int] = ...) -> None: ...

class GhostCheckpoint(_message.Message):
    __slots__ = ("name", "sequence", "staged_operations")
    NAME_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    STAGED_OPERATIONS_FIELD_NUMBER: _ClassVar[int]
    name: str
    sequence: int
    staged_operations: int
    def __init__(self, name: _Optional[str] = ..., sequence: _Optional[int] = ..., staged_operations: _Optional[int] = ...) -> None: ...

class RevertedAttempt(_message.Message):
    __slots__ = ("reason", "checkpoint", "dropped_operations", "author")
    REASON_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    DROPPED_OPERATIONS_FIELD_NUMBER: _ClassVar[int]
    AUTHOR_FIELD_NUMBER: _ClassVar[int]
    reason: str
    checkpoint: str
    dropped_operations: int
    author: str
    def __init__(self, reason: _Optional[str] = ..., checkpoint: _Optional[str] = ..., dropped_operations: _Optional[int] = ..., author: _Optional[str] = ...) -> None: ...

class Conflict(_message.Message):
    __slots__ = ("path", "kind", "base", "trunk", "ghost", "message")
    PATH_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    BASE_FIELD_NUMBER: _ClassVar[int]
    TRUNK_FIELD_NUMBER: _ClassVar[int]
    GHOST_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    path: str
    kind: ConflictKind
    base: _node_pb2.Node
    trunk: _node_pb2.Node
    ghost: _node_pb2.Node
    message: str
    def __init__(self, path: _Optional[str] = ..., kind: _Optional[_Union[ConflictKind, str]] = ..., base: _Optional[_Union[_node_pb2.Node, _Mapping]] = ..., trunk: _Optional[_Union[_node_pb2.Node, _Mapping]] = ..., ghost: _Optional[_Union[_node_pb2.Node, _Mapping]] = ..., message: _Optional[str] = ...) -> None: ...

class ConflictReport(_message.Message):
    __slots__ = ("conflicts", "total")
    CONFLICTS_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    conflicts: _containers.RepeatedCompositeFieldContainer[Conflict]
    total: int
    def __init__(self, conflicts: _Optional[_Iterable[_Union[Conflict, _Mapping]]] = ..., total: _Optional[int] = ...) -> None: ...
