package hyperloom

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"google.golang.org/grpc/codes"

	hyperloomv1 "hyperloom.dev/go/gen/hyperloom/v1"
)

// Error is everything that the broker refuses, and what keeps a call from reaching it. Decide by its kind or its reason, never
// by its message:
//
//	if errors.Is(err, hyperloom.ErrConflict) { … }            // a kind
//	if errors.Is(err, hyperloom.ReasonCheckpointExists) { … } // a reason
//	var refused *hyperloom.Error
//	if errors.As(err, &refused) { … refused.Metadata … }
type Error struct {
	// Code is the gRPC status code.
	Code codes.Code
	// Reason is out of the documented ones; empty where it is not the broker that refuses.
	Reason Reason
	// Message is for people.
	Message string
	// Metadata is documented at each reason.
	Metadata map[string]string
	// Violations name fields of the request that are at fault.
	Violations []FieldViolation
	// Conflicts tell path by path what both sides did: at most 100 of ConflictsTotal. Only with ErrConflict.
	Conflicts []Conflict
	// ConflictsTotal is how many there are in all.
	ConflictsTotal uint64
	// Circle of a deadlock: each waits for the next, and the last for the first, the victim. Only with ErrDeadlock.
	Circle []DeadlockMember

	cause error
}

// FieldViolation is a field of a request that is at fault.
type FieldViolation struct {
	Field       string
	Description string
}

// Kind is a group of errors that a program may want to tell apart, named as the error classes of the other clients. It is an
// error itself, to be found with errors.Is.
type Kind string

// Error is the kind for people.
func (k Kind) Error() string { return string(k) }

// The kinds of errors.
const (
	// ErrInvalidRequest: malformed, over a limit, or not fitting what the node holds. The reason says which.
	ErrInvalidRequest = Kind("invalid request")
	// ErrSchemaViolation: a value does not fit the schema of its path; see Problems. Nothing was changed. It is ErrInvalidRequest too.
	ErrSchemaViolation = Kind("schema violation")
	// ErrTypeMismatch: a node holds something else than the message that a typed handle is for: no schema binds its path to that.
	ErrTypeMismatch = Kind("type mismatch")
	// ErrNotFound: no such node, forest, ghost, checkpoint, lock or reviewer. The reason says which.
	ErrNotFound = Kind("not found")
	// ErrAlreadyExists: a forest or checkpoint of that name is there.
	ErrAlreadyExists = Kind("already exists")
	// ErrPreconditionFailed: a precondition of the publish does not hold. Read again and retry the whole step.
	ErrPreconditionFailed = Kind("precondition failed")
	// ErrConflict: a commit or revert conflicts with newer changes; see Conflicts. Nothing was changed, and a ghost lives on.
	ErrConflict = Kind("conflict")
	// ErrLocked: another owner's lock is in the way, and the wait for it is over. Metadata: path, holder.
	ErrLocked = Kind("locked")
	// ErrDeadlock: the wait would never end; see Circle. Let go of everything that is held, and start the step again.
	ErrDeadlock = Kind("deadlock")
	// ErrReviewRejected: a reviewer rejected the ghost, which went back to its last checkpoint and lives on.
	ErrReviewRejected = Kind("review rejected")
	// ErrReviewOutdated: the ghost was changed since it was looked at, or while its commit waited for reviewers.
	ErrReviewOutdated = Kind("review outdated")
	// ErrState: not possible as things stand. All that follow down to ErrGateLimit are of this kind too.
	ErrState = Kind("not possible as things stand")
	// ErrGhostOver: the ghost was committed, reverted or has expired.
	ErrGhostOver = Kind("ghost over")
	// ErrStaleFencingToken: the lock that the write was done under is not held any more. Nothing was written.
	ErrStaleFencingToken = Kind("stale fencing token")
	// ErrLeaseLost: a lease ended while it was in use, or may have: nothing that is done under it counts any more.
	ErrLeaseLost = Kind("lease lost")
	// ErrBasisReverted: something that the ghost had read was reverted since. Look at it again, stage what changes because of it, and
	// commit again: what was looked at goes along. Metadata: ghost_id, path, revision.
	ErrBasisReverted = Kind("basis reverted")
	// ErrRaceOver: another ghost of the race was committed.
	ErrRaceOver = Kind("race over")
	// ErrGateLimit: a gate refuses the diff: it goes beyond what the ghost may touch.
	ErrGateLimit = Kind("gate limit")
	// ErrGateReverted: a schema gate has taken the ghost back to its newest checkpoint, because values do not fit; see Problems. Metadata:
	// ghost_id, checkpoint, and state: reverted where that has ended the ghost.
	ErrGateReverted = Kind("reverted by a gate")
	// ErrGhostInterrupted: a crash of the broker has taken what was done last in the ghost. Look at it, and go back to a
	// checkpoint and do the rest again, or revert it.
	ErrGhostInterrupted = Kind("ghost interrupted")
	// ErrRevision: that revision is compacted, or does not exist yet.
	ErrRevision = Kind("revision out of range")
	// ErrResourceExhausted: a count or queue of the broker is full, or the answer too large. Metadata: limit, maximum.
	ErrResourceExhausted = Kind("resource exhausted")
	// ErrRaceExhausted: the race has no attempts left. It is ErrResourceExhausted too.
	ErrRaceExhausted = Kind("race exhausted")
	// ErrUnavailable: the broker cannot be reached, is stopping, or its journal takes no writes.
	ErrUnavailable = Kind("unavailable")
	// ErrDeadlineExceeded: no outcome in time. A mutation may have taken effect or still do so.
	ErrDeadlineExceeded = Kind("deadline exceeded")
	// ErrCancelled: the context was cancelled. A mutation may have taken effect or still do so.
	ErrCancelled = Kind("cancelled")
	// ErrAccess: the caller is not known, or not allowed to do this.
	ErrAccess = Kind("access denied")
	// ErrClosed: the client was closed. It is of the kind ErrCancelled too.
	ErrClosed = Kind("the client is closed")
)

var kindsByReason = map[Reason]Kind{
	ReasonPreconditionFailed: ErrPreconditionFailed,
	ReasonConflict:           ErrConflict,
	ReasonLeaseNotFound:      ErrLeaseLost,
	ReasonLeaseLost:          ErrLeaseLost,
	ReasonLocked:             ErrLocked,
	ReasonSchemaViolation:    ErrSchemaViolation,
	ReasonDeadlock:           ErrDeadlock,
	ReasonReviewRejected:     ErrReviewRejected,
	ReasonReviewOutdated:     ErrReviewOutdated,
	ReasonGhostOver:          ErrGhostOver,
	ReasonGhostInterrupted:   ErrGhostInterrupted,
	ReasonGateReverted:       ErrGateReverted,
	ReasonStaleFencingToken:  ErrStaleFencingToken,
	ReasonRaceOver:           ErrRaceOver,
	ReasonBasisReverted:      ErrBasisReverted,
	ReasonGateLimit:          ErrGateLimit,
	ReasonRaceExhausted:      ErrRaceExhausted,
}

var kindsByCode = map[codes.Code]Kind{
	codes.InvalidArgument:    ErrInvalidRequest,
	codes.NotFound:           ErrNotFound,
	codes.AlreadyExists:      ErrAlreadyExists,
	codes.FailedPrecondition: ErrState,
	codes.OutOfRange:         ErrRevision,
	codes.ResourceExhausted:  ErrResourceExhausted,
	codes.Unavailable:        ErrUnavailable,
	codes.DeadlineExceeded:   ErrDeadlineExceeded,
	codes.Canceled:           ErrCancelled,
	codes.PermissionDenied:   ErrAccess,
	codes.Unauthenticated:    ErrAccess,
}

// kindsAbove: what is of one kind is of the other too, whatever its code.
var kindsAbove = map[Kind]Kind{
	ErrGhostOver:         ErrState,
	ErrStaleFencingToken: ErrState,
	ErrLeaseLost:         ErrState,
	ErrRaceOver:          ErrState,
	ErrGateLimit:         ErrState,
	ErrRaceExhausted:     ErrResourceExhausted,
	ErrSchemaViolation:   ErrInvalidRequest,
	ErrClosed:            ErrCancelled,
}

// Kind is the narrowest group that the error belongs to; empty where it belongs to none.
func (e *Error) Kind() Kind {
	if own, ok := e.cause.(Kind); ok {
		return own
	}
	if found, ok := kindsByReason[e.Reason]; ok {
		return found
	}
	return kindsByCode[e.Code]
}

// Error is the message with the reason, or the code where there is none.
func (e *Error) Error() string {
	if e.Reason != "" {
		return fmt.Sprintf("%s [%s]", e.Message, e.Reason)
	}
	return fmt.Sprintf("%s [%s]", e.Message, e.Code)
}

// Unwrap is what brought it about on this side: the context's error, for example.
func (e *Error) Unwrap() error { return e.cause }

// Is tells whether it is of a kind, or has a reason. ErrDeadlineExceeded is also [context.DeadlineExceeded].
func (e *Error) Is(target error) bool {
	switch target := target.(type) {
	case Kind:
		own := e.Kind()
		return own == target || kindsAbove[own] == target
	case Reason:
		return e.Reason == target
	default:
		return target == context.DeadlineExceeded && e.Code == codes.DeadlineExceeded
	}
}

// number is a number out of the metadata; 0 where it is not there.
func (e *Error) number(key string) uint64 {
	parsed, err := strconv.ParseUint(e.Metadata[key], 10, 64)
	if err != nil {
		return 0
	}
	return parsed
}

// OldestRevision is the oldest revision still readable, where the one asked for is compacted; otherwise 0.
func (e *Error) OldestRevision() uint64 { return e.number("oldest_revision") }

// NewestRevision is the newest revision, where the one asked for is in the future; otherwise 0.
func (e *Error) NewestRevision() uint64 { return e.number("newest_revision") }

// isRetryable: the same request may pass soon, at another replica, or at this one when it or its journal is back.
func (e *Error) isRetryable() bool { return e.Code == codes.Unavailable }

// outlived: what ended a stream that was under way. Where it is that its credentials are over, the next stream may go on: it shows
// the token of the moment. If that one is no better, the broker says so at once.
func (e *Error) outlived() *Error {
	if e.Code != codes.Unauthenticated {
		return e
	}
	return &Error{Code: codes.Unavailable, Message: "the credentials ended: " + e.Message, cause: e}
}

// isUnexplained: a stream broke without a word from the broker: a reset, or a proxy's doing.
func (e *Error) isUnexplained() bool {
	return e.Reason == "" && (e.Code == codes.Internal || e.Code == codes.Unknown || e.Code == codes.Canceled)
}

func errClosed() *Error {
	return &Error{Code: codes.Canceled, Message: "the client is closed", cause: ErrClosed}
}

func errState(format string, arguments ...any) *Error {
	return &Error{Code: codes.FailedPrecondition, Message: fmt.Sprintf(format, arguments...)}
}

func errInvalid(err error) *Error {
	return &Error{Code: codes.InvalidArgument, Reason: ReasonInvalidRequest, Message: err.Error(), cause: err}
}

// errContext is what a call ends with whose context is over: what ended the context, where that was a loss of this client's
// own, and otherwise a deadline or a cancellation.
func errContext(ctx context.Context, doing string) *Error {
	cause := context.Cause(ctx)
	var own *Error
	if errors.As(cause, &own) {
		return own
	}
	failure := &Error{Code: codes.Canceled, Message: doing + " was cancelled", cause: cause}
	if errors.Is(cause, context.DeadlineExceeded) {
		failure.Code = codes.DeadlineExceeded
		failure.Message = "no outcome of " + doing + " in time; it may still take effect"
	}
	return failure
}

// because: it had been tried until then, and this was in the way.
func (e *Error) because(inWay *Error) *Error {
	if inWay != nil && inWay.Reason != "" && e.Code == codes.DeadlineExceeded {
		e.Message += "; in its way was: " + inWay.Error()
		e.cause = inWay
	}
	return e
}

func conflictFrom(message *hyperloomv1.Conflict) Conflict {
	return Conflict{
		Path:    message.GetPath(),
		Kind:    word(message.GetKind().String(), "CONFLICT_KIND_"),
		Base:    optionalNode(message.GetBase(), 0),
		Trunk:   optionalNode(message.GetTrunk(), 0),
		Ghost:   optionalNode(message.GetGhost(), 0),
		Message: message.GetMessage(),
	}
}

// asError is any error as one of this package.
func asError(err error) *Error {
	var own *Error
	if errors.As(err, &own) {
		return own
	}
	return &Error{Code: codes.Unknown, Message: err.Error(), cause: err}
}

func invalidOperation(err error) error {
	var own *Error
	if errors.As(err, &own) {
		return own // The lease that a node was to be bound to is lost.
	}
	failure := errInvalid(err)
	failure.Reason = ReasonInvalidValue
	return failure
}
