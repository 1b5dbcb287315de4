package hyperloom

import (
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	hyperloomv1 "hyperloom.dev/go/gen/hyperloom/v1"
	"hyperloom.dev/go/hyperloom/value"
)

// Node is a path and what is known of it at one revision.
type Node struct {
	Path string
	// Value of its own. Not there where only keys were asked for, and in nodes that only have children.
	Value value.Value
	// CreatedRevision is 0 in what was created in a ghost that is not committed.
	CreatedRevision uint64
	// ModifiedRevision last changed the node's own value; 0 where the last change is staged in a ghost.
	ModifiedRevision uint64
	// Version counts the changes since the node was created, from 1; 0 in nodes without a value.
	Version uint64
	// Author of the last change.
	Author string
	// SubtreeRevision last changed the node or anything below it; 0 where that is staged in a ghost.
	SubtreeRevision uint64
	// StagedSequence, in a ghost: the number of the diff that last changed the node; 0 for what comes from the base.
	StagedSequence uint64
	// ChildCount is the number of direct children.
	ChildCount uint64
	// ValueBytes is the size of the value.
	ValueBytes uint64
	// LeaseID is the lease that it is bound to; only told of the newest trunk.
	LeaseID string
	// Revision of the view in which it was read.
	Revision uint64
	// Age of the view in which it was read, at most, where several brokers share a journal: what any of them had acknowledged that
	// long before the answer is in it. It grows while the journal is away. Nil where the view was the newest when it was asked for: of
	// a single broker, and of a read that waited for all that was acknowledged ([Linearizable]); where a revision or a ghost was asked
	// for; and in events.
	Age *time.Duration
}

// Kind of its value; [value.None] where it has none.
func (n *Node) Kind() value.Kind { return n.Value.Kind() }

// FormProblem is why its value is told as a message although JSON was asked for.
func (n *Node) FormProblem() value.FormProblem { return n.Value.FormProblem() }

func nodeFrom(message *hyperloomv1.Node, revision uint64) *Node {
	return &Node{
		Path:             message.GetPath(),
		Value:            value.From(message.GetValue()),
		CreatedRevision:  message.GetCreatedRevision(),
		ModifiedRevision: message.GetModifiedRevision(),
		Version:          message.GetVersion(),
		Author:           message.GetAuthor(),
		SubtreeRevision:  message.GetSubtreeRevision(),
		StagedSequence:   message.GetStagedSequence(),
		ChildCount:       message.GetChildCount(),
		ValueBytes:       message.GetValueBytes(),
		LeaseID:          message.GetLeaseId(),
		Revision:         revision,
	}
}

func optionalNode(message *hyperloomv1.Node, revision uint64) *Node {
	if message == nil {
		return nil
	}
	return nodeFrom(message, revision)
}

func nodesFrom(messages []*hyperloomv1.Node, revision uint64) []*Node {
	return mapped(messages, func(message *hyperloomv1.Node) *Node { return nodeFrom(message, revision) })
}

// aged says of nodes how old the view may be in which they were read.
func aged(nodes []*Node, age *time.Duration) []*Node {
	for _, node := range nodes {
		node.Age = age
	}
	return nodes
}

// ageFrom is nil where an answer says nothing of its age.
func ageFrom(message *durationpb.Duration) *time.Duration {
	if message == nil {
		return nil
	}
	age := message.AsDuration()
	return &age
}
