// Package gate builds gates: what must be fulfilled before a ghost's work reaches the trunk or its parent.
package gate

import hyperloomv1 "hyperloom.dev/go/gen/hyperloom/v1"

// Kind says what a gate is about.
type Kind string

// The kinds of gates.
const (
	KindLimit  Kind = "limit"
	KindReview Kind = "review"
	KindSchema Kind = "schema"
)

// Gate is one condition. Make it with the functions of this package.
type Gate struct {
	Kind Kind
	// Limits of a gate that limits.
	Limits
	// Reviewer of a gate that asks for a review.
	Reviewer string
	// OnViolation of a gate about schemas.
	OnViolation ViolationAction
}

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
func Limit(limits Limits) Gate { return Gate{Kind: KindLimit, Limits: limits} }

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
	return Gate{Kind: KindSchema, OnViolation: onViolation}
}

// Review names a program or a person who must approve, by the name that it knows itself by. Commit waits for it.
func Review(reviewer string) Gate { return Gate{Kind: KindReview, Reviewer: reviewer} }

// Wire is how gates travel. A gate without a kind, or with an action that there is not, is refused by the broker.
func Wire(gates []Gate) []*hyperloomv1.Gate {
	messages := make([]*hyperloomv1.Gate, len(gates))
	for index, each := range gates {
		messages[index] = each.message()
	}
	return messages
}

func (g Gate) message() *hyperloomv1.Gate {
	switch g.Kind {
	case KindLimit:
		limit := &hyperloomv1.LimitGate{
			Patterns: g.Patterns, OperationsMax: g.OperationsMax, BytesMax: g.BytesMax,
		}
		return &hyperloomv1.Gate{Kind: &hyperloomv1.Gate_Limit{Limit: limit}}
	case KindReview:
		return &hyperloomv1.Gate{Kind: &hyperloomv1.Gate_Review{Review: &hyperloomv1.ReviewGate{Reviewer: g.Reviewer}}}
	case KindSchema:
		schema := &hyperloomv1.SchemaGate{OnViolation: actions[g.OnViolation]}
		return &hyperloomv1.Gate{Kind: &hyperloomv1.Gate_Schema{Schema: schema}}
	default:
		return &hyperloomv1.Gate{}
	}
}

var actions = map[ViolationAction]hyperloomv1.ViolationAction{
	Revert:  hyperloomv1.ViolationAction_VIOLATION_ACTION_REVERT,
	Collect: hyperloomv1.ViolationAction_VIOLATION_ACTION_COLLECT,
}

// From takes a gate as it travels; false for one of a newer broker, which this version does not know.
func From(message *hyperloomv1.Gate) (Gate, bool) {
	switch kind := message.GetKind().(type) {
	case *hyperloomv1.Gate_Limit:
		return Limit(Limits{kind.Limit.GetPatterns(), kind.Limit.GetOperationsMax(), kind.Limit.GetBytesMax()}), true
	case *hyperloomv1.Gate_Review:
		return Review(kind.Review.GetReviewer()), true
	case *hyperloomv1.Gate_Schema:
		for action, wire := range actions {
			if wire == kind.Schema.GetOnViolation() {
				return Schema(action), true
			}
		}
		return Schema(""), true
	default:
		return Gate{}, false
	}
}
