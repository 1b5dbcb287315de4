from google.protobuf import timestamp_pb2 as _timestamp_pb2
from hyperloom._gen.v1 import ghost_pb2 as _ghost_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ReviewSettlement(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REVIEW_SETTLEMENT_UNSPECIFIED: _ClassVar[ReviewSettlement]
    REVIEW_SETTLEMENT_APPROVED: _ClassVar[ReviewSettlement]
    REVIEW_SETTLEMENT_REJECTED: _ClassVar[ReviewSettlement]
    REVIEW_SETTLEMENT_VOID: _ClassVar[ReviewSettlement]

class ReviewDecision(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REVIEW_DECISION_UNSPECIFIED: _ClassVar[ReviewDecision]
    REVIEW_DECISION_APPROVE: _ClassVar[ReviewDecision]
    REVIEW_DECISION_REJECT: _ClassVar[ReviewDecision]
REVIEW_SETTLEMENT_UNSPECIFIED: ReviewSettlement
REVIEW_SETTLEMENT_APPROVED: ReviewSettlement
REVIEW_SETTLEMENT_REJECTED: ReviewSettlement
REVIEW_SETTLEMENT_VOID: ReviewSettlement
REVIEW_DECISION_UNSPECIFIED: ReviewDecision
REVIEW_DECISION_APPROVE: ReviewDecision
REVIEW_DECISION_REJECT: ReviewDecision

class PendingReview(_message.Message):
    __slots__ = ("ghost", "reviewer", "edition", "request_time", "label")
    GHOST_FIELD_NUMBER: _ClassVar[int]
    REVIEWER_FIELD_NUMBER: _ClassVar[int]
    EDITION_FIELD_NUMBER: _ClassVar[int]
    REQUEST_TIME_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    ghost: _ghost_pb2.Ghost
    reviewer: str
    edition: int
    request_time: _timestamp_pb2.Timestamp
    label: str
    def __init__(self, ghost: _Optional[_Union[_ghost_pb2.Ghost, _Mapping]] = ..., reviewer: _Optional[str] = ..., edition: _Optional[int] = ..., request_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., label: _Optional[str] = ...) -> None: ...

class ListReviewsRequest(_message.Message):
    __slots__ = ("forest", "reviewer", "page_size", "page_token")
    FOREST_FIELD_NUMBER: _ClassVar[int]
    REVIEWER_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    forest: str
    reviewer: str
    page_size: int
    page_token: str
    def __init__(self, forest: _Optional[str] = ..., reviewer: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListReviewsResponse(_message.Message):
    __slots__ = ("reviews", "next_page_token")
    REVIEWS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    reviews: _containers.RepeatedCompositeFieldContainer[PendingReview]
    next_page_token: str
    def __init__(self, reviews: _Optional[_Iterable[_Union[PendingReview, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class SubscribeReviewsRequest(_message.Message):
    __slots__ = ("forest", "reviewer")
    FOREST_FIELD_NUMBER: _ClassVar[int]
    REVIEWER_FIELD_NUMBER: _ClassVar[int]
    forest: str
    reviewer: str
    def __init__(self, forest: _Optional[str] = ..., reviewer: _Optional[str] = ...) -> None: ...

class SubscribeReviewsResponse(_message.Message):
    __slots__ = ("requested", "settled", "bookmark")
    REQUESTED_FIELD_NUMBER: _ClassVar[int]
    SETTLED_FIELD_NUMBER: _ClassVar[int]
    BOOKMARK_FIELD_NUMBER: _ClassVar[int]
    requested: PendingReview
    settled: SettledReview
    bookmark: ReviewBookmark
    def __init__(self, requested: _Optional[_Union[PendingReview, _Mapping]] = ..., settled: _Optional[_Union[SettledReview, _Mapping]] = ..., bookmark: _Optional[_Union[ReviewBookmark, _Mapping]] = ...) -> None: ...

class SettledReview(_message.Message):
    __slots__ = ("ghost_id", "reviewer", "edition", "settlement")
    GHOST_ID_FIELD_NUMBER: _ClassVar[int]
    REVIEWER_FIELD_NUMBER: _ClassVar[int]
    EDITION_FIELD_NUMBER: _ClassVar[int]
    SETTLEMENT_FIELD_NUMBER: _ClassVar[int]
    ghost_id: str
    reviewer: str
    edition: int
    settlement: ReviewSettlement
    def __init__(self, ghost_id: _Optional[str] = ..., reviewer: _Optional[str] = ..., edition: _Optional[int] = ..., settlement: _Optional[_Union[ReviewSettlement, str]] = ...) -> None: ...

class ReviewBookmark(_message.Message):
    __slots__ = ("position",)
    POSITION_FIELD_NUMBER: _ClassVar[int]
    position: int
    def __init__(self, position: _Optional[int] = ...) -> None: ...

class ReviewRequest(_message.Message):
    __slots__ = ("forest", "ghost_id", "reviewer", "edition", "decision", "reason", "author", "request_id")
    FOREST_FIELD_NUMBER: _ClassVar[int]
    GHOST_ID_FIELD_NUMBER: _ClassVar[int]
    REVIEWER_FIELD_NUMBER: _ClassVar[int]
    EDITION_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    AUTHOR_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    forest: str
    ghost_id: str
    reviewer: str
    edition: int
    decision: ReviewDecision
    reason: str
    author: str
    request_id: str
    def __init__(self, forest: _Optional[str] = ..., ghost_id: _Optional[str] = ..., reviewer: _Optional[str] = ..., edition: _Optional[int] = ..., decision: _Optional[_Union[ReviewDecision, str]] = ..., reason: _Optional[str] = ..., author: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class ReviewResponse(_message.Message):
    __slots__ = ("ghost", "repeated")
    GHOST_FIELD_NUMBER: _ClassVar[int]
    REPEATED_FIELD_NUMBER: _ClassVar[int]
    ghost: _ghost_pb2.Ghost
    repeated: bool
    def __init__(self, ghost: _Optional[_Union[_ghost_pb2.Ghost, _Mapping]] = ..., repeated: bool = ...) -> None: ...
