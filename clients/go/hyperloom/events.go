package hyperloom

import (
	"encoding/json"
	"time"

	"google.golang.org/protobuf/types/known/anypb"

	hyperloomv1 "hyperloom.dev/go/gen/hyperloom/v1"
	"hyperloom.dev/go/hyperloom/value"
)

// Item is what a subscription delivers: a [*Snapshot], an [*Event] or a [*Bookmark].
type Item interface {
	isItem()
}

// Snapshot has all matching nodes as they were at one revision: the first item of a subscription that starts with one.
type Snapshot struct {
	Nodes    []*Node
	Revision uint64
	// Age of it at most, as in [Bookmark].
	Age *time.Duration
}

// Bookmark says that everything up to here was delivered.
type Bookmark struct {
	Revision uint64
	Position uint64
	// Age is how long ago the broker last knew that it had seen all that any of them had acknowledged, where several share a journal. It
	// grows while the journal is away. Nil of a single broker, which sees everything at once.
	Age *time.Duration
}

// Event is something that happened in a forest: one whole context diff, or a ghost's transition.
type Event struct {
	// Revision of the trunk that it made; 0 inside ghosts.
	Revision uint64
	// Position is its place in the forest's journal.
	Position uint64
	Time     time.Time
	Author   string
	Label    string
	GhostID  string
	// Transition is what it did to a ghost; nil for all others.
	Transition *GhostTransition
	Changes    []Change
	Basis      []BasisEntry
	RequestID  string
	// RevertedRevision is the trunk revision whose inverse it wrote; 0 for all others.
	RevertedRevision uint64
	// LeaseID is the lease whose end deleted what was bound to it; empty for all others.
	LeaseID string
	// TraceParent is the W3C trace context (traceparent) of the call that did it; empty where there was none.
	TraceParent string
	// BasisReverted, of a revert, are the agents that had read what it took back; in a subscription only the one that it is for.
	BasisReverted []BasisReverted
	// Told are the same.
	//
	// Deprecated: use BasisReverted, as it is called everywhere else.
	Told []BasisReverted
}

func (*Snapshot) isItem() {}
func (*Bookmark) isItem() {}
func (*Event) isItem()    {}

// GhostTransition is what an event did to a ghost.
type GhostTransition struct {
	// Kind is begun, staged, checkpointed, rewound, commit_requested, approved, reverted, committed or expired.
	Kind              string
	Checkpoint        string
	Reason            string
	Ghost             *GhostState
	DroppedOperations uint64
	Sequence          uint64
	Reviewer          string
}

// Change is one operation as it took effect.
type Change struct {
	Path string
	// Action is put, append, merge, increment, delete or copy; empty for a kind that this version does not know.
	Action string
	// Value that was put.
	Value value.Value
	// Appended is what was appended: a string, a []byte, a []json.RawMessage of items, or the [anypb.Any] of a message.
	Appended any
	// Patch that was merged into JSON.
	Patch json.RawMessage
	// PatchMessage was merged into a message: the fields of Mask, or, where that is empty, what is set in it.
	PatchMessage *anypb.Any
	Mask         []string
	// Field of a message that was added to; empty where the value is a number itself.
	Field string
	// Amount that was added: an int64 or a float64. Sum is the number as it is now.
	Amount any
	Sum    json.Number
	// NodeOnly: a removal left the children.
	NodeOnly bool
	// SourcePath and SourceRevision of a copy; revision 0: what the diff itself saw.
	SourcePath     string
	SourceRevision uint64
	// Result is the node after the change, on request.
	Result *Node
	// Previous is the node before the change, on request; nil also where there was none.
	Previous *Node
	// Author staged it, where that is not the event's author.
	Author string
}

// BlameLine is where a value comes from.
type BlameLine struct {
	Node *Node
	// Event is nil where that history is compacted.
	Event *Event
}

func eventFrom(message *hyperloomv1.Event) *Event {
	reverted := mapped(message.GetBasisReverted(), basisRevertedFrom)
	event := &Event{
		Revision:         message.GetRevision(),
		Position:         message.GetPosition(),
		Time:             message.GetTime().AsTime(),
		Author:           message.GetAuthor(),
		Label:            message.GetLabel(),
		GhostID:          message.GetGhostId(),
		Basis:            mapped(message.GetBasis(), basisEntryFrom),
		RequestID:        message.GetRequestId(),
		RevertedRevision: message.GetRevertedRevision(),
		LeaseID:          message.GetLeaseId(),
		TraceParent:      message.GetTraceParent(),
		BasisReverted:    reverted,
		Told:             reverted,
	}
	if message.GetTransition() != nil {
		event.Transition = transitionFrom(message.GetTransition())
	}
	for _, change := range message.GetChanges() {
		event.Changes = append(event.Changes, changeFrom(change, event.Revision))
	}
	return event
}

func changeFrom(message *hyperloomv1.Change, revision uint64) Change {
	change := Change{
		Path:     message.GetPath(),
		Result:   optionalNode(message.GetResult(), revision),
		Previous: optionalNode(message.GetPrevious(), revision),
		Author:   message.GetAuthor(),
	}
	switch action := message.GetAction().(type) {
	case *hyperloomv1.Change_Put:
		change.Action, change.Value = "put", value.From(action.Put)
	case *hyperloomv1.Change_Append:
		change.Action, change.Appended = "append", additionFrom(action.Append)
	case *hyperloomv1.Change_Merge:
		change.Action, change.Patch = "merge", action.Merge.GetJsonPatch()
		change.PatchMessage, change.Mask = action.Merge.GetMessage(), action.Merge.GetMask().GetPaths()
	case *hyperloomv1.Change_Increment:
		change.Action, change.Sum = "increment", json.Number(action.Increment.GetResultJson())
		change.Field = action.Increment.GetIncrement().GetField()
		change.Amount = action.Increment.GetIncrement().GetInteger()
		if amount, ok := action.Increment.GetIncrement().GetAmount().(*hyperloomv1.Increment_Real); ok {
			change.Amount = amount.Real
		}
	case *hyperloomv1.Change_Delete:
		change.Action = "delete"
		change.NodeOnly = action.Delete.GetScope() == hyperloomv1.DeleteScope_DELETE_SCOPE_NODE
	case *hyperloomv1.Change_Copy:
		change.Action = "copy"
		change.SourcePath, change.SourceRevision = action.Copy.GetSourcePath(), action.Copy.GetSourceRevision()
	}
	return change
}

func additionFrom(message *hyperloomv1.Append) any {
	switch addition := message.GetAddition().(type) {
	case *hyperloomv1.Append_Text:
		return addition.Text
	case *hyperloomv1.Append_Bytes:
		return addition.Bytes
	case *hyperloomv1.Append_Message:
		return addition.Message
	default:
		return mapped(message.GetItems().GetJson(), func(item []byte) json.RawMessage { return item })
	}
}

func transitionFrom(message *hyperloomv1.GhostTransition) *GhostTransition {
	transition := &GhostTransition{
		Kind:              word(message.GetKind().String(), "GHOST_TRANSITION_KIND_"),
		Checkpoint:        message.GetCheckpoint(),
		Reason:            message.GetReason(),
		DroppedOperations: message.GetDroppedOperations(),
		Sequence:          message.GetSequence(),
		Reviewer:          message.GetReviewer(),
	}
	if message.GetGhost() != nil {
		ghost := ghostStateFrom(message.GetGhost())
		transition.Ghost = &ghost
	}
	return transition
}

func blameLineFrom(message *hyperloomv1.BlameLine) BlameLine {
	line := BlameLine{Node: nodeFrom(message.GetNode(), message.GetNode().GetModifiedRevision())}
	if message.GetEvent() != nil {
		line.Event = eventFrom(message.GetEvent())
	}
	return line
}
