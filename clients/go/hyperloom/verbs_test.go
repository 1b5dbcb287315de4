package hyperloom_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/wrapperspb"

	"hyperloom.dev/go/hyperloom"
	"hyperloom.dev/go/hyperloom/operation"
	"hyperloom.dev/go/hyperloom/precondition"
	"hyperloom.dev/go/hyperloom/value"
)

func TestWhatIsPutIsReadAsItWas(t *testing.T) {
	ctx, client, tree := world(t)
	for name, each := range map[string]any{
		"text":    "etcd sorts its keys",
		"bytes":   []byte{0, 1, 255},
		"object":  map[string]any{"budget": json.Number("9007199254740993"), "note": "<a & b>"},
		"list":    []any{json.Number("1"), "two", nil, true},
		"exact":   value.JSON(`{"b": 1,  "a": 2}`),
		"message": wrapperspb.String("typed"),
	} {
		_, err := client.Put(ctx, tree+"/"+name, each)
		must(t, err)
		node, err := client.Get(ctx, tree+"/"+name)
		must(t, err)
		equal(t, node.Author, "tester")
		switch each := each.(type) {
		case value.JSON:
			equal(t, string(node.Value.JSON()), string(each))
		case *wrapperspb.StringValue:
			var back wrapperspb.StringValue
			must(t, node.Value.Decode(&back))
			equal(t, back.GetValue(), "typed")
		default:
			if back := node.Value.Any(); !reflect.DeepEqual(back, each) {
				t.Fatalf("%s came back as %#v", name, back)
			}
		}
	}
}

// Whoever reads into one buffer, again and again, may publish out of it: an operation keeps nothing of what it was made from.
func TestABufferMayBeUsedAgain(t *testing.T) {
	text, document := []byte("one"), value.JSON(`{"k":1}`)
	made := []operation.Operation{
		operation.Append("/a", text), operation.Put("/a", text), operation.Put("/a", document), operation.Merge("/a", document),
		operation.Append("/a", []value.JSON{document}),
	}
	told := func() (all []string) {
		for _, each := range made {
			message, err := each.Message()
			must(t, err)
			all = append(all, message.String())
		}
		return all
	}
	before := told()
	copy(text, "two")
	copy(document, `{"k":2}`)
	if after := told(); !slices.Equal(after, before) {
		t.Fatalf("%s became %s", before, after)
	}
}

func TestOperationsDoWhatTheirNamesSay(t *testing.T) {
	ctx, client, tree := world(t)
	must(t, second(client.Append(ctx, tree+"/text", "a")))
	must(t, second(client.Append(ctx, tree+"/text", "b")))
	must(t, second(client.Append(ctx, tree+"/list", []int{1, 2})))
	must(t, second(client.Append(ctx, tree+"/list", []string{"three"})))
	must(t, second(client.Put(ctx, tree+"/state", map[string]int{"a": 1, "b": 2})))
	must(t, second(client.Merge(ctx, tree+"/state", map[string]any{"a": nil, "c": 3})))
	must(t, second(client.Increment(ctx, tree+"/count", math.MaxInt64)))
	must(t, second(client.Increment(ctx, tree+"/count", -1)))
	must(t, second(client.Copy(ctx, tree+"/state", tree+"/copy/state", 0)))
	must(t, second(client.Delete(ctx, tree+"/state")))

	nodes, err := client.BatchGet(ctx, []string{tree + "/text", tree + "/list", tree + "/count", tree + "/state", tree + "/copy/state"})
	must(t, err)
	var told []string
	for _, node := range nodes {
		told = append(told, node.Value.String())
	}
	equal(t, strings.Join(told, " "), `ab [1,2,"three"] 9223372036854775806 {"b":2,"c":3}`)

	_, err = client.Append(ctx, tree+"/count", "x")
	is(t, err, hyperloom.ReasonWrongType)
	is(t, err, hyperloom.ErrInvalidRequest)
	_, err = client.Append(ctx, tree+"/list", 7)
	is(t, err, hyperloom.ErrInvalidRequest)
	_, err = client.Put(ctx, tree+"/nan", math.NaN())
	is(t, err, hyperloom.ReasonInvalidValue)
}

func TestADiffTakesEffectWhollyOrNotAtAll(t *testing.T) {
	ctx, client, tree := world(t)
	first, err := client.Put(ctx, tree+"/a", 1)
	must(t, err)
	diff := hyperloom.Diff{
		Operations: []operation.Operation{operation.Put(tree+"/a", 2), operation.Put(tree+"/b", 2)},
		Preconditions: []precondition.Precondition{
			precondition.Absent(tree + "/b"), precondition.ModifiedRevision(tree+"/a", first.Revision),
			precondition.Version(tree+"/a", 1), precondition.SubtreeUnchangedSince(tree, first.Revision),
		},
		Label: "both",
	}
	must(t, second(client.Publish(ctx, diff)))
	_, err = client.Publish(ctx, diff)
	is(t, err, hyperloom.ErrPreconditionFailed)
	var refused *hyperloom.Error
	if !errors.As(err, &refused) || refused.Metadata["path"] != tree+"/b" {
		t.Fatalf("metadata of %#v", err)
	}
	node, err := client.Get(ctx, tree+"/a")
	must(t, err)
	equal(t, node.Version, 2)
}

func TestReadsOfWhatIsNotThereSaySo(t *testing.T) {
	ctx, client, tree := world(t)
	_, err := client.Get(ctx, tree+"/nothing")
	is(t, err, hyperloom.ErrNotFound)
	is(t, err, hyperloom.ReasonNodeNotFound)
	node, err := client.Find(ctx, tree+"/nothing")
	must(t, err)
	if node != nil {
		t.Fatalf("found %v", node)
	}
	_, err = client.In("nowhere").Get(ctx, tree)
	is(t, err, hyperloom.ReasonForestNotFound)
	_, err = client.Get(ctx, "no path")
	is(t, err, hyperloom.ReasonInvalidPath)
	_, err = client.Get(ctx, tree, hyperloom.AtRevision(1<<40))
	is(t, err, hyperloom.ErrRevision)
}

func TestReadsSeeOwnWritesAndOldRevisions(t *testing.T) {
	ctx, client, tree := world(t)
	first, err := client.Put(ctx, tree, "first")
	must(t, err)
	equal(t, client.NewestRevision(), first.Revision)
	must(t, second(client.Put(ctx, tree, "second")))
	for _, option := range []hyperloom.ReadOption{hyperloom.Linearizable(), hyperloom.AtLeast(first.Revision + 1), hyperloom.Stale()} {
		node, err := client.Get(ctx, tree, option)
		must(t, err)
		equal(t, node.Value.Text(), "second")
	}
	node, err := client.Get(ctx, tree, hyperloom.AtRevision(first.Revision))
	must(t, err)
	equal(t, node.Value.Text(), "first")
}

func TestListingsWalkAllPagesAtOneRevision(t *testing.T) {
	ctx, client, tree := world(t)
	var operations []operation.Operation
	for _, name := range []string{"a", "b", "b/c", "d"} {
		operations = append(operations, operation.Put(tree+"/"+name, name))
	}
	must(t, second(client.Publish(ctx, hyperloom.Diff{Operations: operations})))

	direct, err := client.List(tree, hyperloom.Listing{}).Collect(ctx)
	must(t, err)
	equal(t, len(direct), 3)

	listing := client.List(tree, hyperloom.Listing{Everything: true, PageSize: 1, KeysOnly: true})
	var paths []string
	for node, err := range listing.All(ctx) {
		must(t, err)
		equal(t, node.Value.Kind(), value.None)
		paths = append(paths, strings.TrimPrefix(node.Path, tree))
		// What comes meanwhile is not in this walk.
		must(t, second(client.Put(ctx, tree+"/b/d", "late")))
	}
	equal(t, strings.Join(paths, " "), "/a /b /b/c /d")
	pages := 0
	for page, err := range listing.Pages(ctx) {
		must(t, err)
		equal(t, len(page.Items), 1)
		if pages++; pages == 2 {
			break
		}
	}
	_, err = client.List("no path", hyperloom.Listing{}).Collect(ctx)
	is(t, err, hyperloom.ErrInvalidRequest)
}

func TestManyPublishesAreInFlightAndTakeEffectInOrder(t *testing.T) {
	ctx, client, tree := world(t)
	const count = 5_000
	pending := make([]*hyperloom.Pending, count)
	for index := range pending {
		submitted, err := client.Submit(ctx, hyperloom.Diff{Operations: []operation.Operation{operation.Append(tree, []int{index})}})
		must(t, err)
		pending[index] = submitted
	}
	must(t, client.Flush(ctx))
	var last uint64
	for _, each := range pending {
		published, err := each.Wait(ctx)
		must(t, err)
		if published.Revision <= last {
			t.Fatalf("revision %d after %d", published.Revision, last)
		}
		last = published.Revision
	}
	node, err := client.Get(ctx, tree)
	must(t, err)
	var items []int
	must(t, node.Value.Decode(&items))
	equal(t, len(items), count)
	for index, item := range items {
		equal(t, item, index)
	}
}

func TestARequestIDAppliesOnce(t *testing.T) {
	ctx, client, tree := world(t)
	diff := hyperloom.Diff{
		Operations: []operation.Operation{operation.Increment(tree, 1)}, RequestID: "once" + strings.TrimPrefix(tree, "/"),
	}
	first, err := client.Publish(ctx, diff)
	must(t, err)
	again, err := client.Publish(ctx, diff)
	must(t, err)
	equal(t, again.Revision, first.Revision)
	equal(t, again.Repeated, true)
	diff.Operations = []operation.Operation{operation.Increment(tree, 2)}
	_, err = client.Publish(ctx, diff)
	is(t, err, hyperloom.ReasonRequestIDReused)
}

func TestContextsEndCalls(t *testing.T) {
	ctx, client, tree := world(t)
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	_, err := client.Get(cancelled, tree)
	is(t, err, hyperloom.ErrCancelled)
	is(t, err, context.Canceled)
	_, err = client.Put(cancelled, tree, 1)
	is(t, err, hyperloom.ErrCancelled)
	short, cancel := context.WithTimeout(ctx, time.Nanosecond)
	defer cancel()
	_, err = client.Get(short, tree)
	is(t, err, hyperloom.ErrDeadlineExceeded)
	is(t, err, context.DeadlineExceeded)
}

func TestWhatWasReadTravelsWithTheNextPublish(t *testing.T) {
	ctx, client, tree := world(t)
	read, err := client.Put(ctx, tree+"/read", 1)
	must(t, err)
	must(t, second(client.Get(ctx, tree+"/read")))
	must(t, second(client.Find(ctx, tree+"/absent")))
	must(t, second(client.List(tree, hyperloom.Listing{}).Collect(ctx)))
	must(t, second(client.Put(ctx, tree+"/made", 2)))
	must(t, second(client.Put(ctx, tree+"/made", 3)))
	events, err := client.History(hyperloom.HistoryOptions{Path: tree + "/made"}).Collect(ctx)
	must(t, err)
	equal(t, len(events), 2)
	extents := map[string]hyperloom.Extent{}
	for _, entry := range events[0].Basis {
		extents[entry.Path] = entry.Extent
		if entry.Revision < read.Revision {
			t.Fatalf("%v is older than what was read", entry)
		}
	}
	want := map[string]hyperloom.Extent{tree + "/read": hyperloom.ExtentNode, tree + "/absent": hyperloom.ExtentAbsent, tree: hyperloom.ExtentSubtree}
	if !reflect.DeepEqual(extents, want) {
		t.Fatalf("the basis was %v", extents)
	}
	equal(t, len(events[1].Basis), 0)
}

func TestThePastCanBeAsked(t *testing.T) {
	ctx, client, tree := world(t)
	first, err := client.Put(ctx, tree+"/a", 1)
	must(t, err)
	changed, err := client.As("other").Put(ctx, tree+"/a", 2)
	must(t, err)
	differences, err := client.Diff(first.Revision, changed.Revision, tree, 0).Collect(ctx)
	must(t, err)
	equal(t, len(differences), 1)
	equal(t, differences[0].Before.Value.String()+differences[0].After.Value.String(), "12")
	lines, err := client.Blame(tree+"/a", 0, 0).Collect(ctx)
	must(t, err)
	equal(t, lines[0].Event.Author, "other")
	reverted, err := client.RevertRevision(ctx, changed.Revision, "wrong", 0)
	must(t, err)
	node, err := client.Get(ctx, tree+"/a")
	must(t, err)
	equal(t, node.Value.String(), "1")
	newest, err := client.History(hyperloom.HistoryOptions{Path: tree, NewestFirst: true, PageSize: 1}).Collect(ctx)
	must(t, err)
	equal(t, newest[0].Revision, reverted.Revision)
	equal(t, newest[0].RevertedRevision, changed.Revision)
}

func TestATooLargePublishIsRefusedAlone(t *testing.T) {
	ctx, client, tree := world(t)
	_, err := client.Put(ctx, tree, make([]byte, 17<<20))
	is(t, err, hyperloom.ReasonLimitExceeded)
	_, err = client.Put(ctx, tree, make([]byte, 3<<20))
	is(t, err, hyperloom.ReasonLimitExceeded)
	must(t, second(client.Put(ctx, tree, "small")))
}

func TestAClosedClientSaysSo(t *testing.T) {
	ctx, _, tree := world(t)
	client, err := hyperloom.Connect(shared.address, hyperloom.Options{})
	must(t, err)
	must(t, second(client.Put(ctx, tree, 1)))
	must(t, client.Close())
	must(t, client.Close())
	_, err = client.Put(ctx, tree, 2)
	is(t, err, hyperloom.ErrClosed)
	_, err = client.Get(ctx, tree)
	is(t, err, hyperloom.ErrClosed)
}

// second is the error of a call whose outcome does not matter.
func second[T any](_ T, err error) error { return err }
