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

// Review names a program or a person who must approve, by the name that it knows itself by. Commit waits for it.
func Review(reviewer string) Gate {
	return &hyperloomv1.Gate{Kind: &hyperloomv1.Gate_Review{Review: &hyperloomv1.ReviewGate{Reviewer: reviewer}}}
}
