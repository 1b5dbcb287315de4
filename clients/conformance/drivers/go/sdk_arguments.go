package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"hyperloom.dev/go/hyperloom"
	"hyperloom.dev/go/hyperloom/gate"
	"hyperloom.dev/go/hyperloom/operation"
	"hyperloom.dev/go/hyperloom/precondition"
	"hyperloom.dev/go/hyperloom/value"
)

// givenValue is a value to write: of each kind one way; JSON is given as the language's own value, Exact as JSON text.
type givenValue struct {
	Text, JSON, Exact *string
	// MessageJSON is a message as JSON.
	MessageJSON *string
	Bytes       []byte
	Items       []string
}

// arguments of a verb by name; each takes its own.
type arguments struct {
	Path, Lease, Scope, Source, Target, Label, RequestID, TraceParent, Start, Name, Checkpoint, Reason, ID, Race, Mode, State string
	Reviewer, Author, Forest, Agent                                                                                           string
	Paths, Patterns, Reviewers, IDs                                                                                           []string
	Value                                                                                                                     givenValue
	Amount                                                                                                                    string
	Real                                                                                                                      *float64
	Revision, Version, AtRevision, From, To                                                                                   uint64
	Operations, Preconditions                                                                                                 []given
	Diffs                                                                                                                     [][]given
	Basis                                                                                                                     *[]hyperloom.BasisEntry
	Depth                                                                                                                     *uint32
	PageSize, AttemptsMax                                                                                                     uint32
	TimeoutMs, LockWaitMs, TTLMs, WaitMs                                                                                      float64
	AfterRevision                                                                                                             *uint64
	Everything, Results, Previous, WithBasis, Bookmarks, Serializable, KeysOnly, NoWait, NewestFirst                          bool
	TrackBasis                                                                                                                *bool
	LoadBalancing, Token                                                                                                      string
	Addresses                                                                                                                 []string
	Limit                                                                                                                     *gate.Limits
	Attempts, Alternatives                                                                                                    []givenAttempt
	Retries                                                                                                                   *int
	Targets                                                                                                                   []hyperloom.LockTarget
	Form                                                                                                                      hyperloom.Form
	Pins                                                                                                                      map[string]uint64
	SchemaGate                                                                                                                gate.ViolationAction
	Migration                                                                                                                 *givenMigration
	Set                                                                                                                       []byte
	JSON, UnboundPaths                                                                                                        string
	ExpectedVersion                                                                                                           uint64
	Mapping                                                                                                                   []givenMapping
	Variables                                                                                                                 hyperloom.Variables
	Message, Field                                                                                                            string
	Mask                                                                                                                      []string
	Equals                                                                                                                    any
	IsSet                                                                                                                     *bool
	Query, Format                                                                                                             string
	TokenBudget, ChangeTokenBudget, BaseRevision, SinceRevision, SinceSequence                                                uint64
	RebaseFactor                                                                                                              float64
	Hops                                                                                                                      uint32
	Sequence                                                                                                                  uint64
	Meters                                                                                                                    bool
	Cascade                                                                                                                   string
}

// givenMigration is the version of a JSON Schema that a ghost brings.
type givenMigration struct {
	Name, JSON, Path string
	ExpectedVersion  uint64
}

// given is one operation or precondition: its name and its arguments.
type given map[string]arguments

// givenAttempt is an attempt of a speculation: what it writes, and what its verifier says of it.
type givenAttempt struct {
	// After is what proceed has to say before it begins.
	After      string
	Operations []given
	// Label of an alternative in a race.
	Label string
	// Verdict is a reason, or false: it is refused.
	Verdict any
	// Failure of the work, with this message.
	Failure string
	// Meanwhile is written to the trunk by somebody else.
	Meanwhile []given
}

func durationOf(milliseconds float64) time.Duration {
	return time.Duration(milliseconds * float64(time.Millisecond))
}

// native is JSON as a program would have it, with numbers that lose nothing.
func native(text string) any {
	var parsed any
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	decoder.UseNumber()
	if err := decoder.Decode(&parsed); err != nil {
		panic(err)
	}
	return parsed
}

func (v givenValue) any() any {
	switch {
	case v.Text != nil:
		return *v.Text
	case v.Bytes != nil:
		return v.Bytes
	case v.Items != nil:
		items := make([]any, len(v.Items))
		for index, item := range v.Items {
			items[index] = native(item)
		}
		return items
	case v.MessageJSON != nil:
		return value.MessageJSON(native(*v.MessageJSON))
	case v.Exact != nil:
		return value.JSON(*v.Exact)
	default:
		return native(*v.JSON)
	}
}

func (a arguments) amount() int64 {
	if a.Amount == "" {
		return 1
	}
	amount, err := strconv.ParseInt(a.Amount, 10, 64)
	if err != nil {
		panic(err)
	}
	return amount
}

func (a arguments) scope() operation.Scope {
	if a.Scope == "node" {
		return operation.Node
	}
	return operation.Subtree
}

func (s *session) operations(all []given) []operation.Operation {
	var made []operation.Operation
	for _, each := range all {
		for verb, a := range each {
			made = append(made, s.operation(verb, a))
		}
	}
	return made
}

func (s *session) operation(verb string, a arguments) operation.Operation {
	switch verb {
	case "put":
		put := operation.Put(a.Path, a.Value.any())
		if a.Lease != "" {
			return put.BoundTo(s.lease(a.Lease))
		}
		return put
	case "append":
		return operation.Append(a.Path, a.Value.any())
	case "merge":
		return operation.Merge(a.Path, a.Value.any())
	case "increment":
		if a.Real != nil {
			return operation.IncrementReal(a.Path, *a.Real)
		}
		return operation.Increment(a.Path, a.amount())
	case "delete":
		return operation.Delete(a.Path, a.scope())
	case "copy":
		return operation.Copy(a.Source, a.Target, a.Revision)
	default:
		panic(fmt.Errorf("no operation %s", verb))
	}
}

func preconditions(all []given) []precondition.Precondition {
	var made []precondition.Precondition
	for _, each := range all {
		for kind, a := range each {
			switch kind {
			case "present":
				made = append(made, precondition.Present(a.Path))
			case "absent":
				made = append(made, precondition.Absent(a.Path))
			case "modifiedRevision":
				made = append(made, precondition.ModifiedRevision(a.Path, a.Revision))
			case "version":
				made = append(made, precondition.Version(a.Path, a.Version))
			case "subtreeUnchangedSince":
				made = append(made, precondition.SubtreeUnchangedSince(a.Path, a.Revision))
			default:
				panic(fmt.Errorf("no precondition %s", kind))
			}
		}
	}
	return made
}

func (a arguments) gates() []gate.Gate {
	var made []gate.Gate
	if a.Limit != nil {
		made = append(made, gate.Limit(*a.Limit))
	}
	for _, reviewer := range a.Reviewers {
		made = append(made, gate.Review(reviewer))
	}
	if a.SchemaGate != "" {
		made = append(made, gate.Schema(a.SchemaGate))
	}
	return made
}

func (a arguments) migration() *hyperloom.Migration {
	if a.Migration == nil {
		return nil
	}
	definition := hyperloom.SchemaDefinition{JSON: a.Migration.JSON, Path: a.Migration.Path}
	return &hyperloom.Migration{Name: a.Migration.Name, Definition: definition, ExpectedVersion: a.Migration.ExpectedVersion}
}

func (a arguments) reads() []hyperloom.ReadOption {
	var options []hyperloom.ReadOption
	if a.AtRevision != 0 {
		options = append(options, hyperloom.AtRevision(a.AtRevision))
	}
	if a.Form != "" {
		options = append(options, hyperloom.InForm(a.Form))
	}
	if a.Pins != nil {
		options = append(options, hyperloom.Pins(a.Pins))
	}
	return options
}

func (a arguments) diff(s *session) hyperloom.Diff {
	diff := hyperloom.Diff{
		Operations:    s.operations(a.Operations),
		Preconditions: preconditions(a.Preconditions),
		Label:         a.Label,
		RequestID:     a.RequestID,
		TraceParent:   a.TraceParent,
		LockWait:      durationOf(a.LockWaitMs),
	}
	if a.Basis != nil {
		diff.Basis = *a.Basis
	}
	return diff
}

func (a arguments) commit() hyperloom.CommitOptions {
	options := hyperloom.CommitOptions{Label: a.Label, LockWait: durationOf(a.LockWaitMs)}
	if a.Serializable {
		options.Isolation = hyperloom.Serializable
	}
	return options
}

func (a arguments) listing() hyperloom.Listing {
	listing := hyperloom.Listing{KeysOnly: a.KeysOnly, PageSize: a.PageSize}
	if a.Depth != nil {
		listing.Depth, listing.Everything = *a.Depth, *a.Depth == 0
	}
	return listing
}

func (a arguments) subscription() hyperloom.SubscribeOptions {
	options := hyperloom.SubscribeOptions{
		Everything: a.Everything, Results: a.Results, Previous: a.Previous, Basis: a.WithBasis, Bookmarks: a.Bookmarks,
		Agent: a.Agent, Form: a.Form, Pins: a.Pins,
	}
	switch {
	case a.AfterRevision != nil:
		options.Start = hyperloom.AfterRevision(*a.AfterRevision)
	case a.Start == "now":
		options.Start = hyperloom.FromNow()
	}
	return options
}

func (a arguments) lock(s *session) hyperloom.LockOptions {
	options := hyperloom.LockOptions{
		Mode: hyperloom.LockMode(a.Mode), Targets: a.Targets, Wait: durationOf(a.WaitMs), NoWait: a.NoWait,
		Label: a.Label, TTL: durationOf(a.TTLMs),
	}
	if a.Lease != "" {
		options.Lease = s.lease(a.Lease)
	}
	return options
}

func (a arguments) ghost(s *session) hyperloom.GhostOptions {
	options := hyperloom.GhostOptions{Label: a.Label, Scope: a.Scope, TTL: durationOf(a.TTLMs), Gates: a.gates()}
	options.Migration = a.migration()
	if a.Race != "" {
		options.Race = &hyperloom.Race{ID: a.Race, AttemptsMax: a.AttemptsMax}
	}
	if a.Lease != "" {
		options.Lease = s.lease(a.Lease)
	}
	return options
}

// within is a context with the call's deadline, where it has one.
func (a arguments) within(ctx context.Context) (context.Context, context.CancelFunc) {
	if a.TimeoutMs == 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, durationOf(a.TimeoutMs))
}
