from google.protobuf import duration_pb2 as _duration_pb2
from hyperloom._gen.v1 import lease_pb2 as _lease_pb2
from hyperloom._gen.v1 import lock_pb2 as _lock_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GrantLeaseRequest(_message.Message):
    __slots__ = ("forest", "ttl", "label", "author", "request_id")
    FOREST_FIELD_NUMBER: _ClassVar[int]
    TTL_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    AUTHOR_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    forest: str
    ttl: _duration_pb2.Duration
    label: str
    author: str
    request_id: str
    def __init__(self, forest: _Optional[str] = ..., ttl: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ..., label: _Optional[str] = ..., author: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class GrantLeaseResponse(_message.Message):
    __slots__ = ("lease", "repeated")
    LEASE_FIELD_NUMBER: _ClassVar[int]
    REPEATED_FIELD_NUMBER: _ClassVar[int]
    lease: _lease_pb2.Lease
    repeated: bool
    def __init__(self, lease: _Optional[_Union[_lease_pb2.Lease, _Mapping]] = ..., repeated: bool = ...) -> None: ...

class EndLeaseRequest(_message.Message):
    __slots__ = ("forest", "lease_id", "author", "request_id")
    FOREST_FIELD_NUMBER: _ClassVar[int]
    LEASE_ID_FIELD_NUMBER: _ClassVar[int]
    AUTHOR_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    forest: str
    lease_id: str
    author: str
    request_id: str
    def __init__(self, forest: _Optional[str] = ..., lease_id: _Optional[str] = ..., author: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class EndLeaseResponse(_message.Message):
    __slots__ = ("revision", "deleted_nodes", "released_locks", "reverted_ghosts", "repeated")
    REVISION_FIELD_NUMBER: _ClassVar[int]
    DELETED_NODES_FIELD_NUMBER: _ClassVar[int]
    RELEASED_LOCKS_FIELD_NUMBER: _ClassVar[int]
    REVERTED_GHOSTS_FIELD_NUMBER: _ClassVar[int]
    REPEATED_FIELD_NUMBER: _ClassVar[int]
    revision: int
    deleted_nodes: int
    released_locks: int
    reverted_ghosts: int
    repeated: bool
    def __init__(self, revision: _Optional[int] = ..., deleted_nodes: _Optional[int] = ..., released_locks: _Optional[int] = ..., reverted_ghosts: _Optional[int] = ..., repeated: bool = ...) -> None: ...

class ListLeasesRequest(_message.Message):
    __slots__ = ("forest", "page_size", "page_token")
    FOREST_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    forest: str
    page_size: int
    page_token: str
    def __init__(self, forest: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListLeasesResponse(_message.Message):
    __slots__ = ("leases", "next_page_token")
    LEASES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    leases: _containers.RepeatedCompositeFieldContainer[_lease_pb2.Lease]
    next_page_token: str
    def __init__(self, leases: _Optional[_Iterable[_Union[_lease_pb2.Lease, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class AcquireLockRequest(_message.Message):
    __slots__ = ("forest", "lease_id", "ttl", "targets", "wait", "delay", "label", "author", "request_id")
    FOREST_FIELD_NUMBER: _ClassVar[int]
    LEASE_ID_FIELD_NUMBER: _ClassVar[int]
    TTL_FIELD_NUMBER: _ClassVar[int]
    TARGETS_FIELD_NUMBER: _ClassVar[int]
    WAIT_FIELD_NUMBER: _ClassVar[int]
    DELAY_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    AUTHOR_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    forest: str
    lease_id: str
    ttl: _duration_pb2.Duration
    targets: _containers.RepeatedCompositeFieldContainer[_lock_pb2.LockTarget]
    wait: _duration_pb2.Duration
    delay: _duration_pb2.Duration
    label: str
    author: str
    request_id: str
    def __init__(self, forest: _Optional[str] = ..., lease_id: _Optional[str] = ..., ttl: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ..., targets: _Optional[_Iterable[_Union[_lock_pb2.LockTarget, _Mapping]]] = ..., wait: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ..., delay: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ..., label: _Optional[str] = ..., author: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class AcquireLockResponse(_message.Message):
    __slots__ = ("lock", "lease", "repeated")
    LOCK_FIELD_NUMBER: _ClassVar[int]
    LEASE_FIELD_NUMBER: _ClassVar[int]
    REPEATED_FIELD_NUMBER: _ClassVar[int]
    lock: _lock_pb2.Lock
    lease: _lease_pb2.Lease
    repeated: bool
    def __init__(self, lock: _Optional[_Union[_lock_pb2.Lock, _Mapping]] = ..., lease: _Optional[_Union[_lease_pb2.Lease, _Mapping]] = ..., repeated: bool = ...) -> None: ...

class ReleaseLockRequest(_message.Message):
    __slots__ = ("forest", "lock_id", "lease_id", "end_lease", "author", "request_id")
    FOREST_FIELD_NUMBER: _ClassVar[int]
    LOCK_ID_FIELD_NUMBER: _ClassVar[int]
    LEASE_ID_FIELD_NUMBER: _ClassVar[int]
    END_LEASE_FIELD_NUMBER: _ClassVar[int]
    AUTHOR_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    forest: str
    lock_id: str
    lease_id: str
    end_lease: bool
    author: str
    request_id: str
    def __init__(self, forest: _Optional[str] = ..., lock_id: _Optional[str] = ..., lease_id: _Optional[str] = ..., end_lease: bool = ..., author: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class ReleaseLockResponse(_message.Message):
    __slots__ = ("repeated",)
    REPEATED_FIELD_NUMBER: _ClassVar[int]
    repeated: bool
    def __init__(self, repeated: bool = ...) -> None: ...

class InspectLocksRequest(_message.Message):
    __slots__ = ("forest", "path", "lease_id", "page_size", "page_token")
    FOREST_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    LEASE_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    forest: str
    path: str
    lease_id: str
    page_size: int
    page_token: str
    def __init__(self, forest: _Optional[str] = ..., path: _Optional[str] = ..., lease_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class InspectLocksResponse(_message.Message):
    __slots__ = ("locks", "next_page_token")
    LOCKS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    locks: _containers.RepeatedCompositeFieldContainer[InspectedLock]
    next_page_token: str
    def __init__(self, locks: _Optional[_Iterable[_Union[InspectedLock, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class InspectedLock(_message.Message):
    __slots__ = ("lock", "waits_for", "waits_for_total")
    LOCK_FIELD_NUMBER: _ClassVar[int]
    WAITS_FOR_FIELD_NUMBER: _ClassVar[int]
    WAITS_FOR_TOTAL_FIELD_NUMBER: _ClassVar[int]
    lock: _lock_pb2.Lock
    waits_for: _containers.RepeatedScalarFieldContainer[str]
    waits_for_total: int
    def __init__(self, lock: _Optional[_Union[_lock_pb2.Lock, _Mapping]] = ..., waits_for: _Optional[_Iterable[str]] = ..., waits_for_total: _Optional[int] = ...) -> None: ...
