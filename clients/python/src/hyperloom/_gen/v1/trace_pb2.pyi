from hyperloom._gen.v1 import event_pb2 as _event_pb2
from hyperloom._gen.v1 import node_pb2 as _node_pb2
from hyperloom._gen.v1 import operation_pb2 as _operation_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class TraceDirection(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TRACE_DIRECTION_UNSPECIFIED: _ClassVar[TraceDirection]
    TRACE_DIRECTION_UPSTREAM: _ClassVar[TraceDirection]
    TRACE_DIRECTION_DOWNSTREAM: _ClassVar[TraceDirection]

class SeenStanding(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SEEN_STANDING_UNSPECIFIED: _ClassVar[SeenStanding]
    SEEN_STANDING_UNCHANGED: _ClassVar[SeenStanding]
    SEEN_STANDING_CHANGED: _ClassVar[SeenStanding]
    SEEN_STANDING_REVERTED: _ClassVar[SeenStanding]
    SEEN_STANDING_GONE: _ClassVar[SeenStanding]
TRACE_DIRECTION_UNSPECIFIED: TraceDirection
TRACE_DIRECTION_UPSTREAM: TraceDirection
TRACE_DIRECTION_DOWNSTREAM: TraceDirection
SEEN_STANDING_UNSPECIFIED: SeenStanding
SEEN_STANDING_UNCHANGED: SeenStanding
SEEN_STANDING_CHANGED: SeenStanding
SEEN_STANDING_REVERTED: SeenStanding
SEEN_STANDING_GONE: SeenStanding

class TraceRequest(_message.Message):
    __slots__ = ("forest", "revision", "ghost_diff", "path", "direction", "hops", "page_size", "page_token", "keys_only")
    FOREST_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    GHOST_DIFF_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    DIRECTION_FIELD_NUMBER: _ClassVar[int]
    HOPS_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    KEYS_ONLY_FIELD_NUMBER: _ClassVar[int]
    forest: str
    revision: int
    ghost_diff: GhostDiff
    path: str
    direction: TraceDirection
    hops: int
    page_size: int
    page_token: str
    keys_only: bool
    def __init__(self, forest: _Optional[str] = ..., revision: _Optional[int] = ..., ghost_diff: _Optional[_Union[GhostDiff, _Mapping]] = ..., path: _Optional[str] = ..., direction: _Optional[_Union[TraceDirection, str]] = ..., hops: _Optional[int] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., keys_only: bool = ...) -> None: ...

class GhostDiff(_message.Message):
    __slots__ = ("ghost_id", "sequence")
    GHOST_ID_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    ghost_id: str
    sequence: int
    def __init__(self, ghost_id: _Optional[str] = ..., sequence: _Optional[int] = ...) -> None: ...

class TraceResponse(_message.Message):
    __slots__ = ("entries", "next_page_token", "start", "revision")
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    entries: _containers.RepeatedCompositeFieldContainer[TraceEntry]
    next_page_token: str
    start: _event_pb2.Event
    revision: int
    def __init__(self, entries: _Optional[_Iterable[_Union[TraceEntry, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., start: _Optional[_Union[_event_pb2.Event, _Mapping]] = ..., revision: _Optional[int] = ...) -> None: ...

class TraceEntry(_message.Message):
    __slots__ = ("hops", "seen", "derived")
    HOPS_FIELD_NUMBER: _ClassVar[int]
    SEEN_FIELD_NUMBER: _ClassVar[int]
    DERIVED_FIELD_NUMBER: _ClassVar[int]
    hops: int
    seen: SeenNode
    derived: DerivedPublish
    def __init__(self, hops: _Optional[int] = ..., seen: _Optional[_Union[SeenNode, _Mapping]] = ..., derived: _Optional[_Union[DerivedPublish, _Mapping]] = ...) -> None: ...

class SeenNode(_message.Message):
    __slots__ = ("basis", "node", "standing", "reader_revision", "reader_diff")
    BASIS_FIELD_NUMBER: _ClassVar[int]
    NODE_FIELD_NUMBER: _ClassVar[int]
    STANDING_FIELD_NUMBER: _ClassVar[int]
    READER_REVISION_FIELD_NUMBER: _ClassVar[int]
    READER_DIFF_FIELD_NUMBER: _ClassVar[int]
    basis: _operation_pb2.BasisEntry
    node: _node_pb2.Node
    standing: SeenStanding
    reader_revision: int
    reader_diff: GhostDiff
    def __init__(self, basis: _Optional[_Union[_operation_pb2.BasisEntry, _Mapping]] = ..., node: _Optional[_Union[_node_pb2.Node, _Mapping]] = ..., standing: _Optional[_Union[SeenStanding, str]] = ..., reader_revision: _Optional[int] = ..., reader_diff: _Optional[_Union[GhostDiff, _Mapping]] = ...) -> None: ...

class DerivedPublish(_message.Message):
    __slots__ = ("event", "links", "standing_paths")
    EVENT_FIELD_NUMBER: _ClassVar[int]
    LINKS_FIELD_NUMBER: _ClassVar[int]
    STANDING_PATHS_FIELD_NUMBER: _ClassVar[int]
    event: _event_pb2.Event
    links: _containers.RepeatedCompositeFieldContainer[TraceLink]
    standing_paths: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, event: _Optional[_Union[_event_pb2.Event, _Mapping]] = ..., links: _Optional[_Iterable[_Union[TraceLink, _Mapping]]] = ..., standing_paths: _Optional[_Iterable[str]] = ...) -> None: ...

class TraceLink(_message.Message):
    __slots__ = ("basis", "writer_revision", "writer_diff")
    BASIS_FIELD_NUMBER: _ClassVar[int]
    WRITER_REVISION_FIELD_NUMBER: _ClassVar[int]
    WRITER_DIFF_FIELD_NUMBER: _ClassVar[int]
    basis: _operation_pb2.BasisEntry
    writer_revision: int
    writer_diff: GhostDiff
    def __init__(self, basis: _Optional[_Union[_operation_pb2.BasisEntry, _Mapping]] = ..., writer_revision: _Optional[int] = ..., writer_diff: _Optional[_Union[GhostDiff, _Mapping]] = ...) -> None: ...
