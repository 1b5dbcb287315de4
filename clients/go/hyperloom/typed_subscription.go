package hyperloom

import (
	"context"
	"iter"

	"google.golang.org/protobuf/proto"
)

// TypedSubscription delivers a [TypedSnapshot] (once, complete), then each [TypedEvent] exactly once and whole, in order. It lives, ends
// and recovers as a [Subscription] does.
type TypedSubscription[Message proto.Message, Vars any] struct {
	inner *Subscription
	nodes *Nodes[Message, Vars]
}

// Subscribe watches the nodes that have these variables, of which any may be left open. Each change comes with the message as it is after
// it. It returns when the broker has begun to deliver, and ends with the context or Close.
func (n *Nodes[Message, Vars]) Subscribe(
	ctx context.Context, options SubscribeOptions, where Vars,
) (*TypedSubscription[Message, Vars], error) {
	_, pattern, err := n.pattern(where)
	if err != nil {
		return nil, err
	}
	options.Results, options.Form = true, FormStored
	inner, err := n.verbs.Subscribe(ctx, options, pattern)
	if err != nil {
		return nil, err
	}
	return &TypedSubscription[Message, Vars]{inner, n}, nil
}

// Items goes through the items. An error is the last that comes; at the end of a ghost, or after Close, there is none.
//
//	for item, err := range subscription.Items() {
//		if err != nil { … }
//		if item.Event != nil {
//			for _, change := range item.Event.Changes { … change.Variables.Note … change.Result.Value … }
//		}
//	}
func (s *TypedSubscription[Message, Vars]) Items() iter.Seq2[TypedItem[Message, Vars], error] {
	return func(yield func(TypedItem[Message, Vars], error) bool) {
		for item, err := range s.inner.Items() {
			if !yield(s.nodes.item(item), err) {
				return
			}
		}
	}
}

// Close ends it.
func (s *TypedSubscription[Message, Vars]) Close() { s.inner.Close() }

func (n *Nodes[Message, Vars]) item(item Item) TypedItem[Message, Vars] {
	switch item := item.(type) {
	case *Snapshot:
		snapshot := &TypedSnapshot[Message, Vars]{Revision: item.Revision, Age: item.Age}
		for _, node := range item.Nodes {
			if typed := n.node(node); typed != nil {
				snapshot.Nodes = append(snapshot.Nodes, typed)
			}
		}
		return TypedItem[Message, Vars]{Snapshot: snapshot}
	case *Event:
		return TypedItem[Message, Vars]{Event: &TypedEvent[Message, Vars]{item, mapped(item.Changes, n.change)}}
	case *Bookmark:
		return TypedItem[Message, Vars]{Bookmark: item}
	default: // With an error.
		return TypedItem[Message, Vars]{}
	}
}
