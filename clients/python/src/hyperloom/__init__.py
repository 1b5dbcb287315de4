"""Hyperloom: shared state for fleets of AI agents.

An agent publishes what changed, reads or watches the subtree it needs, and tries risky work in ghosts that are
committed or reverted at once. This is the asyncio client; `hyperloom.sync` has the same words, blocking. Logs go to
the logger `hyperloom`.

```python
async with hyperloom.connect("127.0.0.1:7400", author="planner") as client:
    await client.put("/session_1/goal", "find the bug")
```
"""

from hyperloom import gate, operation, precondition
from hyperloom._agent import Consistency
from hyperloom._assembly import AfterPosition, AfterRevision, Start
from hyperloom._backup import Backup, BackupMark
from hyperloom._basis import BasisEntry
from hyperloom._cascade import (
    AffectedGhost,
    BasisReverted,
    Cascade,
    CascadeReport,
    NotUndone,
    RevertedBasis,
    UndonePublish,
)
from hyperloom._client import Client, connect
from hyperloom._context_window import ContextUpdate, ContextWindow
from hyperloom._endpoints import LoadBalancing
from hyperloom._errors import (
    AccessError,
    AlreadyExistsError,
    BasisRevertedError,
    CancelledError,
    ClosedError,
    ConflictError,
    DeadlineExceededError,
    DeadlockError,
    FieldViolation,
    GateLimitError,
    GateRevertedError,
    GhostInterruptedError,
    GhostOverError,
    HyperloomError,
    InvalidRequestError,
    LeaseLostError,
    LockedError,
    NotFoundError,
    PreconditionFailedError,
    RaceExhaustedError,
    RaceFailed,
    RaceOverError,
    ResourceExhaustedError,
    ReviewOutdatedError,
    ReviewRejectedError,
    RevisionError,
    SchemaProblem,
    SchemaViolationError,
    SpeculationFailed,
    StaleFencingTokenError,
    StateError,
    TypeMismatchError,
    UnavailableError,
)
from hyperloom._events import BlameLine, Bookmark, Change, Event, GhostTransition, Item, Snapshot
from hyperloom._forests import Forests
from hyperloom._gate_records import GateStanding, Race, RaceStanding, StagedViolation
from hyperloom._ghost import Ghost
from hyperloom._ghost_options import Isolation
from hyperloom._lease import Lease
from hyperloom._lock import Lock
from hyperloom._lock_records import (
    DeadlockMember,
    InspectedLock,
    LeaseEnded,
    LeaseState,
    LockMode,
    LockState,
    LockTarget,
)
from hyperloom._meters import Meter, MeterPrice, Volume
from hyperloom._migration import SchemaMigration
from hyperloom._node import Node
from hyperloom._node_type import NodeType
from hyperloom._paged import Page, Paged
from hyperloom._race import Alternative, Raced
from hyperloom._records import (
    Checkpoint,
    Committed,
    Compacted,
    Conflict,
    Forest,
    GhostState,
    NodeDifference,
    Published,
    Reverted,
    RevertedAttempt,
    Status,
)
from hyperloom._render import RenderedContext, RenderFormat, RenderPart, RenderParts, Tokenizer
from hyperloom._reviews import PendingReview, Reviews, ReviewSubscription, SettledReview
from hyperloom._schema_records import (
    DescriptorSet,
    JsonSchema,
    ListedSchemas,
    RegisteredSchema,
    Schema,
    SchemaBinding,
    SchemaDefinition,
    SchemaObjection,
    TriedSchema,
    UnboundPaths,
    schema_of,
)
from hyperloom._schemas import Schemas
from hyperloom._search import SearchHit, SearchTarget
from hyperloom._speculate import Attempt, Speculated, Verdict
from hyperloom._subscription import Subscription
from hyperloom._trace import DerivedPublish, GhostDiff, SeenNode, SeenStanding, TraceLink, TraceStart
from hyperloom._typed import Typed, TypedPath, TypedSelection
from hyperloom._typed_records import TypedChange, TypedEvent, TypedItem, TypedNode, TypedSnapshot
from hyperloom._typed_subscription import TypedSubscription
from hyperloom._value_view import FormProblem, Pins, ValueForm
from hyperloom._values import Json, JsonValue, MessageJson, Value, message_json
from hyperloom.gate import Gate, ViolationAction
from hyperloom.mapping import MessageMapping
from hyperloom.operation import Operation
from hyperloom.precondition import Precondition

__version__ = "0.1.0"

__all__ = [
    "AccessError",
    "AffectedGhost",
    "AfterPosition",
    "AfterRevision",
    "AlreadyExistsError",
    "Alternative",
    "Attempt",
    "Backup",
    "BackupMark",
    "BasisEntry",
    "BasisReverted",
    "BasisRevertedError",
    "BlameLine",
    "Bookmark",
    "CancelledError",
    "Cascade",
    "CascadeReport",
    "Change",
    "Checkpoint",
    "Client",
    "ClosedError",
    "Committed",
    "Compacted",
    "Conflict",
    "ConflictError",
    "Consistency",
    "ContextUpdate",
    "ContextWindow",
    "DeadlineExceededError",
    "DeadlockError",
    "DeadlockMember",
    "DerivedPublish",
    "DescriptorSet",
    "Event",
    "FieldViolation",
    "Forest",
    "Forests",
    "FormProblem",
    "Gate",
    "GateLimitError",
    "GateRevertedError",
    "GateStanding",
    "Ghost",
    "GhostDiff",
    "GhostInterruptedError",
    "GhostOverError",
    "GhostState",
    "GhostTransition",
    "HyperloomError",
    "InspectedLock",
    "InvalidRequestError",
    "Isolation",
    "Item",
    "Json",
    "JsonSchema",
    "JsonValue",
    "Lease",
    "LeaseEnded",
    "LeaseLostError",
    "LeaseState",
    "ListedSchemas",
    "LoadBalancing",
    "Lock",
    "LockMode",
    "LockState",
    "LockTarget",
    "LockedError",
    "MessageJson",
    "MessageMapping",
    "Meter",
    "MeterPrice",
    "Node",
    "NodeDifference",
    "NodeType",
    "NotFoundError",
    "NotUndone",
    "Operation",
    "Page",
    "Paged",
    "PendingReview",
    "Pins",
    "Precondition",
    "PreconditionFailedError",
    "Published",
    "Race",
    "RaceExhaustedError",
    "RaceFailed",
    "RaceOverError",
    "RaceStanding",
    "Raced",
    "RegisteredSchema",
    "RenderFormat",
    "RenderPart",
    "RenderParts",
    "RenderedContext",
    "ResourceExhaustedError",
    "Reverted",
    "RevertedAttempt",
    "RevertedBasis",
    "ReviewOutdatedError",
    "ReviewRejectedError",
    "ReviewSubscription",
    "Reviews",
    "RevisionError",
    "Schema",
    "SchemaBinding",
    "SchemaDefinition",
    "SchemaMigration",
    "SchemaObjection",
    "SchemaProblem",
    "SchemaViolationError",
    "Schemas",
    "SearchHit",
    "SearchTarget",
    "SeenNode",
    "SeenStanding",
    "SettledReview",
    "Snapshot",
    "Speculated",
    "SpeculationFailed",
    "StagedViolation",
    "StaleFencingTokenError",
    "Start",
    "StateError",
    "Status",
    "Subscription",
    "Tokenizer",
    "TraceLink",
    "TraceStart",
    "TriedSchema",
    "TypeMismatchError",
    "Typed",
    "TypedChange",
    "TypedEvent",
    "TypedItem",
    "TypedNode",
    "TypedPath",
    "TypedSelection",
    "TypedSnapshot",
    "TypedSubscription",
    "UnavailableError",
    "UnboundPaths",
    "UndonePublish",
    "Value",
    "ValueForm",
    "Verdict",
    "ViolationAction",
    "Volume",
    "connect",
    "gate",
    "mapping",
    "message_json",
    "operation",
    "precondition",
    "schema_of",
]
