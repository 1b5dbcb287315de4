package hyperloom

// Reason says why something was refused. It is an error itself, to be found with errors.Is:
//
//	if errors.Is(err, hyperloom.ReasonNodeNotFound) {
//
// Reasons of brokers that are newer than this package are Reasons too, without a constant.
type Reason string

// Error is the reason's name.
func (r Reason) Error() string { return string(r) }

// Every reason, with the metadata that comes along; see error_reason.proto.
const (
	// ReasonInvalidPath: INVALID_ARGUMENT: a path breaks the rules. Metadata: `path`.
	ReasonInvalidPath Reason = "INVALID_PATH"
	// ReasonInvalidPattern: INVALID_ARGUMENT: a subscription pattern breaks the rules. Metadata: `pattern`.
	ReasonInvalidPattern Reason = "INVALID_PATTERN"
	// ReasonInvalidValue: INVALID_ARGUMENT: a value is not what it claims to be, such as JSON that does not parse. Metadata: `path`.
	ReasonInvalidValue Reason = "INVALID_VALUE"
	// ReasonInvalidRequest: INVALID_ARGUMENT: a field is missing, malformed or contradicts another. See the field violations.
	ReasonInvalidRequest Reason = "INVALID_REQUEST"
	// ReasonLimitExceeded: INVALID_ARGUMENT: something is over a size, depth or count limit. Metadata: `limit`, `maximum`, `actual`.
	ReasonLimitExceeded Reason = "LIMIT_EXCEEDED"
	// ReasonWrongType: INVALID_ARGUMENT: the operation does not fit the kind of value that the node holds. Metadata: `path`, `expected`, `actual`.
	ReasonWrongType Reason = "WRONG_TYPE"
	// ReasonOutOfBounds: INVALID_ARGUMENT: a number would leave its range. Metadata: `path`.
	ReasonOutOfBounds Reason = "OUT_OF_BOUNDS"
	// ReasonOutsideScope: INVALID_ARGUMENT: an operation lies outside the ghost's scope. Metadata: `path`, `scope`.
	ReasonOutsideScope Reason = "OUTSIDE_SCOPE"
	// ReasonOverlappingCopy: INVALID_ARGUMENT: a subtree cannot be copied into itself. Metadata: `path`.
	ReasonOverlappingCopy Reason = "OVERLAPPING_COPY"
	// ReasonInvalidPageToken: INVALID_ARGUMENT: a page token is not one of ours, or belongs to another request.
	ReasonInvalidPageToken Reason = "INVALID_PAGE_TOKEN"
	// ReasonSchemaViolation: INVALID_ARGUMENT: a value does not fit the schema of its path. Metadata: `path`, `schema`, `version`, `violations` (how
	// many). Each field violation names operation and field, such as `operations[3].put.value.claim`, and begins with the rule.
	ReasonSchemaViolation Reason = "SCHEMA_VIOLATION"
	// ReasonUnboundPath: INVALID_ARGUMENT: the forest is strict, and no schema is about the path. Metadata: `path`.
	ReasonUnboundPath Reason = "UNBOUND_PATH"
	// ReasonInvalidSchema: INVALID_ARGUMENT: a schema is wrong in itself. See the field violations.
	ReasonInvalidSchema Reason = "INVALID_SCHEMA"
	// ReasonForestNotFound: NOT_FOUND: no such forest. Metadata: `forest`.
	ReasonForestNotFound Reason = "FOREST_NOT_FOUND"
	// ReasonNodeNotFound: NOT_FOUND: no such node in this view. Metadata: `path`, `revision`.
	ReasonNodeNotFound Reason = "NODE_NOT_FOUND"
	// ReasonGhostNotFound: NOT_FOUND: no such ghost, or it ended so long ago that it is forgotten. Metadata: `ghost_id`.
	ReasonGhostNotFound Reason = "GHOST_NOT_FOUND"
	// ReasonCheckpointNotFound: NOT_FOUND: the ghost has no checkpoint of that name. Metadata: `ghost_id`, `checkpoint`.
	ReasonCheckpointNotFound Reason = "CHECKPOINT_NOT_FOUND"
	// ReasonLeaseNotFound: NOT_FOUND: no such lease, or it is over. Metadata: `lease_id`.
	ReasonLeaseNotFound Reason = "LEASE_NOT_FOUND"
	// ReasonLockNotFound: NOT_FOUND: no such lock, or it is over. Metadata: `lock_id`.
	ReasonLockNotFound Reason = "LOCK_NOT_FOUND"
	// ReasonReviewerNotFound: NOT_FOUND: none of the ghost's gates names this reviewer. Metadata: `ghost_id`, `reviewer`.
	ReasonReviewerNotFound Reason = "REVIEWER_NOT_FOUND"
	// ReasonSchemaNotFound: NOT_FOUND: no such schema, or no such version of it, at that revision. Metadata: `schema`, `version`, `revision`.
	ReasonSchemaNotFound Reason = "SCHEMA_NOT_FOUND"
	// ReasonForestExists: ALREADY_EXISTS: a forest of that name is there. Metadata: `forest`.
	ReasonForestExists Reason = "FOREST_EXISTS"
	// ReasonCheckpointExists: ALREADY_EXISTS: the ghost has a checkpoint of that name. Metadata: `ghost_id`, `checkpoint`.
	ReasonCheckpointExists Reason = "CHECKPOINT_EXISTS"
	// ReasonSchemaOverlap: ALREADY_EXISTS: another schema is about some of the paths. Metadata: `path`, `schema`, `other_path`.
	ReasonSchemaOverlap Reason = "SCHEMA_OVERLAP"
	// ReasonPreconditionFailed: ABORTED: a precondition does not hold. Metadata: `path`, `condition` (its name), `actual` (`present`, `absent`, or what the
	// revision or version is; 0 for what is staged in a ghost). Read again and retry the whole step.
	ReasonPreconditionFailed Reason = "PRECONDITION_FAILED"
	// ReasonConflict: ABORTED: the commit or revert conflicts with newer changes. Detail: `ConflictReport`.
	ReasonConflict Reason = "CONFLICT"
	// ReasonLocked: ABORTED: another owner's lock is in the way. Metadata: `path`, `lock_id`, `lease_id`, `holder` (its author),
	// `fencing_token`, `wait_ms` (how long it was waited for).
	ReasonLocked Reason = "LOCKED"
	// ReasonDeadlock: ABORTED: the wait would never end, and this was the youngest owner in the circle. Release everything and start again.
	// Metadata: `lock_id`. Detail: `DeadlockReport`.
	ReasonDeadlock Reason = "DEADLOCK"
	// ReasonReviewRejected: ABORTED: a reviewer rejected the ghost, which went back to its last checkpoint. Metadata: `ghost_id`, `reviewer`, `review_reason`.
	ReasonReviewRejected Reason = "REVIEW_REJECTED"
	// ReasonReviewOutdated: ABORTED: the ghost was changed since it was looked at. Metadata: `ghost_id`, `edition` (the present one).
	ReasonReviewOutdated Reason = "REVIEW_OUTDATED"
	// ReasonGhostInterrupted: ABORTED: the broker was restarted, and what was done last in the ghost is lost, or the request does not say up to which
	// edition it knows the ghost. Look at it, then go on from its present edition, go back to a checkpoint, or revert it.
	// Metadata: `ghost_id`, `edition` (the present one).
	ReasonGhostInterrupted Reason = "GHOST_INTERRUPTED"
	// ReasonGateReverted: ABORTED: a schema gate has taken the ghost back to its newest checkpoint, or ended it where its race has no attempt
	// left, because values do not fit. Metadata: `ghost_id`, `state` (`live` or `reverted`), `checkpoint`, `edition`, `violations`, `path`, `schema`.
	ReasonGateReverted Reason = "GATE_REVERTED"
	// ReasonBasisReverted: ABORTED: something that the ghost, or the one that it goes into, had read was reverted since. Look at it again, stage
	// what changes because of it, and name what you have looked at in the basis of a diff or of the commit. Metadata: `ghost_id` (whose it was),
	// `path` (the first of what was read), `revision` (the revert's).
	ReasonBasisReverted Reason = "BASIS_REVERTED"
	// ReasonGhostOver: FAILED_PRECONDITION: the ghost was committed, reverted or has expired. Metadata: `ghost_id`, `state`; of one that lost a race
	// also `race_id` and `winner_ghost_id`.
	ReasonGhostOver Reason = "GHOST_OVER"
	// ReasonGhostHasChildren: FAILED_PRECONDITION: ghosts that were begun in it are still live. Metadata: `ghost_id`, `children`.
	ReasonGhostHasChildren Reason = "GHOST_HAS_CHILDREN"
	// ReasonRequestIDReused: FAILED_PRECONDITION: the request id was used for another request. Metadata: `request_id`.
	ReasonRequestIDReused Reason = "REQUEST_ID_REUSED"
	// ReasonForestProtected: FAILED_PRECONDITION: the default forest cannot be deleted.
	ReasonForestProtected Reason = "FOREST_PROTECTED"
	// ReasonStaleFencingToken: FAILED_PRECONDITION: a fencing token is not the latest: its lock was released, or its lease has ended. Metadata:
	// `fencing_token`; and of who holds the path now, if anybody does: `path`, `lock_id`, `lease_id`, `holder`, `newest_token`.
	ReasonStaleFencingToken Reason = "STALE_FENCING_TOKEN"
	// ReasonNotLockOwner: FAILED_PRECONDITION: the lock belongs to another lease. Metadata: `lock_id`, `lease_id`.
	ReasonNotLockOwner Reason = "NOT_LOCK_OWNER"
	// ReasonRaceOver: FAILED_PRECONDITION: another ghost of the race was committed. Metadata: `race_id`, `winner_ghost_id`.
	ReasonRaceOver Reason = "RACE_OVER"
	// ReasonGateLimit: FAILED_PRECONDITION: a gate refuses the diff: it goes beyond what the ghost may touch. Metadata: `ghost_id`, `path` or
	// `limit`, `maximum`, `actual`.
	ReasonGateLimit Reason = "GATE_LIMIT"
	// ReasonSchemaBreaking: FAILED_PRECONDITION: clients or values of the schema's version before would not get along with the new one. Metadata:
	// `schema`, `version` (the one before), `violations` (how many). Each field violation names the part of the definition and
	// begins with the rule, by the name that `buf breaking` has for it.
	ReasonSchemaBreaking Reason = "SCHEMA_BREAKING"
	// ReasonSchemaStored: FAILED_PRECONDITION: values that are stored do not fit. Metadata: `schema`, `violations` (how many). Each field violation
	// names the node and the field in it, and begins with the rule.
	ReasonSchemaStored Reason = "SCHEMA_STORED"
	// ReasonSchemaUnusable: FAILED_PRECONDITION: this version of the broker cannot work with a schema that an earlier one took. Values at its paths
	// cannot be changed until a version that it can work with is registered. Metadata: `schema`, `version`, `cause`.
	ReasonSchemaUnusable Reason = "SCHEMA_UNUSABLE"
	// ReasonSchemaSuperseded: FAILED_PRECONDITION: the reader is pinned to a version of a schema that does not get along with the one in force
	// where it would read. Metadata: `schema`, `version` (pinned), `in_force`, `last_revision` (the last one before a later version that does
	// not; 0 where there is none).
	ReasonSchemaSuperseded Reason = "SCHEMA_SUPERSEDED"
	// ReasonRevisionCompacted: OUT_OF_RANGE: history at that revision is gone. Metadata: `revision`, `oldest_revision`.
	ReasonRevisionCompacted Reason = "REVISION_COMPACTED"
	// ReasonRevisionInFuture: OUT_OF_RANGE: that revision does not exist yet. Metadata: `revision`, `newest_revision`.
	ReasonRevisionInFuture Reason = "REVISION_IN_FUTURE"
	// ReasonQuotaExceeded: RESOURCE_EXHAUSTED: a count or queue of the broker is full. Metadata: `limit`, `maximum`.
	ReasonQuotaExceeded Reason = "QUOTA_EXCEEDED"
	// ReasonAnswerTooLarge: RESOURCE_EXHAUSTED: the answer would not fit one message; ask for less. Metadata: `limit`, `maximum`.
	ReasonAnswerTooLarge Reason = "ANSWER_TOO_LARGE"
	// ReasonRaceExhausted: RESOURCE_EXHAUSTED: the race has no attempts left. Metadata: `race_id`, `maximum`.
	ReasonRaceExhausted Reason = "RACE_EXHAUSTED"
	// ReasonDiskFull: RESOURCE_EXHAUSTED: the disk has no room. Nothing was written, reads go on, and writes are taken again by themselves
	// when there is room. Metadata: `free_bytes`, `free_bytes_min`, unless the journal itself found it full.
	ReasonDiskFull Reason = "DISK_FULL"
	// ReasonJournalUnavailable: UNAVAILABLE: the journal cannot take writes any more, because writing to the disk failed; reads go on. Metadata: `cause`.
	ReasonJournalUnavailable Reason = "JOURNAL_UNAVAILABLE"
	// ReasonNotServing: UNAVAILABLE: the broker is starting or stopping.
	ReasonNotServing Reason = "NOT_SERVING"
	// ReasonAccessChanged: UNAVAILABLE: what the caller may see has changed while it was told something. Resume.
	ReasonAccessChanged Reason = "ACCESS_CHANGED"
	// ReasonCredentialsMissing: UNAUTHENTICATED: the broker wants to know who calls, and the call does not say.
	ReasonCredentialsMissing Reason = "CREDENTIALS_MISSING"
	// ReasonCredentialsInvalid: UNAUTHENTICATED: the credentials are not accepted.
	ReasonCredentialsInvalid Reason = "CREDENTIALS_INVALID"
	// ReasonCredentialsExpired: UNAUTHENTICATED: the credentials were good and have expired.
	ReasonCredentialsExpired Reason = "CREDENTIALS_EXPIRED"
	// ReasonPermissionMissing: PERMISSION_DENIED: no grant allows it.
	ReasonPermissionMissing Reason = "PERMISSION_MISSING"
	// ReasonAuthorForbidden: PERMISSION_DENIED: the principal may not speak as that author, agent or reviewer.
	ReasonAuthorForbidden Reason = "AUTHOR_FORBIDDEN"
	// ReasonBackupDamaged: DATA_LOSS: an uploaded backup is damaged or incomplete; nothing was restored.
	ReasonBackupDamaged Reason = "BACKUP_DAMAGED"
	// ReasonLeaseLost: this client's own word for a lease that ended while it was in use, or may have.
	ReasonLeaseLost Reason = "LEASE_LOST"
)
