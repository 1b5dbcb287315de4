from google.protobuf import duration_pb2 as _duration_pb2
from hyperloom._gen.v1 import cascade_pb2 as _cascade_pb2
from hyperloom._gen.v1 import event_pb2 as _event_pb2
from hyperloom._gen.v1 import gate_pb2 as _gate_pb2
from hyperloom._gen.v1 import ghost_pb2 as _ghost_pb2
from hyperloom._gen.v1 import node_pb2 as _node_pb2
from hyperloom._gen.v1 import operation_pb2 as _operation_pb2
from hyperloom._gen.v1 import render_pb2 as _render_pb2
from hyperloom._gen.v1 import schema_pb2 as _schema_pb2
from hyperloom._gen.v1 import search_pb2 as _search_pb2
from hyperloom._gen.v1 import trace_pb2 as _trace_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ListDetail(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LIST_DETAIL_UNSPECIFIED: _ClassVar[ListDetail]
    LIST_DETAIL_VALUES: _ClassVar[ListDetail]
    LIST_DETAIL_KEYS: _ClassVar[ListDetail]

class ChangeDetail(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CHANGE_DETAIL_UNSPECIFIED: _ClassVar[ChangeDetail]
    CHANGE_DETAIL_OPERATION: _ClassVar[ChangeDetail]
    CHANGE_DETAIL_RESULT: _ClassVar[ChangeDetail]

class CommitIsolation(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    COMMIT_ISOLATION_UNSPECIFIED: _ClassVar[CommitIsolation]
    COMMIT_ISOLATION_WRITES: _ClassVar[CommitIsolation]
    COMMIT_ISOLATION_SERIALIZABLE: _ClassVar[CommitIsolation]

class HistoryScope(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    HISTORY_SCOPE_UNSPECIFIED: _ClassVar[HistoryScope]
    HISTORY_SCOPE_TRUNK: _ClassVar[HistoryScope]
    HISTORY_SCOPE_EVERYTHING: _ClassVar[HistoryScope]

class HistoryOrder(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    HISTORY_ORDER_UNSPECIFIED: _ClassVar[HistoryOrder]
    HISTORY_ORDER_OLDEST_FIRST: _ClassVar[HistoryOrder]
    HISTORY_ORDER_NEWEST_FIRST: _ClassVar[HistoryOrder]
LIST_DETAIL_UNSPECIFIED: ListDetail
LIST_DETAIL_VALUES: ListDetail
LIST_DETAIL_KEYS: ListDetail
CHANGE_DETAIL_UNSPECIFIED: ChangeDetail
CHANGE_DETAIL_OPERATION: ChangeDetail
CHANGE_DETAIL_RESULT: ChangeDetail
COMMIT_ISOLATION_UNSPECIFIED: CommitIsolation
COMMIT_ISOLATION_WRITES: CommitIsolation
COMMIT_ISOLATION_SERIALIZABLE: CommitIsolation
HISTORY_SCOPE_UNSPECIFIED: HistoryScope
HISTORY_SCOPE_TRUNK: HistoryScope
HISTORY_SCOPE_EVERYTHING: HistoryScope
HISTORY_ORDER_UNSPECIFIED: HistoryOrder
HISTORY_ORDER_OLDEST_FIRST: HistoryOrder
HISTORY_ORDER_NEWEST_FIRST: HistoryOrder

class PublishRequest(_message.Message):
    __slots__ = ("forest", "ghost_id", "operations", "preconditions", "request_id", "author", "label", "basis", "fencing_tokens", "lock_wait", "edition", "trace_parent")
    FOREST_FIELD_NUMBER: _ClassVar[int]
    GHOST_ID_FIELD_NUMBER: _ClassVar[int]
    OPERATIONS_FIELD_NUMBER: _ClassVar[int]
    PRECONDITIONS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    AUTHOR_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    BASIS_FIELD_NUMBER: _ClassVar[int]
    FENCING_TOKENS_FIELD_NUMBER: _ClassVar[int]
    LOCK_WAIT_FIELD_NUMBER: _ClassVar[int]
    EDITION_FIELD_NUMBER: _ClassVar[int]
    TRACE_PARENT_FIELD_NUMBER: _ClassVar[int]
    forest: str
    ghost_id: str
    operations: _containers.RepeatedCompositeFieldContainer[_operation_pb2.Operation]
    preconditions: _containers.RepeatedCompositeFieldContainer[_operation_pb2.Precondition]
    request_id: str
    author: str
    label: str
    basis: _containers.RepeatedCompositeFieldContainer[_operation_pb2.BasisEntry]
    fencing_tokens: _containers.RepeatedScalarFieldContainer[int]
    lock_wait: _duration_pb2.Duration
    edition: int
    trace_parent: str
    def __init__(self, forest: _Optional[str] = ..., ghost_id: _Optional[str] = ..., operations: _Optional[_Iterable[_Union[_operation_pb2.Operation, _Mapping]]] = ..., preconditions: _Optional[_Iterable[_Union[_operation_pb2.Precondition, _Mapping]]] = ..., request_id: _Optional[str] = ..., author: _Optional[str] = ..., label: _Optional[str] = ..., basis: _Optional[_Iterable[_Union[_operation_pb2.BasisEntry, _Mapping]]] = ..., fencing_tokens: _Optional[_Iterable[int]] = ..., lock_wait: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ..., edition: _Optional[int] = ..., trace_parent: _Optional[str] = ...) -> None: ...

class PublishResponse(_message.Message):
    __slots__ = ("revision", "sequence", "repeated", "edition")
    REVISION_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    REPEATED_FIELD_NUMBER: _ClassVar[int]
    EDITION_FIELD_NUMBER: _ClassVar[int]
    revision: int
    sequence: int
    repeated: bool
    edition: int
    def __init__(self, revision: _Optional[int] = ..., sequence: _Optional[int] = ..., repeated: bool = ..., edition: _Optional[int] = ...) -> None: ...

class PublishStreamRequest(_message.Message):
    __slots__ = ("publish", "more")
    PUBLISH_FIELD_NUMBER: _ClassVar[int]
    MORE_FIELD_NUMBER: _ClassVar[int]
    publish: PublishRequest
    more: _containers.RepeatedCompositeFieldContainer[PublishRequest]
    def __init__(self, publish: _Optional[_Union[PublishRequest, _Mapping]] = ..., more: _Optional[_Iterable[_Union[PublishRequest, _Mapping]]] = ...) -> None: ...

class PublishStreamResponse(_message.Message):
    __slots__ = ("published", "refused", "more")
    PUBLISHED_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    MORE_FIELD_NUMBER: _ClassVar[int]
    published: PublishResponse
    refused: Refusal
    more: _containers.RepeatedCompositeFieldContainer[PublishOutcome]
    def __init__(self, published: _Optional[_Union[PublishResponse, _Mapping]] = ..., refused: _Optional[_Union[Refusal, _Mapping]] = ..., more: _Optional[_Iterable[_Union[PublishOutcome, _Mapping]]] = ...) -> None: ...

class PublishOutcome(_message.Message):
    __slots__ = ("published", "refused")
    PUBLISHED_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    published: PublishResponse
    refused: Refusal
    def __init__(self, published: _Optional[_Union[PublishResponse, _Mapping]] = ..., refused: _Optional[_Union[Refusal, _Mapping]] = ...) -> None: ...

class Refusal(_message.Message):
    __slots__ = ("code", "message", "reason", "metadata", "violations")
    class MetadataEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    VIOLATIONS_FIELD_NUMBER: _ClassVar[int]
    code: int
    message: str
    reason: str
    metadata: _containers.ScalarMap[str, str]
    violations: _containers.RepeatedCompositeFieldContainer[FieldViolation]
    def __init__(self, code: _Optional[int] = ..., message: _Optional[str] = ..., reason: _Optional[str] = ..., metadata: _Optional[_Mapping[str, str]] = ..., violations: _Optional[_Iterable[_Union[FieldViolation, _Mapping]]] = ...) -> None: ...

class FieldViolation(_message.Message):
    __slots__ = ("field", "description")
    FIELD_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    field: str
    description: str
    def __init__(self, field: _Optional[str] = ..., description: _Optional[str] = ...) -> None: ...

class ReadView(_message.Message):
    __slots__ = ("at_revision", "ghost_id", "linearizable", "at_least_revision", "stale", "edition")
    AT_REVISION_FIELD_NUMBER: _ClassVar[int]
    GHOST_ID_FIELD_NUMBER: _ClassVar[int]
    LINEARIZABLE_FIELD_NUMBER: _ClassVar[int]
    AT_LEAST_REVISION_FIELD_NUMBER: _ClassVar[int]
    STALE_FIELD_NUMBER: _ClassVar[int]
    EDITION_FIELD_NUMBER: _ClassVar[int]
    at_revision: int
    ghost_id: str
    linearizable: Linearizable
    at_least_revision: int
    stale: Stale
    edition: int
    def __init__(self, at_revision: _Optional[int] = ..., ghost_id: _Optional[str] = ..., linearizable: _Optional[_Union[Linearizable, _Mapping]] = ..., at_least_revision: _Optional[int] = ..., stale: _Optional[_Union[Stale, _Mapping]] = ..., edition: _Optional[int] = ...) -> None: ...

class Linearizable(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Stale(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetRequest(_message.Message):
    __slots__ = ("forest", "path", "view", "values", "author")
    FOREST_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    VIEW_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    AUTHOR_FIELD_NUMBER: _ClassVar[int]
    forest: str
    path: str
    view: ReadView
    values: _node_pb2.ValueView
    author: str
    def __init__(self, forest: _Optional[str] = ..., path: _Optional[str] = ..., view: _Optional[_Union[ReadView, _Mapping]] = ..., values: _Optional[_Union[_node_pb2.ValueView, _Mapping]] = ..., author: _Optional[str] = ...) -> None: ...

class GetResponse(_message.Message):
    __slots__ = ("node", "revision", "age")
    NODE_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    AGE_FIELD_NUMBER: _ClassVar[int]
    node: _node_pb2.Node
    revision: int
    age: _duration_pb2.Duration
    def __init__(self, node: _Optional[_Union[_node_pb2.Node, _Mapping]] = ..., revision: _Optional[int] = ..., age: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class BatchGetRequest(_message.Message):
    __slots__ = ("forest", "paths", "view", "values", "author")
    FOREST_FIELD_NUMBER: _ClassVar[int]
    PATHS_FIELD_NUMBER: _ClassVar[int]
    VIEW_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    AUTHOR_FIELD_NUMBER: _ClassVar[int]
    forest: str
    paths: _containers.RepeatedScalarFieldContainer[str]
    view: ReadView
    values: _node_pb2.ValueView
    author: str
    def __init__(self, forest: _Optional[str] = ..., paths: _Optional[_Iterable[str]] = ..., view: _Optional[_Union[ReadView, _Mapping]] = ..., values: _Optional[_Union[_node_pb2.ValueView, _Mapping]] = ..., author: _Optional[str] = ...) -> None: ...

class BatchGetResponse(_message.Message):
    __slots__ = ("nodes", "revision", "age")
    NODES_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    AGE_FIELD_NUMBER: _ClassVar[int]
    nodes: _containers.RepeatedCompositeFieldContainer[_node_pb2.Node]
    revision: int
    age: _duration_pb2.Duration
    def __init__(self, nodes: _Optional[_Iterable[_Union[_node_pb2.Node, _Mapping]]] = ..., revision: _Optional[int] = ..., age: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class ListRequest(_message.Message):
    __slots__ = ("forest", "path", "depth", "detail", "page_size", "page_token", "view", "values", "author")
    FOREST_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    DEPTH_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    VIEW_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    AUTHOR_FIELD_NUMBER: _ClassVar[int]
    forest: str
    path: str
    depth: int
    detail: ListDetail
    page_size: int
    page_token: str
    view: ReadView
    values: _node_pb2.ValueView
    author: str
    def __init__(self, forest: _Optional[str] = ..., path: _Optional[str] = ..., depth: _Optional[int] = ..., detail: _Optional[_Union[ListDetail, str]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., view: _Optional[_Union[ReadView, _Mapping]] = ..., values: _Optional[_Union[_node_pb2.ValueView, _Mapping]] = ..., author: _Optional[str] = ...) -> None: ...

class ListResponse(_message.Message):
    __slots__ = ("nodes", "next_page_token", "revision", "age")
    NODES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    AGE_FIELD_NUMBER: _ClassVar[int]
    nodes: _containers.RepeatedCompositeFieldContainer[_node_pb2.Node]
    next_page_token: str
    revision: int
    age: _duration_pb2.Duration
    def __init__(self, nodes: _Optional[_Iterable[_Union[_node_pb2.Node, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., revision: _Optional[int] = ..., age: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class SubscribeRequest(_message.Message):
    __slots__ = ("forest", "patterns", "snapshot", "now", "after_revision", "after_position", "trunk", "ghost_id", "everything", "detail", "include_previous", "include_basis", "bookmark_interval", "values", "author", "agent", "batch_events")
    FOREST_FIELD_NUMBER: _ClassVar[int]
    PATTERNS_FIELD_NUMBER: _ClassVar[int]
    SNAPSHOT_FIELD_NUMBER: _ClassVar[int]
    NOW_FIELD_NUMBER: _ClassVar[int]
    AFTER_REVISION_FIELD_NUMBER: _ClassVar[int]
    AFTER_POSITION_FIELD_NUMBER: _ClassVar[int]
    TRUNK_FIELD_NUMBER: _ClassVar[int]
    GHOST_ID_FIELD_NUMBER: _ClassVar[int]
    EVERYTHING_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_PREVIOUS_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_BASIS_FIELD_NUMBER: _ClassVar[int]
    BOOKMARK_INTERVAL_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    AUTHOR_FIELD_NUMBER: _ClassVar[int]
    AGENT_FIELD_NUMBER: _ClassVar[int]
    BATCH_EVENTS_FIELD_NUMBER: _ClassVar[int]
    forest: str
    patterns: _containers.RepeatedScalarFieldContainer[str]
    snapshot: FromSnapshot
    now: FromNow
    after_revision: int
    after_position: int
    trunk: TrunkScope
    ghost_id: str
    everything: EverythingScope
    detail: ChangeDetail
    include_previous: bool
    include_basis: bool
    bookmark_interval: _duration_pb2.Duration
    values: _node_pb2.ValueView
    author: str
    agent: str
    batch_events: bool
    def __init__(self, forest: _Optional[str] = ..., patterns: _Optional[_Iterable[str]] = ..., snapshot: _Optional[_Union[FromSnapshot, _Mapping]] = ..., now: _Optional[_Union[FromNow, _Mapping]] = ..., after_revision: _Optional[int] = ..., after_position: _Optional[int] = ..., trunk: _Optional[_Union[TrunkScope, _Mapping]] = ..., ghost_id: _Optional[str] = ..., everything: _Optional[_Union[EverythingScope, _Mapping]] = ..., detail: _Optional[_Union[ChangeDetail, str]] = ..., include_previous: bool = ..., include_basis: bool = ..., bookmark_interval: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ..., values: _Optional[_Union[_node_pb2.ValueView, _Mapping]] = ..., author: _Optional[str] = ..., agent: _Optional[str] = ..., batch_events: bool = ...) -> None: ...

class FromSnapshot(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class FromNow(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class TrunkScope(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class EverythingScope(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class SubscribeResponse(_message.Message):
    __slots__ = ("snapshot", "event", "bookmark", "more")
    SNAPSHOT_FIELD_NUMBER: _ClassVar[int]
    EVENT_FIELD_NUMBER: _ClassVar[int]
    BOOKMARK_FIELD_NUMBER: _ClassVar[int]
    MORE_FIELD_NUMBER: _ClassVar[int]
    snapshot: SnapshotPart
    event: _event_pb2.Event
    bookmark: Bookmark
    more: _containers.RepeatedCompositeFieldContainer[_event_pb2.Event]
    def __init__(self, snapshot: _Optional[_Union[SnapshotPart, _Mapping]] = ..., event: _Optional[_Union[_event_pb2.Event, _Mapping]] = ..., bookmark: _Optional[_Union[Bookmark, _Mapping]] = ..., more: _Optional[_Iterable[_Union[_event_pb2.Event, _Mapping]]] = ...) -> None: ...

class SnapshotPart(_message.Message):
    __slots__ = ("nodes", "revision")
    NODES_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    nodes: _containers.RepeatedCompositeFieldContainer[_node_pb2.Node]
    revision: int
    def __init__(self, nodes: _Optional[_Iterable[_Union[_node_pb2.Node, _Mapping]]] = ..., revision: _Optional[int] = ...) -> None: ...

class Bookmark(_message.Message):
    __slots__ = ("revision", "position", "age")
    REVISION_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    AGE_FIELD_NUMBER: _ClassVar[int]
    revision: int
    position: int
    age: _duration_pb2.Duration
    def __init__(self, revision: _Optional[int] = ..., position: _Optional[int] = ..., age: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class BeginGhostRequest(_message.Message):
    __slots__ = ("forest", "scope", "base_revision", "parent_ghost_id", "ttl", "label", "author", "request_id", "gates", "race", "lease_id", "parent_edition", "migration")
    FOREST_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    BASE_REVISION_FIELD_NUMBER: _ClassVar[int]
    PARENT_GHOST_ID_FIELD_NUMBER: _ClassVar[int]
    TTL_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    AUTHOR_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    GATES_FIELD_NUMBER: _ClassVar[int]
    RACE_FIELD_NUMBER: _ClassVar[int]
    LEASE_ID_FIELD_NUMBER: _ClassVar[int]
    PARENT_EDITION_FIELD_NUMBER: _ClassVar[int]
    MIGRATION_FIELD_NUMBER: _ClassVar[int]
    forest: str
    scope: str
    base_revision: int
    parent_ghost_id: str
    ttl: _duration_pb2.Duration
    label: str
    author: str
    request_id: str
    gates: _containers.RepeatedCompositeFieldContainer[_gate_pb2.Gate]
    race: _gate_pb2.Race
    lease_id: str
    parent_edition: int
    migration: _schema_pb2.SchemaMigration
    def __init__(self, forest: _Optional[str] = ..., scope: _Optional[str] = ..., base_revision: _Optional[int] = ..., parent_ghost_id: _Optional[str] = ..., ttl: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ..., label: _Optional[str] = ..., author: _Optional[str] = ..., request_id: _Optional[str] = ..., gates: _Optional[_Iterable[_Union[_gate_pb2.Gate, _Mapping]]] = ..., race: _Optional[_Union[_gate_pb2.Race, _Mapping]] = ..., lease_id: _Optional[str] = ..., parent_edition: _Optional[int] = ..., migration: _Optional[_Union[_schema_pb2.SchemaMigration, _Mapping]] = ...) -> None: ...

class BeginGhostResponse(_message.Message):
    __slots__ = ("ghost",)
    GHOST_FIELD_NUMBER: _ClassVar[int]
    ghost: _ghost_pb2.Ghost
    def __init__(self, ghost: _Optional[_Union[_ghost_pb2.Ghost, _Mapping]] = ...) -> None: ...

class CheckpointRequest(_message.Message):
    __slots__ = ("forest", "ghost_id", "name", "author", "request_id", "edition")
    FOREST_FIELD_NUMBER: _ClassVar[int]
    GHOST_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    AUTHOR_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    EDITION_FIELD_NUMBER: _ClassVar[int]
    forest: str
    ghost_id: str
    name: str
    author: str
    request_id: str
    edition: int
    def __init__(self, forest: _Optional[str] = ..., ghost_id: _Optional[str] = ..., name: _Optional[str] = ..., author: _Optional[str] = ..., request_id: _Optional[str] = ..., edition: _Optional[int] = ...) -> None: ...

class CheckpointResponse(_message.Message):
    __slots__ = ("checkpoint", "edition")
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    EDITION_FIELD_NUMBER: _ClassVar[int]
    checkpoint: _ghost_pb2.GhostCheckpoint
    edition: int
    def __init__(self, checkpoint: _Optional[_Union[_ghost_pb2.GhostCheckpoint, _Mapping]] = ..., edition: _Optional[int] = ...) -> None: ...

class CommitRequest(_message.Message):
    __slots__ = ("forest", "ghost_id", "isolation", "label", "author", "request_id", "fencing_tokens", "lock_wait", "edition", "basis", "exact_edition")
    FOREST_FIELD_NUMBER: _ClassVar[int]
    GHOST_ID_FIELD_NUMBER: _ClassVar[int]
    ISOLATION_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    AUTHOR_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    FENCING_TOKENS_FIELD_NUMBER: _ClassVar[int]
    LOCK_WAIT_FIELD_NUMBER: _ClassVar[int]
    EDITION_FIELD_NUMBER: _ClassVar[int]
    BASIS_FIELD_NUMBER: _ClassVar[int]
    EXACT_EDITION_FIELD_NUMBER: _ClassVar[int]
    forest: str
    ghost_id: str
    isolation: CommitIsolation
    label: str
    author: str
    request_id: str
    fencing_tokens: _containers.RepeatedScalarFieldContainer[int]
    lock_wait: _duration_pb2.Duration
    edition: int
    basis: _containers.RepeatedCompositeFieldContainer[_operation_pb2.BasisEntry]
    exact_edition: int
    def __init__(self, forest: _Optional[str] = ..., ghost_id: _Optional[str] = ..., isolation: _Optional[_Union[CommitIsolation, str]] = ..., label: _Optional[str] = ..., author: _Optional[str] = ..., request_id: _Optional[str] = ..., fencing_tokens: _Optional[_Iterable[int]] = ..., lock_wait: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ..., edition: _Optional[int] = ..., basis: _Optional[_Iterable[_Union[_operation_pb2.BasisEntry, _Mapping]]] = ..., exact_edition: _Optional[int] = ...) -> None: ...

class CommitResponse(_message.Message):
    __slots__ = ("revision", "operations", "repeated", "parent_edition", "schema_version")
    REVISION_FIELD_NUMBER: _ClassVar[int]
    OPERATIONS_FIELD_NUMBER: _ClassVar[int]
    REPEATED_FIELD_NUMBER: _ClassVar[int]
    PARENT_EDITION_FIELD_NUMBER: _ClassVar[int]
    SCHEMA_VERSION_FIELD_NUMBER: _ClassVar[int]
    revision: int
    operations: int
    repeated: bool
    parent_edition: int
    schema_version: int
    def __init__(self, revision: _Optional[int] = ..., operations: _Optional[int] = ..., repeated: bool = ..., parent_edition: _Optional[int] = ..., schema_version: _Optional[int] = ...) -> None: ...

class RevertRequest(_message.Message):
    __slots__ = ("forest", "ghost_id", "rewind", "revision", "reason", "author", "request_id", "fencing_tokens", "lock_wait", "cascade")
    FOREST_FIELD_NUMBER: _ClassVar[int]
    GHOST_ID_FIELD_NUMBER: _ClassVar[int]
    REWIND_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    AUTHOR_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    FENCING_TOKENS_FIELD_NUMBER: _ClassVar[int]
    LOCK_WAIT_FIELD_NUMBER: _ClassVar[int]
    CASCADE_FIELD_NUMBER: _ClassVar[int]
    forest: str
    ghost_id: str
    rewind: GhostRewind
    revision: int
    reason: str
    author: str
    request_id: str
    fencing_tokens: _containers.RepeatedScalarFieldContainer[int]
    lock_wait: _duration_pb2.Duration
    cascade: _cascade_pb2.Cascade
    def __init__(self, forest: _Optional[str] = ..., ghost_id: _Optional[str] = ..., rewind: _Optional[_Union[GhostRewind, _Mapping]] = ..., revision: _Optional[int] = ..., reason: _Optional[str] = ..., author: _Optional[str] = ..., request_id: _Optional[str] = ..., fencing_tokens: _Optional[_Iterable[int]] = ..., lock_wait: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ..., cascade: _Optional[_Union[_cascade_pb2.Cascade, str]] = ...) -> None: ...

class GhostRewind(_message.Message):
    __slots__ = ("ghost_id", "checkpoint")
    GHOST_ID_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    ghost_id: str
    checkpoint: str
    def __init__(self, ghost_id: _Optional[str] = ..., checkpoint: _Optional[str] = ...) -> None: ...

class RevertResponse(_message.Message):
    __slots__ = ("revision", "checkpoint", "attempts", "dropped_operations", "broker_time", "repeated", "edition", "cascade")
    REVISION_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    DROPPED_OPERATIONS_FIELD_NUMBER: _ClassVar[int]
    BROKER_TIME_FIELD_NUMBER: _ClassVar[int]
    REPEATED_FIELD_NUMBER: _ClassVar[int]
    EDITION_FIELD_NUMBER: _ClassVar[int]
    CASCADE_FIELD_NUMBER: _ClassVar[int]
    revision: int
    checkpoint: _ghost_pb2.GhostCheckpoint
    attempts: _containers.RepeatedCompositeFieldContainer[_ghost_pb2.RevertedAttempt]
    dropped_operations: int
    broker_time: _duration_pb2.Duration
    repeated: bool
    edition: int
    cascade: _cascade_pb2.CascadeReport
    def __init__(self, revision: _Optional[int] = ..., checkpoint: _Optional[_Union[_ghost_pb2.GhostCheckpoint, _Mapping]] = ..., attempts: _Optional[_Iterable[_Union[_ghost_pb2.RevertedAttempt, _Mapping]]] = ..., dropped_operations: _Optional[int] = ..., broker_time: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ..., repeated: bool = ..., edition: _Optional[int] = ..., cascade: _Optional[_Union[_cascade_pb2.CascadeReport, _Mapping]] = ...) -> None: ...

class GetGhostRequest(_message.Message):
    __slots__ = ("forest", "ghost_id")
    FOREST_FIELD_NUMBER: _ClassVar[int]
    GHOST_ID_FIELD_NUMBER: _ClassVar[int]
    forest: str
    ghost_id: str
    def __init__(self, forest: _Optional[str] = ..., ghost_id: _Optional[str] = ...) -> None: ...

class GetGhostResponse(_message.Message):
    __slots__ = ("ghost",)
    GHOST_FIELD_NUMBER: _ClassVar[int]
    ghost: _ghost_pb2.Ghost
    def __init__(self, ghost: _Optional[_Union[_ghost_pb2.Ghost, _Mapping]] = ...) -> None: ...

class ListGhostsRequest(_message.Message):
    __slots__ = ("forest", "state", "page_size", "page_token")
    FOREST_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    forest: str
    state: _ghost_pb2.GhostState
    page_size: int
    page_token: str
    def __init__(self, forest: _Optional[str] = ..., state: _Optional[_Union[_ghost_pb2.GhostState, str]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListGhostsResponse(_message.Message):
    __slots__ = ("ghosts", "next_page_token")
    GHOSTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    ghosts: _containers.RepeatedCompositeFieldContainer[_ghost_pb2.Ghost]
    next_page_token: str
    def __init__(self, ghosts: _Optional[_Iterable[_Union[_ghost_pb2.Ghost, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class KeepAliveRequest(_message.Message):
    __slots__ = ("forest", "ghost_ids", "lease_ids")
    FOREST_FIELD_NUMBER: _ClassVar[int]
    GHOST_IDS_FIELD_NUMBER: _ClassVar[int]
    LEASE_IDS_FIELD_NUMBER: _ClassVar[int]
    forest: str
    ghost_ids: _containers.RepeatedScalarFieldContainer[str]
    lease_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, forest: _Optional[str] = ..., ghost_ids: _Optional[_Iterable[str]] = ..., lease_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class KeepAliveResponse(_message.Message):
    __slots__ = ("live_ghost_ids", "live_lease_ids")
    LIVE_GHOST_IDS_FIELD_NUMBER: _ClassVar[int]
    LIVE_LEASE_IDS_FIELD_NUMBER: _ClassVar[int]
    live_ghost_ids: _containers.RepeatedScalarFieldContainer[str]
    live_lease_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, live_ghost_ids: _Optional[_Iterable[str]] = ..., live_lease_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class HistoryRequest(_message.Message):
    __slots__ = ("forest", "path", "after_position", "until_position", "scope", "order", "page_size", "page_token", "after_revision", "form")
    FOREST_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    AFTER_POSITION_FIELD_NUMBER: _ClassVar[int]
    UNTIL_POSITION_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    ORDER_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    AFTER_REVISION_FIELD_NUMBER: _ClassVar[int]
    FORM_FIELD_NUMBER: _ClassVar[int]
    forest: str
    path: str
    after_position: int
    until_position: int
    scope: HistoryScope
    order: HistoryOrder
    page_size: int
    page_token: str
    after_revision: int
    form: _node_pb2.ValueForm
    def __init__(self, forest: _Optional[str] = ..., path: _Optional[str] = ..., after_position: _Optional[int] = ..., until_position: _Optional[int] = ..., scope: _Optional[_Union[HistoryScope, str]] = ..., order: _Optional[_Union[HistoryOrder, str]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., after_revision: _Optional[int] = ..., form: _Optional[_Union[_node_pb2.ValueForm, str]] = ...) -> None: ...

class HistoryResponse(_message.Message):
    __slots__ = ("events", "next_page_token")
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    events: _containers.RepeatedCompositeFieldContainer[_event_pb2.Event]
    next_page_token: str
    def __init__(self, events: _Optional[_Iterable[_Union[_event_pb2.Event, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class DiffRequest(_message.Message):
    __slots__ = ("forest", "path", "revisions", "ghost_id", "page_size", "page_token", "form")
    FOREST_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    REVISIONS_FIELD_NUMBER: _ClassVar[int]
    GHOST_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    FORM_FIELD_NUMBER: _ClassVar[int]
    forest: str
    path: str
    revisions: RevisionRange
    ghost_id: str
    page_size: int
    page_token: str
    form: _node_pb2.ValueForm
    def __init__(self, forest: _Optional[str] = ..., path: _Optional[str] = ..., revisions: _Optional[_Union[RevisionRange, _Mapping]] = ..., ghost_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., form: _Optional[_Union[_node_pb2.ValueForm, str]] = ...) -> None: ...

class RevisionRange(_message.Message):
    __slots__ = ("from_revision", "to_revision")
    FROM_REVISION_FIELD_NUMBER: _ClassVar[int]
    TO_REVISION_FIELD_NUMBER: _ClassVar[int]
    from_revision: int
    to_revision: int
    def __init__(self, from_revision: _Optional[int] = ..., to_revision: _Optional[int] = ...) -> None: ...

class DiffResponse(_message.Message):
    __slots__ = ("differences", "next_page_token")
    DIFFERENCES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    differences: _containers.RepeatedCompositeFieldContainer[NodeDifference]
    next_page_token: str
    def __init__(self, differences: _Optional[_Iterable[_Union[NodeDifference, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class NodeDifference(_message.Message):
    __slots__ = ("path", "before", "after")
    PATH_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    path: str
    before: _node_pb2.Node
    after: _node_pb2.Node
    def __init__(self, path: _Optional[str] = ..., before: _Optional[_Union[_node_pb2.Node, _Mapping]] = ..., after: _Optional[_Union[_node_pb2.Node, _Mapping]] = ...) -> None: ...

class BlameRequest(_message.Message):
    __slots__ = ("forest", "path", "depth", "at_revision", "page_size", "page_token")
    FOREST_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    DEPTH_FIELD_NUMBER: _ClassVar[int]
    AT_REVISION_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    forest: str
    path: str
    depth: int
    at_revision: int
    page_size: int
    page_token: str
    def __init__(self, forest: _Optional[str] = ..., path: _Optional[str] = ..., depth: _Optional[int] = ..., at_revision: _Optional[int] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class BlameResponse(_message.Message):
    __slots__ = ("lines", "next_page_token")
    LINES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    lines: _containers.RepeatedCompositeFieldContainer[BlameLine]
    next_page_token: str
    def __init__(self, lines: _Optional[_Iterable[_Union[BlameLine, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class BlameLine(_message.Message):
    __slots__ = ("node", "event")
    NODE_FIELD_NUMBER: _ClassVar[int]
    EVENT_FIELD_NUMBER: _ClassVar[int]
    node: _node_pb2.Node
    event: _event_pb2.Event
    def __init__(self, node: _Optional[_Union[_node_pb2.Node, _Mapping]] = ..., event: _Optional[_Union[_event_pb2.Event, _Mapping]] = ...) -> None: ...
