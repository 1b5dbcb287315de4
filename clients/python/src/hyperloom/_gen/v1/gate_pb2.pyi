from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ViolationAction(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    VIOLATION_ACTION_UNSPECIFIED: _ClassVar[ViolationAction]
    VIOLATION_ACTION_REVERT: _ClassVar[ViolationAction]
    VIOLATION_ACTION_COLLECT: _ClassVar[ViolationAction]

class GateState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    GATE_STATE_UNSPECIFIED: _ClassVar[GateState]
    GATE_STATE_OPEN: _ClassVar[GateState]
    GATE_STATE_PENDING: _ClassVar[GateState]
    GATE_STATE_CLOSED: _ClassVar[GateState]
    GATE_STATE_UNCHECKED: _ClassVar[GateState]
VIOLATION_ACTION_UNSPECIFIED: ViolationAction
VIOLATION_ACTION_REVERT: ViolationAction
VIOLATION_ACTION_COLLECT: ViolationAction
GATE_STATE_UNSPECIFIED: GateState
GATE_STATE_OPEN: GateState
GATE_STATE_PENDING: GateState
GATE_STATE_CLOSED: GateState
GATE_STATE_UNCHECKED: GateState

class Gate(_message.Message):
    __slots__ = ("limit", "review", "schema")
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    REVIEW_FIELD_NUMBER: _ClassVar[int]
    SCHEMA_FIELD_NUMBER: _ClassVar[int]
    limit: LimitGate
    review: ReviewGate
    schema: SchemaGate
    def __init__(self, limit: _Optional[_Union[LimitGate, _Mapping]] = ..., review: _Optional[_Union[ReviewGate, _Mapping]] = ..., schema: _Optional[_Union[SchemaGate, _Mapping]] = ...) -> None: ...

class LimitGate(_message.Message):
    __slots__ = ("patterns", "operations_max", "bytes_max")
    PATTERNS_FIELD_NUMBER: _ClassVar[int]
    OPERATIONS_MAX_FIELD_NUMBER: _ClassVar[int]
    BYTES_MAX_FIELD_NUMBER: _ClassVar[int]
    patterns: _containers.RepeatedScalarFieldContainer[str]
    operations_max: int
    bytes_max: int
    def __init__(self, patterns: _Optional[_Iterable[str]] = ..., operations_max: _Optional[int] = ..., bytes_max: _Optional[int] = ...) -> None: ...

class ReviewGate(_message.Message):
    __slots__ = ("reviewer",)
    REVIEWER_FIELD_NUMBER: _ClassVar[int]
    reviewer: str
    def __init__(self, reviewer: _Optional[str] = ...) -> None: ...

class SchemaGate(_message.Message):
    __slots__ = ("on_violation",)
    ON_VIOLATION_FIELD_NUMBER: _ClassVar[int]
    on_violation: ViolationAction
    def __init__(self, on_violation: _Optional[_Union[ViolationAction, str]] = ...) -> None: ...

class GateStanding(_message.Message):
    __slots__ = ("gate", "state", "author", "reason", "decision_time", "violations")
    GATE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    AUTHOR_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    DECISION_TIME_FIELD_NUMBER: _ClassVar[int]
    VIOLATIONS_FIELD_NUMBER: _ClassVar[int]
    gate: Gate
    state: GateState
    author: str
    reason: str
    decision_time: _timestamp_pb2.Timestamp
    violations: _containers.RepeatedCompositeFieldContainer[SchemaViolation]
    def __init__(self, gate: _Optional[_Union[Gate, _Mapping]] = ..., state: _Optional[_Union[GateState, str]] = ..., author: _Optional[str] = ..., reason: _Optional[str] = ..., decision_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., violations: _Optional[_Iterable[_Union[SchemaViolation, _Mapping]]] = ...) -> None: ...

class SchemaViolation(_message.Message):
    __slots__ = ("path", "field", "rule", "message")
    PATH_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    path: str
    field: str
    rule: str
    message: str
    def __init__(self, path: _Optional[str] = ..., field: _Optional[str] = ..., rule: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...

class Race(_message.Message):
    __slots__ = ("id", "attempts_max")
    ID_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTS_MAX_FIELD_NUMBER: _ClassVar[int]
    id: str
    attempts_max: int
    def __init__(self, id: _Optional[str] = ..., attempts_max: _Optional[int] = ...) -> None: ...

class RaceStanding(_message.Message):
    __slots__ = ("race", "attempts", "winner_ghost_id")
    RACE_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    WINNER_GHOST_ID_FIELD_NUMBER: _ClassVar[int]
    race: Race
    attempts: int
    winner_ghost_id: str
    def __init__(self, race: _Optional[_Union[Race, _Mapping]] = ..., attempts: _Optional[int] = ..., winner_ghost_id: _Optional[str] = ...) -> None: ...
