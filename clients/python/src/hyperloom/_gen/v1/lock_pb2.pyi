from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class LockMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LOCK_MODE_UNSPECIFIED: _ClassVar[LockMode]
    LOCK_MODE_SHARED: _ClassVar[LockMode]
    LOCK_MODE_EXCLUSIVE: _ClassVar[LockMode]
    LOCK_MODE_SHARED_INTENT_EXCLUSIVE: _ClassVar[LockMode]

class LockState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LOCK_STATE_UNSPECIFIED: _ClassVar[LockState]
    LOCK_STATE_WAITING: _ClassVar[LockState]
    LOCK_STATE_HELD: _ClassVar[LockState]
    LOCK_STATE_DELAYED: _ClassVar[LockState]
LOCK_MODE_UNSPECIFIED: LockMode
LOCK_MODE_SHARED: LockMode
LOCK_MODE_EXCLUSIVE: LockMode
LOCK_MODE_SHARED_INTENT_EXCLUSIVE: LockMode
LOCK_STATE_UNSPECIFIED: LockState
LOCK_STATE_WAITING: LockState
LOCK_STATE_HELD: LockState
LOCK_STATE_DELAYED: LockState

class Lock(_message.Message):
    __slots__ = ("id", "lease_id", "targets", "state", "fencing_token", "author", "label", "request_time", "grant_time", "delay", "position")
    ID_FIELD_NUMBER: _ClassVar[int]
    LEASE_ID_FIELD_NUMBER: _ClassVar[int]
    TARGETS_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    FENCING_TOKEN_FIELD_NUMBER: _ClassVar[int]
    AUTHOR_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    REQUEST_TIME_FIELD_NUMBER: _ClassVar[int]
    GRANT_TIME_FIELD_NUMBER: _ClassVar[int]
    DELAY_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    id: str
    lease_id: str
    targets: _containers.RepeatedCompositeFieldContainer[LockTarget]
    state: LockState
    fencing_token: int
    author: str
    label: str
    request_time: _timestamp_pb2.Timestamp
    grant_time: _timestamp_pb2.Timestamp
    delay: _duration_pb2.Duration
    position: int
    def __init__(self, id: _Optional[str] = ..., lease_id: _Optional[str] = ..., targets: _Optional[_Iterable[_Union[LockTarget, _Mapping]]] = ..., state: _Optional[_Union[LockState, str]] = ..., fencing_token: _Optional[int] = ..., author: _Optional[str] = ..., label: _Optional[str] = ..., request_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., grant_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., delay: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ..., position: _Optional[int] = ...) -> None: ...

class LockTarget(_message.Message):
    __slots__ = ("path", "mode")
    PATH_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    path: str
    mode: LockMode
    def __init__(self, path: _Optional[str] = ..., mode: _Optional[_Union[LockMode, str]] = ...) -> None: ...

class DeadlockMember(_message.Message):
    __slots__ = ("lease_id", "lock_id", "author", "targets")
    LEASE_ID_FIELD_NUMBER: _ClassVar[int]
    LOCK_ID_FIELD_NUMBER: _ClassVar[int]
    AUTHOR_FIELD_NUMBER: _ClassVar[int]
    TARGETS_FIELD_NUMBER: _ClassVar[int]
    lease_id: str
    lock_id: str
    author: str
    targets: _containers.RepeatedCompositeFieldContainer[LockTarget]
    def __init__(self, lease_id: _Optional[str] = ..., lock_id: _Optional[str] = ..., author: _Optional[str] = ..., targets: _Optional[_Iterable[_Union[LockTarget, _Mapping]]] = ...) -> None: ...

class DeadlockReport(_message.Message):
    __slots__ = ("members",)
    MEMBERS_FIELD_NUMBER: _ClassVar[int]
    members: _containers.RepeatedCompositeFieldContainer[DeadlockMember]
    def __init__(self, members: _Optional[_Iterable[_Union[DeadlockMember, _Mapping]]] = ...) -> None: ...
