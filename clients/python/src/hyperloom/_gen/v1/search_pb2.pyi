from hyperloom._gen.v1 import node_pb2 as _node_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SearchTarget(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SEARCH_TARGET_UNSPECIFIED: _ClassVar[SearchTarget]
    SEARCH_TARGET_EVERYTHING: _ClassVar[SearchTarget]
    SEARCH_TARGET_PATHS: _ClassVar[SearchTarget]
    SEARCH_TARGET_VALUES: _ClassVar[SearchTarget]
SEARCH_TARGET_UNSPECIFIED: SearchTarget
SEARCH_TARGET_EVERYTHING: SearchTarget
SEARCH_TARGET_PATHS: SearchTarget
SEARCH_TARGET_VALUES: SearchTarget

class SearchRequest(_message.Message):
    __slots__ = ("forest", "path", "query", "target", "at_revision", "ghost_id", "page_size", "page_token")
    FOREST_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    QUERY_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    AT_REVISION_FIELD_NUMBER: _ClassVar[int]
    GHOST_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    forest: str
    path: str
    query: str
    target: SearchTarget
    at_revision: int
    ghost_id: str
    page_size: int
    page_token: str
    def __init__(self, forest: _Optional[str] = ..., path: _Optional[str] = ..., query: _Optional[str] = ..., target: _Optional[_Union[SearchTarget, str]] = ..., at_revision: _Optional[int] = ..., ghost_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class SearchResponse(_message.Message):
    __slots__ = ("hits", "next_page_token", "revision", "examined")
    HITS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    EXAMINED_FIELD_NUMBER: _ClassVar[int]
    hits: _containers.RepeatedCompositeFieldContainer[SearchHit]
    next_page_token: str
    revision: int
    examined: int
    def __init__(self, hits: _Optional[_Iterable[_Union[SearchHit, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., revision: _Optional[int] = ..., examined: _Optional[int] = ...) -> None: ...

class SearchHit(_message.Message):
    __slots__ = ("node", "excerpt", "excerpt_match", "excerpt_match_length", "field")
    NODE_FIELD_NUMBER: _ClassVar[int]
    EXCERPT_FIELD_NUMBER: _ClassVar[int]
    EXCERPT_MATCH_FIELD_NUMBER: _ClassVar[int]
    EXCERPT_MATCH_LENGTH_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    node: _node_pb2.Node
    excerpt: str
    excerpt_match: int
    excerpt_match_length: int
    field: str
    def __init__(self, node: _Optional[_Union[_node_pb2.Node, _Mapping]] = ..., excerpt: _Optional[str] = ..., excerpt_match: _Optional[int] = ..., excerpt_match_length: _Optional[int] = ..., field: _Optional[str] = ...) -> None: ...
