package hyperloom

import (
	"errors"
	"fmt"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	"hyperloom.dev/go/hyperloom/precondition"
	"hyperloom.dev/go/hyperloom/value"
)

// TypedNode is a node whose value is a message.
type TypedNode[Message proto.Message, Vars any] struct {
	// Node as a client that knows of no types reads it.
	*Node
	// Variables of its path.
	Variables Vars
	// Value is the message; nil with Err.
	Value Message
	// Err is of the kind ErrTypeMismatch where something else than the message is there, which only a schema prevents.
	Err error
}

// Unchanged: nobody has changed the value since it was read. For compare-and-set:
//
//	notes.Put(ctx, note.Variables, changed, note.Unchanged())
func (n *TypedNode[Message, Vars]) Unchanged() precondition.Precondition {
	if n.ModifiedRevision > 0 {
		return precondition.ModifiedRevision(n.Path, n.ModifiedRevision)
	}
	return precondition.Version(n.Path, n.Version)
}

// TypedChange is one operation as it took effect.
type TypedChange[Message proto.Message, Vars any] struct {
	// Change as a client that knows of no types reads it.
	Change
	// Above: something above was removed or replaced, with all that was below it; there are no Variables then. What a replacement
	// brought along comes as changes of its own behind it.
	Above bool
	// Variables of its path.
	Variables Vars
	// Result is the node after the change; nil where it was removed.
	Result *TypedNode[Message, Vars]
	// Previous is the node before the change, on request; nil also where there was none.
	Previous *TypedNode[Message, Vars]
}

// TypedEvent is something that happened to messages of a type: one context diff, as far as it is about them.
type TypedEvent[Message proto.Message, Vars any] struct {
	// Event as a client that knows of no types reads it.
	*Event
	Changes []TypedChange[Message, Vars]
}

// TypedSnapshot has all matching nodes as they were at one revision: the first item of a subscription that starts with one.
type TypedSnapshot[Message proto.Message, Vars any] struct {
	Nodes    []*TypedNode[Message, Vars]
	Revision uint64
	// Age of it at most, as in [Bookmark].
	Age *time.Duration
}

// TypedItem is what a typed subscription delivers: one of them, the others are nil.
type TypedItem[Message proto.Message, Vars any] struct {
	Snapshot *TypedSnapshot[Message, Vars]
	Event    *TypedEvent[Message, Vars]
	Bookmark *Bookmark
}

// node is a node as one of these; nil where its path is none of theirs, or it has no value.
func (n *Nodes[Message, Vars]) node(node *Node) *TypedNode[Message, Vars] {
	if node == nil || node.Value.Kind() == value.None {
		return nil
	}
	variables, ok := n.VariablesOf(node.Path)
	if !ok {
		return nil
	}
	typed := &TypedNode[Message, Vars]{Node: node, Variables: variables}
	typed.Value, typed.Err = messageOf[Message](node)
	return typed
}

func (n *Nodes[Message, Vars]) change(change Change) TypedChange[Message, Vars] {
	variables, ok := n.VariablesOf(change.Path)
	typed := TypedChange[Message, Vars]{Change: change, Above: !ok, Variables: variables}
	if ok {
		typed.Result = n.node(change.Result)
		typed.Previous = n.node(change.Previous)
	}
	return typed
}

// messageOf is the message that a node holds.
func messageOf[Message proto.Message](node *Node) (Message, error) {
	var none Message
	wanted := none.ProtoReflect().Descriptor().FullName()
	packed := node.Value.Message()
	if packed == nil {
		return none, errMismatch(node, "%s where %s is due", node.Value.Kind(), wanted)
	}
	if packed.MessageName() != wanted {
		return none, errMismatch(node, "%s where %s is due", packed.MessageName(), wanted)
	}
	message := none.ProtoReflect().New().Interface().(Message)
	if err := proto.Unmarshal(packed.GetValue(), message); err != nil {
		return none, errMismatch(node, "bytes that are no %s", wanted)
	}
	return message, nil
}

func errMismatch(node *Node, format string, arguments ...any) *Error {
	return &Error{
		Code:     codes.FailedPrecondition,
		Message:  node.Path + " holds " + fmt.Sprintf(format, arguments...),
		Metadata: map[string]string{"path": node.Path},
		cause:    ErrTypeMismatch,
	}
}

func isNodeNotFound(err error) bool { return errors.Is(err, ReasonNodeNotFound) }
