package main

import (
	"context"
	"encoding/json"
	"fmt"

	"google.golang.org/protobuf/encoding/protojson"

	"hyperloom.dev/go/hyperloom"
	"hyperloom.dev/go/hyperloom/operation"
	"hyperloom.dev/go/hyperloom/precondition"
	acmev1 "hyperloom.dev/go/internal/acme/v1"
)

// note is the message that typed scenarios are about; the variables of its path are known at run time only, so that wrong ones can be told.
type note = *acmev1.ResearchNote

// typedNotes is a typed handle, and what was read through it last.
type typedNotes struct {
	nodes  *hyperloom.Nodes[note, hyperloom.Variables]
	writer writer
	read   *hyperloom.TypedNode[note, hyperloom.Variables]
}

type watchingNotes = stream[hyperloom.TypedItem[note, hyperloom.Variables]]

func notesOf(on hyperloom.Target) *typedNotes {
	return &typedNotes{nodes: hyperloom.Typed(on, hyperloom.NodeTypeFor[note]()), writer: on.(writer)}
}

func noteOf(text string) note {
	message := &acmev1.ResearchNote{}
	if err := protojson.Unmarshal([]byte(text), message); err != nil {
		panic(err)
	}
	return message
}

func (n *typedNotes) preconditions(all []given) []precondition.Precondition {
	var made []precondition.Precondition
	for _, each := range all {
		for kind, a := range each {
			switch kind {
			case "field":
				if a.IsSet != nil {
					made = append(made, n.nodes.FieldIsSet(a.Variables, a.Field, *a.IsSet))
				} else {
					made = append(made, n.nodes.FieldEquals(a.Variables, a.Field, a.Equals))
				}
			case "unchanged":
				made = append(made, n.read.Unchanged())
			default:
				path, err := n.nodes.Path(a.Variables)
				if err != nil {
					panic(err)
				}
				a.Path = path
				made = append(made, preconditions([]given{{kind: a}})...)
			}
		}
	}
	return made
}

// call does the verbs of typed handles.
func (s *session) callTyped(ctx context.Context, on *typedNotes, verb, handle string, a arguments) (any, error) {
	switch verb {
	case "get":
		read, err := on.nodes.Get(ctx, a.Variables, a.reads()...)
		if err != nil {
			return nil, err
		}
		on.read = read
		return tellNote(read), nil
	case "find":
		read, err := on.nodes.Find(ctx, a.Variables, a.reads()...)
		if read == nil {
			return object{"node": nil}, err
		}
		return object{"node": tellNote(read)}, err
	case "list":
		nodes, err := on.nodes.Collect(ctx, a.Variables, a.reads()...)
		return told(nodes, tellNote), err
	case "path":
		return on.nodes.Path(a.Variables)
	case "variablesOf":
		variables, ok := on.nodes.VariablesOf(a.Path)
		if !ok {
			return nil, nil
		}
		return variables, nil
	case "subscribe":
		subscription, err := on.nodes.Subscribe(context.WithoutCancel(ctx), a.subscription(), a.Variables)
		if err != nil {
			return nil, err
		}
		taken := newStream(subscription.Items(), subscription.Close)
		s.keep(handle, &taken)
		return object{}, nil
	default:
		outcome, err := on.write(ctx, verb, a)
		return tellPublished(outcome), err
	}
}

func (n *typedNotes) write(ctx context.Context, verb string, a arguments) (hyperloom.Published, error) {
	conditions := n.preconditions(a.Preconditions)
	switch verb {
	case "put":
		return n.nodes.Put(ctx, a.Variables, noteOf(a.Message), conditions...)
	case "append":
		return n.nodes.Append(ctx, a.Variables, noteOf(a.Message), conditions...)
	case "merge":
		return n.nodes.Merge(ctx, a.Variables, noteOf(a.Message), a.Mask, conditions...)
	case "increment":
		if a.Real != nil {
			single := []operation.Operation{n.nodes.IncrementingReal(a.Variables, a.Field, *a.Real)}
			return n.writer.Publish(ctx, hyperloom.Diff{Operations: single, Preconditions: conditions})
		}
		return n.nodes.Increment(ctx, a.Variables, a.Field, a.amount(), conditions...)
	case "delete":
		return n.nodes.Delete(ctx, a.Variables, conditions...)
	case "publish":
		var made []operation.Operation
		for _, each := range a.Operations {
			for kind, b := range each {
				made = append(made, n.operation(kind, b))
			}
		}
		return n.writer.Publish(ctx, hyperloom.Diff{Operations: made, Preconditions: conditions})
	default:
		panic(fmt.Errorf("no verb %s", verb))
	}
}

func (n *typedNotes) operation(verb string, a arguments) operation.Operation {
	switch verb {
	case "put":
		return n.nodes.Putting(a.Variables, noteOf(a.Message))
	case "append":
		return n.nodes.Appending(a.Variables, noteOf(a.Message))
	case "merge":
		return n.nodes.Merging(a.Variables, noteOf(a.Message), a.Mask...)
	case "increment":
		return n.nodes.Incrementing(a.Variables, a.Field, a.amount())
	case "delete":
		return n.nodes.Deleting(a.Variables)
	default:
		panic(fmt.Errorf("no operation %s", verb))
	}
}

func tellMessage(message note) any {
	text, err := protojson.Marshal(message)
	if err != nil {
		panic(err)
	}
	return json.RawMessage(text)
}

func tellNote(node *hyperloom.TypedNode[note, hyperloom.Variables]) object {
	outcome := object{
		"path": node.Path, "variables": node.Variables, "revision": node.Revision, "modifiedRevision": node.ModifiedRevision, "version": node.Version,
		"author": node.Author, "message": nil,
	}
	if node.Err == nil {
		outcome["message"] = tellMessage(node.Value)
	}
	return outcome
}

func tellNoteItem(item hyperloom.TypedItem[note, hyperloom.Variables]) object {
	switch {
	case item.Snapshot != nil:
		return object{"snapshot": object{"revision": item.Snapshot.Revision, "nodes": told(item.Snapshot.Nodes, tellNote)}}
	case item.Event != nil:
		return object{"event": object{"revision": item.Event.Revision, "changes": told(item.Event.Changes, tellNoteChange)}}
	case item.Bookmark != nil:
		return object{"bookmark": object{"revision": item.Bookmark.Revision}}
	default:
		return object{"end": true}
	}
}

func tellNoteChange(change hyperloom.TypedChange[note, hyperloom.Variables]) object {
	outcome := object{"path": change.Path, "action": change.Action, "variables": nil, "message": nil, "previous": nil}
	if !change.Above {
		outcome["variables"] = change.Variables
	}
	if change.Result != nil && change.Result.Err == nil {
		outcome["message"] = tellMessage(change.Result.Value)
	}
	if change.Previous != nil && change.Previous.Err == nil {
		outcome["previous"] = tellMessage(change.Previous.Value)
	}
	return outcome
}
