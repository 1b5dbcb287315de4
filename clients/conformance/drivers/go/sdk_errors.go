package main

import (
	"context"
	"errors"
	"strings"

	"google.golang.org/grpc/codes"

	"hyperloom.dev/go/hyperloom"
)

// kinds by the names that the other languages' classes have; of each the narrower ones first.
var kinds = []struct {
	kind hyperloom.Kind
	name string
}{
	{hyperloom.ErrSchemaViolation, "SCHEMA_VIOLATION"},
	{hyperloom.ErrTypeMismatch, "TYPE_MISMATCH"},
	{hyperloom.ErrPreconditionFailed, "PRECONDITION_FAILED"},
	{hyperloom.ErrConflict, "CONFLICT"},
	{hyperloom.ErrLocked, "LOCKED"},
	{hyperloom.ErrDeadlock, "DEADLOCK"},
	{hyperloom.ErrReviewRejected, "REVIEW_REJECTED"},
	{hyperloom.ErrReviewOutdated, "REVIEW_OUTDATED"},
	{hyperloom.ErrGhostOver, "GHOST_OVER"},
	{hyperloom.ErrStaleFencingToken, "STALE_FENCING_TOKEN"},
	{hyperloom.ErrLeaseLost, "LEASE_LOST"},
	{hyperloom.ErrRaceOver, "RACE_OVER"},
	{hyperloom.ErrBasisReverted, "BASIS_REVERTED"},
	{hyperloom.ErrGateLimit, "GATE_LIMIT"},
	{hyperloom.ErrGhostInterrupted, "GHOST_INTERRUPTED"},
	{hyperloom.ErrGateReverted, "GATE_REVERTED"},
	{hyperloom.ErrRaceExhausted, "RACE_EXHAUSTED"},
	{hyperloom.ErrState, "STATE"},
	{hyperloom.ErrRevision, "REVISION"},
	{hyperloom.ErrResourceExhausted, "RESOURCE_EXHAUSTED"},
	{hyperloom.ErrUnavailable, "UNAVAILABLE"},
	{hyperloom.ErrDeadlineExceeded, "DEADLINE_EXCEEDED"},
	{hyperloom.ErrClosed, "CLOSED"},
	{hyperloom.ErrCancelled, "CANCELLED"},
	{hyperloom.ErrAccess, "ACCESS"},
	{hyperloom.ErrInvalidRequest, "INVALID_REQUEST"},
	{hyperloom.ErrNotFound, "NOT_FOUND"},
	{hyperloom.ErrAlreadyExists, "ALREADY_EXISTS"},
}

func tellError(err error) object {
	outcome := object{"message": err.Error()}
	var raceFailed *hyperloom.RaceFailed
	var failed *hyperloom.SpeculationFailed
	var refused *hyperloom.Error
	switch {
	case errors.As(err, &raceFailed):
		outcome["kind"], outcome["errors"] = "RACE_FAILED", told(raceFailed.Errors, tellError)
	case errors.As(err, &failed):
		outcome["kind"], outcome["reasons"] = "SPECULATION_FAILED", failed.Reasons
	case errors.As(err, &refused):
		tellRefusal(outcome, refused)
	case errors.Is(err, context.Canceled):
		outcome["kind"] = "CANCELLED"
	default:
		outcome["kind"] = "OTHER"
	}
	return outcome
}

func tellRefusal(outcome object, refused *hyperloom.Error) {
	all := []string{}
	for _, each := range kinds {
		if errors.Is(refused, each.kind) {
			all = append(all, each.name)
		}
		if refused.Kind() == each.kind {
			outcome["kind"] = each.name
		}
	}
	violations := []string{}
	for _, each := range refused.Violations {
		violations = append(violations, each.Field)
	}
	outcome["kinds"], outcome["code"], outcome["reason"] = all, codeName(refused.Code), refused.Reason
	outcome["metadata"], outcome["violations"] = refused.Metadata, violations
	outcome["conflicts"] = told(refused.Conflicts, func(each hyperloom.Conflict) object {
		return object{
			"path": each.Path, "kind": each.Kind, "base": tellNode(each.Base), "trunk": tellNode(each.Trunk),
			"ghost": tellNode(each.Ghost),
		}
	})
	outcome["conflictsTotal"] = refused.ConflictsTotal
	outcome["circle"] = told(refused.Circle, func(each hyperloom.DeadlockMember) object {
		return object{"author": each.Author}
	})
	outcome["problems"] = told(refused.Problems(), func(each hyperloom.SchemaProblem) object {
		return object{"field": each.Field, "rule": each.Rule}
	})
	outcome["oldestRevision"], outcome["newestRevision"] = refused.OldestRevision(), refused.NewestRevision()
}

// codeName is NOT_FOUND for NotFound.
func codeName(code codes.Code) string {
	if code == codes.Canceled {
		return "CANCELLED"
	}
	var name strings.Builder
	for index, letter := range code.String() {
		if index > 0 && letter >= 'A' && letter <= 'Z' {
			name.WriteByte('_')
		}
		name.WriteRune(letter)
	}
	return strings.ToUpper(name.String())
}
