package main

import (
	"encoding/json"
	"fmt"
	"math/big"

	"github.com/anishathalye/porcupine"
)

// A call is one operation on one node as a client saw it: what it asked for, when, and what it was told.
type call struct {
	// The node. Nodes are checked apart from one another: a history is linearizable where that of each node is.
	Key string `json:"key"`
	// Who asked.
	Client string `json:"client"`
	// Which request this was, for people.
	Name string `json:"name"`
	// When it was asked and answered, in nanoseconds of the machine's monotonic clock. 0: never answered.
	CallNs   int64 `json:"callNs"`
	ReturnNs int64 `json:"returnNs"`
	// What was asked, one after the other and as one: several where a ghost staged several.
	Steps []step `json:"steps"`
	// The node must have been changed last at this revision; 0: it must have no value.
	IfRevision *int64 `json:"ifRevision,omitempty"`
	// The node must not have been changed after this revision: how a commit stands to what others put since its base.
	NotAfter *int64 `json:"notAfter,omitempty"`
	// `ok`, `refused` (the precondition did not hold) or `unknown`.
	Outcome string `json:"outcome"`
	// Of a write that took effect: the revision that it made.
	Revision int64 `json:"revision"`
	// Of a write without an answer: the revision that it made by the broker's own history, 0 where it made none; null where nobody knows.
	TookEffect *int64 `json:"tookEffect"`
	// Of a write with hints: the revision of the change before it, 0 where there is none.
	Follows *int64 `json:"-"`
	// Of a read: what it showed; null where there was no such node.
	Shown *shown `json:"shown"`
}

// One operation of a write; no steps at all make a read.
type step struct {
	Action string `json:"action"`
	Text   string `json:"text"`
}

type shown struct {
	Text     string `json:"text"`
	Revision int64  `json:"revision"`
	Version  int64  `json:"version"`
}

// What a node holds. A write without an answer makes a revision that nobody was told: it is 0 then, and the first read that
// shows it tells.
type node struct {
	isThere bool
	text    string
	version int64
	// Of the last change; 0 where it is not known.
	revision int64
	// The greatest revision that is known of a change here: later changes have greater ones.
	newest int64
}

// The sequential meaning of a node, which Porcupine compares histories with. A write of unknown outcome stays open for ever, so the
// order in which it comes last, where nobody sees it, stands for the case that it never took effect.
var nodeModel = porcupine.Model{
	Init: func() interface{} { return node{} },
	Step: func(state, input, output interface{}) (bool, interface{}) {
		return take(state.(node), input.(call))
	},
	DescribeOperation: func(input, output interface{}) string { return describe(input.(call)) },
	DescribeState: func(state interface{}) string {
		n := state.(node)
		if !n.isThere {
			return "nothing"
		}
		return fmt.Sprintf("%s (revision %d, version %d)", n.text, n.revision, n.version)
	},
}

func take(state node, c call) (bool, node) {
	if len(c.Steps) == 0 {
		return look(state, c.Shown)
	}
	if c.Follows != nil && state.newest != *c.Follows {
		return false, state
	}
	holds, state := preconditions(state, c)
	switch {
	case c.Outcome == "refused":
		// Where the revision is not known, nobody knows whether the refusal is right.
		return !holds || (state.isThere && state.revision == 0), state
	case !holds:
		return c.Outcome == "unknown", state
	}
	next := state
	for _, s := range c.Steps {
		var ok bool
		if next, ok = change(next, s); !ok {
			return c.Outcome == "unknown", state
		}
	}
	next.revision = 0
	if c.Outcome == "ok" {
		if c.Revision <= state.newest {
			return false, state
		}
		next.revision, next.newest = c.Revision, c.Revision
	}
	if !next.isThere {
		next.revision = 0
	}
	return true, next
}

// Whether what the call asks for holds; where the revision was not known until now, an answer tells it.
func preconditions(state node, c call) (bool, node) {
	if c.NotAfter != nil && state.revision > *c.NotAfter {
		return false, state
	}
	if c.IfRevision == nil {
		return true, state
	}
	wanted := *c.IfRevision
	if !state.isThere || wanted == 0 {
		return !state.isThere && wanted == 0, state
	}
	if state.revision == 0 && wanted > state.newest {
		if c.Outcome == "ok" {
			state.revision, state.newest = wanted, wanted
		}
		return true, state
	}
	return state.revision == wanted, state
}

func look(state node, seen *shown) (bool, node) {
	if seen == nil {
		return !state.isThere, state
	}
	if !state.isThere || seen.Text != state.text || seen.Version != state.version {
		return false, state
	}
	if state.revision == 0 {
		if seen.Revision <= state.newest {
			return false, state
		}
		state.revision, state.newest = seen.Revision, seen.Revision
	}
	return seen.Revision == state.revision, state
}

// What one operation makes of a node. False where the broker would have refused it.
func change(state node, s step) (node, bool) {
	text, ok := s.Text, true
	switch s.Action {
	case "put":
	case "append":
		text = state.text + s.Text
	case "increment":
		text, ok = add(state, s.Text)
	case "merge":
		text, ok = merge(state, s.Text)
	case "delete":
		return node{newest: state.newest}, true
	default:
		panic("no such action: " + s.Action)
	}
	return node{isThere: true, text: text, version: state.version + 1, newest: state.newest}, ok
}

func add(state node, amount string) (string, bool) {
	sum, other := new(big.Int), new(big.Int)
	if state.isThere {
		if _, ok := sum.SetString(state.text, 10); !ok {
			return "", false
		}
	}
	if _, ok := other.SetString(amount, 10); !ok {
		return "", false
	}
	return sum.Add(sum, other).String(), true
}

// Merges one level deep, as far as the workload goes; keys with null are removed. Text with sorted keys, as Go writes maps.
func merge(state node, patch string) (string, bool) {
	fields, changes := map[string]*string{}, map[string]*string{}
	if state.isThere && json.Unmarshal([]byte(state.text), &fields) != nil {
		return "", false
	}
	if json.Unmarshal([]byte(patch), &changes) != nil {
		return "", false
	}
	for key, value := range changes {
		if value == nil {
			delete(fields, key)
		} else {
			fields[key] = value
		}
	}
	text, err := json.Marshal(fields)
	return string(text), err == nil
}

func describe(c call) string {
	if len(c.Steps) == 0 {
		if c.Shown == nil {
			return c.Client + " read nothing"
		}
		return fmt.Sprintf("%s read %s (revision %d, version %d)", c.Client, c.Shown.Text, c.Shown.Revision, c.Shown.Version)
	}
	text := c.Client
	for _, s := range c.Steps {
		text += " " + s.Action + " " + s.Text
	}
	if c.IfRevision != nil {
		text += fmt.Sprintf(" if revision %d", *c.IfRevision)
	}
	if c.NotAfter != nil {
		text += fmt.Sprintf(" if unchanged since %d", *c.NotAfter)
	}
	text += ": " + c.Outcome
	if c.Revision > 0 {
		text += fmt.Sprintf(" (revision %d)", c.Revision)
	}
	if c.TookEffect != nil && *c.TookEffect > 0 {
		text += fmt.Sprintf(" (by the broker's history: revision %d)", *c.TookEffect)
	} else if c.TookEffect != nil {
		text += " (by the broker's history: never)"
	}
	return text
}
