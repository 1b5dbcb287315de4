"""The methods of the two services. A test compares them with the services' descriptors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from google.protobuf.message import Message

from hyperloom._gen.v1 import context_service_pb2 as context
from hyperloom._gen.v1 import forest_service_pb2 as forests

Request = TypeVar("Request", bound=Message)
Response = TypeVar("Response", bound=Message)

_CONTEXT = "/hyperloom.v1.ContextService/"
_FOREST = "/hyperloom.v1.ForestService/"


@dataclass(frozen=True, slots=True)
class Method(Generic[Request, Response]):
    """A method: where it is, what it takes and gives, and whether the same request may safely be sent again."""

    path: str
    request: type[Request]
    response: type[Response]
    repeatable: bool = True


# Reads, and mutations that carry a request id, are repeatable.
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

# These carry no request id: a repetition could meet its own first outcome.
CREATE_FOREST = Method(
    _FOREST + "CreateForest", forests.CreateForestRequest, forests.CreateForestResponse, repeatable=False
)
DELETE_FOREST = Method(
    _FOREST + "DeleteForest", forests.DeleteForestRequest, forests.DeleteForestResponse, repeatable=False
)
RESTORE = Method(_FOREST + "Restore", forests.RestoreRequest, forests.RestoreResponse, repeatable=False)
LIST_FORESTS = Method(_FOREST + "ListForests", forests.ListForestsRequest, forests.ListForestsResponse)
COMPACT = Method(_FOREST + "Compact", forests.CompactRequest, forests.CompactResponse)
BACKUP = Method(_FOREST + "Backup", forests.BackupRequest, forests.BackupResponse)
GET_STATUS = Method(_FOREST + "GetStatus", forests.GetStatusRequest, forests.GetStatusResponse)
