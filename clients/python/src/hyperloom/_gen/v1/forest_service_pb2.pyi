from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from hyperloom._gen.v1 import meter_pb2 as _meter_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Forest(_message.Message):
    __slots__ = ("name", "revision", "compacted_revision", "nodes", "ghosts", "stored_bytes")
    NAME_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    COMPACTED_REVISION_FIELD_NUMBER: _ClassVar[int]
    NODES_FIELD_NUMBER: _ClassVar[int]
    GHOSTS_FIELD_NUMBER: _ClassVar[int]
    STORED_BYTES_FIELD_NUMBER: _ClassVar[int]
    name: str
    revision: int
    compacted_revision: int
    nodes: int
    ghosts: int
    stored_bytes: int
    def __init__(self, name: _Optional[str] = ..., revision: _Optional[int] = ..., compacted_revision: _Optional[int] = ..., nodes: _Optional[int] = ..., ghosts: _Optional[int] = ..., stored_bytes: _Optional[int] = ...) -> None: ...

class CreateForestRequest(_message.Message):
    __slots__ = ("name", "request_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    request_id: str
    def __init__(self, name: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class CreateForestResponse(_message.Message):
    __slots__ = ("forest", "repeated")
    FOREST_FIELD_NUMBER: _ClassVar[int]
    REPEATED_FIELD_NUMBER: _ClassVar[int]
    forest: Forest
    repeated: bool
    def __init__(self, forest: _Optional[_Union[Forest, _Mapping]] = ..., repeated: bool = ...) -> None: ...

class ListForestsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListForestsResponse(_message.Message):
    __slots__ = ("forests",)
    FORESTS_FIELD_NUMBER: _ClassVar[int]
    forests: _containers.RepeatedCompositeFieldContainer[Forest]
    def __init__(self, forests: _Optional[_Iterable[_Union[Forest, _Mapping]]] = ...) -> None: ...

class DeleteForestRequest(_message.Message):
    __slots__ = ("name", "request_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    request_id: str
    def __init__(self, name: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class DeleteForestResponse(_message.Message):
    __slots__ = ("repeated",)
    REPEATED_FIELD_NUMBER: _ClassVar[int]
    repeated: bool
    def __init__(self, repeated: bool = ...) -> None: ...

class CompactRequest(_message.Message):
    __slots__ = ("forest", "revision", "request_id")
    FOREST_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    forest: str
    revision: int
    request_id: str
    def __init__(self, forest: _Optional[str] = ..., revision: _Optional[int] = ..., request_id: _Optional[str] = ...) -> None: ...

class CompactResponse(_message.Message):
    __slots__ = ("compacted_revision", "freed_bytes", "repeated")
    COMPACTED_REVISION_FIELD_NUMBER: _ClassVar[int]
    FREED_BYTES_FIELD_NUMBER: _ClassVar[int]
    REPEATED_FIELD_NUMBER: _ClassVar[int]
    compacted_revision: int
    freed_bytes: int
    repeated: bool
    def __init__(self, compacted_revision: _Optional[int] = ..., freed_bytes: _Optional[int] = ..., repeated: bool = ...) -> None: ...

class BackupRequest(_message.Message):
    __slots__ = ("forest", "resume", "tail")
    FOREST_FIELD_NUMBER: _ClassVar[int]
    RESUME_FIELD_NUMBER: _ClassVar[int]
    TAIL_FIELD_NUMBER: _ClassVar[int]
    forest: str
    resume: BackupMark
    tail: BackupTail
    def __init__(self, forest: _Optional[str] = ..., resume: _Optional[_Union[BackupMark, _Mapping]] = ..., tail: _Optional[_Union[BackupTail, _Mapping]] = ...) -> None: ...

class BackupTail(_message.Message):
    __slots__ = ("position", "time", "base_revision", "follow")
    POSITION_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    BASE_REVISION_FIELD_NUMBER: _ClassVar[int]
    FOLLOW_FIELD_NUMBER: _ClassVar[int]
    position: int
    time: _timestamp_pb2.Timestamp
    base_revision: int
    follow: bool
    def __init__(self, position: _Optional[int] = ..., time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., base_revision: _Optional[int] = ..., follow: bool = ...) -> None: ...

class BackupMark(_message.Message):
    __slots__ = ("position", "bytes", "checksum")
    POSITION_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    CHECKSUM_FIELD_NUMBER: _ClassVar[int]
    position: int
    bytes: int
    checksum: int
    def __init__(self, position: _Optional[int] = ..., bytes: _Optional[int] = ..., checksum: _Optional[int] = ...) -> None: ...

class BackupResponse(_message.Message):
    __slots__ = ("chunk", "revision", "position", "time", "base_position")
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    BASE_POSITION_FIELD_NUMBER: _ClassVar[int]
    chunk: bytes
    revision: int
    position: int
    time: _timestamp_pb2.Timestamp
    base_position: int
    def __init__(self, chunk: _Optional[bytes] = ..., revision: _Optional[int] = ..., position: _Optional[int] = ..., time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., base_position: _Optional[int] = ...) -> None: ...

class RestoreRequest(_message.Message):
    __slots__ = ("forest", "chunk", "request_id")
    FOREST_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    forest: str
    chunk: bytes
    request_id: str
    def __init__(self, forest: _Optional[str] = ..., chunk: _Optional[bytes] = ..., request_id: _Optional[str] = ...) -> None: ...

class RestoreResponse(_message.Message):
    __slots__ = ("forest", "repeated")
    FOREST_FIELD_NUMBER: _ClassVar[int]
    REPEATED_FIELD_NUMBER: _ClassVar[int]
    forest: Forest
    repeated: bool
    def __init__(self, forest: _Optional[_Union[Forest, _Mapping]] = ..., repeated: bool = ...) -> None: ...

class GetStatusRequest(_message.Message):
    __slots__ = ("forest", "include_state_hash", "include_meters")
    FOREST_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_STATE_HASH_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_METERS_FIELD_NUMBER: _ClassVar[int]
    forest: str
    include_state_hash: bool
    include_meters: bool
    def __init__(self, forest: _Optional[str] = ..., include_state_hash: bool = ..., include_meters: bool = ...) -> None: ...

class GetStatusResponse(_message.Message):
    __slots__ = ("version", "start_time", "forest", "position", "durable_position", "snapshot_position", "state_hash", "state_hash_position", "subscriptions", "subscriptions_catching_up", "resident_bytes", "cpu_time", "journal", "write_stop_reason", "request_ids", "leases", "locks_held", "locks_waiting", "meters", "meters_position", "meters_after_position", "cached_token_price", "nodes_max", "bytes_max")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    FOREST_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    DURABLE_POSITION_FIELD_NUMBER: _ClassVar[int]
    SNAPSHOT_POSITION_FIELD_NUMBER: _ClassVar[int]
    STATE_HASH_FIELD_NUMBER: _ClassVar[int]
    STATE_HASH_POSITION_FIELD_NUMBER: _ClassVar[int]
    SUBSCRIPTIONS_FIELD_NUMBER: _ClassVar[int]
    SUBSCRIPTIONS_CATCHING_UP_FIELD_NUMBER: _ClassVar[int]
    RESIDENT_BYTES_FIELD_NUMBER: _ClassVar[int]
    CPU_TIME_FIELD_NUMBER: _ClassVar[int]
    JOURNAL_FIELD_NUMBER: _ClassVar[int]
    WRITE_STOP_REASON_FIELD_NUMBER: _ClassVar[int]
    REQUEST_IDS_FIELD_NUMBER: _ClassVar[int]
    LEASES_FIELD_NUMBER: _ClassVar[int]
    LOCKS_HELD_FIELD_NUMBER: _ClassVar[int]
    LOCKS_WAITING_FIELD_NUMBER: _ClassVar[int]
    METERS_FIELD_NUMBER: _ClassVar[int]
    METERS_POSITION_FIELD_NUMBER: _ClassVar[int]
    METERS_AFTER_POSITION_FIELD_NUMBER: _ClassVar[int]
    CACHED_TOKEN_PRICE_FIELD_NUMBER: _ClassVar[int]
    NODES_MAX_FIELD_NUMBER: _ClassVar[int]
    BYTES_MAX_FIELD_NUMBER: _ClassVar[int]
    version: str
    start_time: _timestamp_pb2.Timestamp
    forest: Forest
    position: int
    durable_position: int
    snapshot_position: int
    state_hash: str
    state_hash_position: int
    subscriptions: int
    subscriptions_catching_up: int
    resident_bytes: int
    cpu_time: _duration_pb2.Duration
    journal: str
    write_stop_reason: str
    request_ids: int
    leases: int
    locks_held: int
    locks_waiting: int
    meters: _containers.RepeatedCompositeFieldContainer[_meter_pb2.Meter]
    meters_position: int
    meters_after_position: int
    cached_token_price: float
    nodes_max: int
    bytes_max: int
    def __init__(self, version: _Optional[str] = ..., start_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., forest: _Optional[_Union[Forest, _Mapping]] = ..., position: _Optional[int] = ..., durable_position: _Optional[int] = ..., snapshot_position: _Optional[int] = ..., state_hash: _Optional[str] = ..., state_hash_position: _Optional[int] = ..., subscriptions: _Optional[int] = ..., subscriptions_catching_up: _Optional[int] = ..., resident_bytes: _Optional[int] = ..., cpu_time: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ..., journal: _Optional[str] = ..., write_stop_reason: _Optional[str] = ..., request_ids: _Optional[int] = ..., leases: _Optional[int] = ..., locks_held: _Optional[int] = ..., locks_waiting: _Optional[int] = ..., meters: _Optional[_Iterable[_Union[_meter_pb2.Meter, _Mapping]]] = ..., meters_position: _Optional[int] = ..., meters_after_position: _Optional[int] = ..., cached_token_price: _Optional[float] = ..., nodes_max: _Optional[int] = ..., bytes_max: _Optional[int] = ...) -> None: ...
