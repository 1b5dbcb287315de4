// Package gate builds gates: what must be fulfilled before a ghost's work reaches the trunk or its parent.
package gate

import hyperloomv1 "hyperloom.dev/go/gen/hyperloom/v1"

// Gate is one condition. Make it with the functions of this package.
type Gate = *hyperloomv1.Gate

// Limits say what a ghost may touch.
type Limits struct {
	// Patterns of paths, as in a subscription. None: any path.
	Patterns []string
	// OperationsMax in all. 0: no limit.
	OperationsMax uint64
	// BytesMax in all. 0: no limit.
	BytesMax uint64
}

// Limit says what the ghost may touch. A diff that goes beyond it is refused when it is staged, with GATE_LIMIT.
func Limit(limits Limits) Gate {
	message := &hyperloomv1.LimitGate{
		Patterns:      limits.Patterns,
		OperationsMax: limits.OperationsMax,
		BytesMax:      limits.BytesMax,
	}
	return &hyperloomv1.Gate{Kind: &hyperloomv1.Gate_Limit{Limit: message}}
}

// ViolationAction is what is done about values that do not fit their schemas.
type ViolationAction string

const (
	// Revert takes the ghost back to its newest checkpoint at the first such value, with GATE_REVERTED; Speculate does the work again.
	Revert ViolationAction = "revert"
	// Collect stages them. The commit is refused with all of them until later diffs have put them right.
	Collect ViolationAction = "collect"
)

// Schema says what becomes of values that do not fit their schemas, which are refused without this gate.
func Schema(onViolation ViolationAction) Gate {
	action := hyperloomv1.ViolationAction_VIOLATION_ACTION_UNSPECIFIED // Which the broker refuses.
	switch onViolation {
	case Revert:
		action = hyperloomv1.ViolationAction_VIOLATION_ACTION_REVERT
	case Collect:
		action = hyperloomv1.ViolationAction_VIOLATION_ACTION_COLLECT
	}
	return &hyperloomv1.Gate{Kind: &hyperloomv1.Gate_Schema{Schema: &hyperloomv1.SchemaGate{OnViolation: action}}}
}

// Review names a program or a person who must approve, by the name that it knows itself by. Commit waits for it.
func Review(reviewer string) Gate {
	return &hyperloomv1.Gate{Kind: &hyperloomv1.Gate_Review{Review: &hyperloomv1.ReviewGate{Reviewer: reviewer}}}
}
