"""The methods of the services. A test compares them with the services' descriptors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from google.protobuf.message import Message

from hyperloom._gen.v1 import context_service_pb2 as context
from hyperloom._gen.v1 import forest_service_pb2 as forests
from hyperloom._gen.v1 import lock_service_pb2 as locks
from hyperloom._gen.v1 import render_pb2 as renders
from hyperloom._gen.v1 import review_service_pb2 as reviews
from hyperloom._gen.v1 import schema_service_pb2 as schemas
from hyperloom._gen.v1 import search_pb2 as searches
from hyperloom._gen.v1 import trace_pb2 as traces

Request = TypeVar("Request", bound=Message)
Response = TypeVar("Response", bound=Message)

_CONTEXT = "/hyperloom.v1.ContextService/"
_FOREST = "/hyperloom.v1.ForestService/"
_LOCK = "/hyperloom.v1.LockService/"
_REVIEW = "/hyperloom.v1.ReviewService/"
_SCHEMA = "/hyperloom.v1.SchemaService/"


@dataclass(frozen=True, slots=True)
class Method(Generic[Request, Response]):
    """A method: where it is, what it takes and gives. Reads, and what carries a request id, may be sent again: all."""

    path: str
    request: type[Request]
    response: type[Response]


PUBLISH = Method(_CONTEXT + "Publish", context.PublishRequest, context.PublishResponse)
PUBLISH_STREAM = Method(_CONTEXT + "PublishStream", context.PublishStreamRequest, context.PublishStreamResponse)
GET = Method(_CONTEXT + "Get", context.GetRequest, context.GetResponse)
BATCH_GET = Method(_CONTEXT + "BatchGet", context.BatchGetRequest, context.BatchGetResponse)
LIST = Method(_CONTEXT + "List", context.ListRequest, context.ListResponse)
SUBSCRIBE = Method(_CONTEXT + "Subscribe", context.SubscribeRequest, context.SubscribeResponse)
BEGIN_GHOST = Method(_CONTEXT + "BeginGhost", context.BeginGhostRequest, context.BeginGhostResponse)
CHECKPOINT = Method(_CONTEXT + "Checkpoint", context.CheckpointRequest, context.CheckpointResponse)
COMMIT = Method(_CONTEXT + "Commit", context.CommitRequest, context.CommitResponse)
REVERT = Method(_CONTEXT + "Revert", context.RevertRequest, context.RevertResponse)
GET_GHOST = Method(_CONTEXT + "GetGhost", context.GetGhostRequest, context.GetGhostResponse)
LIST_GHOSTS = Method(_CONTEXT + "ListGhosts", context.ListGhostsRequest, context.ListGhostsResponse)
KEEP_ALIVE = Method(_CONTEXT + "KeepAlive", context.KeepAliveRequest, context.KeepAliveResponse)
HISTORY = Method(_CONTEXT + "History", context.HistoryRequest, context.HistoryResponse)
DIFF = Method(_CONTEXT + "Diff", context.DiffRequest, context.DiffResponse)
BLAME = Method(_CONTEXT + "Blame", context.BlameRequest, context.BlameResponse)
RENDER_CONTEXT = Method(_CONTEXT + "RenderContext", renders.RenderContextRequest, renders.RenderContextResponse)
TRACE = Method(_CONTEXT + "Trace", traces.TraceRequest, traces.TraceResponse)
SEARCH = Method(_CONTEXT + "Search", searches.SearchRequest, searches.SearchResponse)

CREATE_FOREST = Method(_FOREST + "CreateForest", forests.CreateForestRequest, forests.CreateForestResponse)
DELETE_FOREST = Method(_FOREST + "DeleteForest", forests.DeleteForestRequest, forests.DeleteForestResponse)
RESTORE = Method(_FOREST + "Restore", forests.RestoreRequest, forests.RestoreResponse)
LIST_FORESTS = Method(_FOREST + "ListForests", forests.ListForestsRequest, forests.ListForestsResponse)
COMPACT = Method(_FOREST + "Compact", forests.CompactRequest, forests.CompactResponse)
BACKUP = Method(_FOREST + "Backup", forests.BackupRequest, forests.BackupResponse)
GET_STATUS = Method(_FOREST + "GetStatus", forests.GetStatusRequest, forests.GetStatusResponse)

GRANT_LEASE = Method(_LOCK + "GrantLease", locks.GrantLeaseRequest, locks.GrantLeaseResponse)
END_LEASE = Method(_LOCK + "EndLease", locks.EndLeaseRequest, locks.EndLeaseResponse)
LIST_LEASES = Method(_LOCK + "ListLeases", locks.ListLeasesRequest, locks.ListLeasesResponse)
ACQUIRE_LOCK = Method(_LOCK + "AcquireLock", locks.AcquireLockRequest, locks.AcquireLockResponse)
RELEASE_LOCK = Method(_LOCK + "ReleaseLock", locks.ReleaseLockRequest, locks.ReleaseLockResponse)
INSPECT_LOCKS = Method(_LOCK + "InspectLocks", locks.InspectLocksRequest, locks.InspectLocksResponse)

LIST_REVIEWS = Method(_REVIEW + "ListReviews", reviews.ListReviewsRequest, reviews.ListReviewsResponse)
SUBSCRIBE_REVIEWS = Method(
    _REVIEW + "SubscribeReviews", reviews.SubscribeReviewsRequest, reviews.SubscribeReviewsResponse
)
REVIEW = Method(_REVIEW + "Review", reviews.ReviewRequest, reviews.ReviewResponse)

REGISTER_SCHEMA = Method(_SCHEMA + "RegisterSchema", schemas.RegisterSchemaRequest, schemas.RegisterSchemaResponse)
VALIDATE_SCHEMA = Method(_SCHEMA + "ValidateSchema", schemas.ValidateSchemaRequest, schemas.ValidateSchemaResponse)
GET_SCHEMA = Method(_SCHEMA + "GetSchema", schemas.GetSchemaRequest, schemas.GetSchemaResponse)
LIST_SCHEMAS = Method(_SCHEMA + "ListSchemas", schemas.ListSchemasRequest, schemas.ListSchemasResponse)
SET_UNBOUND_PATHS = Method(_SCHEMA + "SetUnboundPaths", schemas.SetUnboundPathsRequest, schemas.SetUnboundPathsResponse)
