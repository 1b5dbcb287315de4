package hyperloom

import (
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
