package main

import (
	"context"
	"fmt"
	"time"

	"hyperloom.dev/go/hyperloom"
	"hyperloom.dev/go/hyperloom/operation"
	"hyperloom.dev/go/hyperloom/precondition"
)

// Reads and writes nodes of the trunk: every kind of operation, with and without preconditions, at every consistency.
func readAndWrite(a *agent) {
	for a.isOpen.Load() {
		switch {
		case a.below(5) < 2:
			a.read()
		case a.below(6) == 0:
			a.compareAndSet()
		default:
			a.write(writing{steps: a.randomSteps()})
		}
		a.sleep(12)
	}
}

func (a *agent) randomSteps() []step {
	text := a.token()
	switch a.below(9) {
	case 0, 1:
		return []step{{"put", a.place("reg", 4), text}}
	case 2:
		return []step{{"delete", a.place("reg", 4), ""}}
	case 3, 4:
		return []step{{"append", a.place("log", 2), "[" + text + "]"}}
	case 5:
		return []step{{"increment", a.place("num", 2), fmt.Sprint(a.below(19) - 9)}}
	case 6:
		patch := fmt.Sprintf(`{"k%d":%q}`, a.below(4), text)
		if a.below(4) == 0 {
			patch = fmt.Sprintf(`{"k%d":null}`, a.below(4))
		}
		return []step{{"merge", a.place("doc", 2), patch}}
	case 8:
		return []step{{"put", a.place("big", 2), text}}
	default:
		return putPair(a.place("pair", 2), text)
	}
}

// How a diff is published; the zero value of all but the steps is plain.
type writing struct {
	steps []step
	// The node of the first step must have been changed last at this revision; 0: there must be none. Nil: no such condition.
	ifRevision *uint64
	lockWait   time.Duration
	// What the node is bound to, and the call that granted it.
	lease *hyperloom.Lease
	grant string
	// The call that acquired the lock it is written through, and how.
	tenure  string
	through func(context.Context, hyperloom.Diff) (hyperloom.Published, error)
}

// Publishes, and now and then asks for the same once more.
func (a *agent) write(how writing) {
	requestID := a.token()
	first := a.publish(how, requestID, "")
	if a.below(12) == 0 {
		a.sleep(300)
		a.publish(how, requestID, first.id)
	}
}

func (a *agent) publish(how writing, requestID, repeats string) called {
	wants := fields{"type": "publish", "requestId": requestID, "steps": how.steps}
	diff := hyperloom.Diff{Operations: operationsOf(how.steps), RequestID: requestID, LockWait: how.lockWait}
	if how.ifRevision != nil {
		wants["ifRevision"] = *how.ifRevision
		diff.Preconditions = []precondition.Precondition{precondition.ModifiedRevision(how.steps[0].Path, *how.ifRevision)}
	}
	if how.lease != nil {
		wants["lease"] = how.grant
		diff.Operations = []operation.Operation{diff.Operations[0].BoundTo(how.lease)}
	}
	if how.tenure != "" {
		wants["tenure"] = how.tenure
	}
	if repeats != "" {
		wants["repeats"] = repeats
	}
	publish := a.client.Publish
	if how.through != nil {
		publish = how.through
	}
	return a.call(wants, func(ctx context.Context, _ string) (fields, error) {
		published, err := publish(ctx, diff)
		return fields{"revision": published.Revision}, err
	})
}

// Reads a node and replaces it, if nobody else has meanwhile.
func (a *agent) compareAndSet() {
	path := a.place("reg", 4)
	nodes, ok := a.readNodes([]string{path}, "linearizable", 0)
	if !ok {
		return
	}
	a.sleep(6)
	revision := uint64(0)
	if len(nodes) > 0 {
		revision = nodes[0].ModifiedRevision
	}
	a.write(writing{steps: []step{{"put", path, a.token()}}, ifRevision: &revision})
}

func (a *agent) read() {
	newest := a.client.NewestRevision()
	kinds := []string{"reg", "reg", "log", "num", "doc"}
	paths := []string{a.place(kinds[a.below(len(kinds))], 2)}
	if a.below(2) != 0 {
		pair := fmt.Sprintf("/lock/%d", a.below(2))
		if a.below(3) == 0 {
			pair = a.place("pair", 2)
		}
		paths = append(paths, pair+"/a", pair+"/b")
	}
	switch a.below(8) {
	case 0:
		a.readNodes(paths, "seen", 0)
	case 1:
		a.readNodes(paths, "stale", 0)
	case 2:
		a.readNodes(paths, "at_least", newest)
	case 3:
		// Long ago, or just now.
		back := uint64(a.below(5))
		if a.below(2) == 0 {
			back = uint64(a.below(int(newest) + 1))
		}
		a.readNodes(paths, "at_revision", max(1, newest-min(back, newest)))
	default:
		a.readNodes(paths, "linearizable", 0)
	}
}

func (a *agent) readNodes(paths []string, view string, revision uint64) ([]*hyperloom.Node, bool) {
	var options []hyperloom.ReadOption
	switch view {
	case "linearizable":
		options = append(options, hyperloom.Linearizable())
	case "stale":
		options = append(options, hyperloom.Stale())
	case "at_least":
		options = append(options, hyperloom.AtLeast(revision))
	case "at_revision":
		options = append(options, hyperloom.AtRevision(revision))
	}
	var nodes []*hyperloom.Node
	wants := fields{"type": "read", "paths": paths, "view": view, "revision": revision}
	done := a.call(wants, func(ctx context.Context, _ string) (fields, error) {
		var err error
		nodes, err = a.client.BatchGet(ctx, paths, options...)
		if err != nil {
			return nil, err
		}
		told := fields{"revision": 0, "nodes": nodesOf(paths, nodes)}
		// Where nothing was found, this client does not tell at which revision.
		if len(nodes) > 0 {
			told["revision"] = nodes[0].Revision
		}
		return told, nil
	})
	return nodes, done.ok()
}
