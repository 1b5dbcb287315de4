package hyperloom_test

import (
	"math"
	"slices"
	"strconv"
	"sync"
	"testing"

	"hyperloom.dev/go/hyperloom"
	"hyperloom.dev/go/hyperloom/operation"
	"hyperloom.dev/go/hyperloom/precondition"
	acmev1 "hyperloom.dev/go/internal/acme/v1"
)

var fieldsAt = key("s", "n")

func first() *note {
	return &note{
		Claim: "first", Sources: []string{"urn:a"}, Confidence: 0.5, Citations: 1,
		Review: &acmev1.Review{Reviewer: "Ann", Verdict: "good"}, Labels: map[string]string{"a": "1"},
	}
}

func TestFieldsOfAMessageAreMergedByMask(t *testing.T) {
	ctx, _, notes := typedWorld(t)
	must(t, second(notes.Put(ctx, fieldsAt, first())))
	patch := &note{Claim: "second", Sources: []string{"urn:b"}, Confidence: 0.9, Review: &acmev1.Review{Verdict: "bad"}}
	must(t, second(notes.Merge(ctx, fieldsAt, patch, []string{"claim", "sources", "review.verdict", "labels"})))
	read, err := notes.Get(ctx, fieldsAt)
	must(t, err)
	equal(t, read.Value.GetClaim(), "second")
	equalSlices(t, read.Value.GetSources(), "urn:b")
	equal(t, read.Value.GetConfidence(), 0.5)
	equal(t, read.Value.GetReview().GetReviewer(), "Ann")
	equal(t, read.Value.GetReview().GetVerdict(), "bad")
	equal(t, len(read.Value.GetLabels()), 0)
	must(t, second(notes.Merge(ctx, fieldsAt, &note{Confidence: 0.9, Sources: []string{"urn:c"}}, nil)))
	read, err = notes.Get(ctx, fieldsAt)
	must(t, err)
	equal(t, read.Value.GetConfidence(), 0.9)
	equalSlices(t, read.Value.GetSources(), "urn:b", "urn:c")
}

func TestManyChangeTheSameMessageAtOnce(t *testing.T) {
	ctx, client, notes := typedWorld(t)
	must(t, second(notes.Put(ctx, fieldsAt, first())))
	var group sync.WaitGroup
	for number := range 10 {
		group.Go(func() {
			_, err := notes.Append(ctx, fieldsAt, &note{Sources: []string{"urn:" + strconv.Itoa(number)}})
			if err == nil {
				_, err = notes.Increment(ctx, fieldsAt, "citations", 2)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	diff := hyperloom.Diff{Operations: []operation.Operation{
		notes.IncrementingReal(fieldsAt, "confidence", 0.25), notes.Merging(fieldsAt, &note{Claim: "last"}, "claim"),
	}}
	must(t, second(client.Publish(ctx, diff)))
	read, err := notes.Get(ctx, fieldsAt)
	must(t, err)
	equal(t, read.Value.GetCitations(), 21)
	equal(t, read.Value.GetConfidence(), 0.75)
	equal(t, read.Value.GetClaim(), "last")
	equal(t, len(read.Value.GetSources()), 11)
}

func TestWrongFieldsAreRefused(t *testing.T) {
	ctx, client, notes := typedWorld(t)
	must(t, second(notes.Put(ctx, fieldsAt, first())))
	err := second(notes.Merge(ctx, fieldsAt, &note{}, []string{"claim"}))
	hasProblems(t, err, problems[:1])
	is(t, second(notes.Increment(ctx, fieldsAt, "claim", 1)), hyperloom.ReasonWrongType)
	is(t, second(notes.Increment(ctx, fieldsAt, "citations", math.MaxInt64)), hyperloom.ReasonOutOfBounds)
	is(t, second(notes.Merge(ctx, fieldsAt, &note{}, []string{"clam"})), hyperloom.ErrInvalidRequest)
	is(t, second(notes.Append(ctx, fieldsAt, &note{Claim: "x"})), hyperloom.ReasonWrongType)
	is(t, second(notes.Increment(ctx, key("s", ""), "citations", 1)), hyperloom.ErrInvalidRequest)
	unbound := hyperloom.Diff{Operations: []operation.Operation{operation.IncrementField("/free/path", "field", 1)}}
	is(t, second(client.Publish(ctx, unbound)), hyperloom.ReasonUnboundPath)
}

func TestFieldsAreConditions(t *testing.T) {
	ctx, client, notes := typedWorld(t)
	must(t, second(notes.Put(ctx, fieldsAt, first())))
	must(t, second(notes.Increment(ctx, fieldsAt, "citations", 1,
		notes.FieldEquals(fieldsAt, "claim", "first"),
		notes.FieldEquals(fieldsAt, "confidence", 0.5),
		notes.FieldEquals(fieldsAt, "citations", 1),
		notes.FieldEquals(fieldsAt, "review.verdict", "good"),
		notes.FieldIsSet(fieldsAt, "sources", true),
	)))
	for _, fails := range []precondition.Precondition{
		notes.FieldEquals(fieldsAt, "claim", "other"),
		notes.FieldEquals(fieldsAt, "citations", 1),
		notes.FieldEquals(fieldsAt, "confidence", math.NaN()),
		notes.FieldEquals(fieldsAt, "confidence", math.Inf(-1)),
		notes.FieldIsSet(fieldsAt, "labels", false),
	} {
		err := second(notes.Merge(ctx, fieldsAt, &note{Claim: "never"}, []string{"claim"}, fails))
		is(t, err, hyperloom.ErrPreconditionFailed)
		equal(t, hyperloom.Of(err).Metadata["field"], fails.GetField().GetField())
	}
	is(t, second(notes.Delete(ctx, fieldsAt, notes.FieldEquals(fieldsAt, "claim", make(chan int)))), hyperloom.ErrInvalidRequest)
	must(t, second(client.Put(ctx, "/free/json", map[string]any{"steps": []any{map[string]any{"state": "done"}}, "none": nil})))
	must(t, second(client.Publish(ctx, hyperloom.Diff{
		Operations: []operation.Operation{operation.Put("/free/seen", true)},
		Preconditions: []precondition.Precondition{
			precondition.PointerEquals("/free/json", "/steps/0/state", "done"),
			precondition.PointerEquals("/free/json", "/none", nil),
			precondition.PointerIsSet("/free/json", "/other", false),
		},
	})))
}

func TestEventsTellWhatWasDoneToAMessage(t *testing.T) {
	ctx, _, notes := typedWorld(t)
	must(t, second(notes.Put(ctx, fieldsAt, first())))
	watched, err := notes.Subscribe(ctx, hyperloom.SubscribeOptions{Start: hyperloom.FromNow()}, noteAt{})
	must(t, err)
	defer watched.Close()
	must(t, second(notes.Increment(ctx, fieldsAt, "citations", 2)))
	must(t, second(notes.Merge(ctx, fieldsAt, &note{Claim: "merged"}, []string{"claim"})))
	must(t, second(notes.Append(ctx, fieldsAt, &note{Sources: []string{"urn:b"}})))
	var told []hyperloom.TypedChange[*note, noteAt]
	for item, err := range watched.Items() {
		must(t, err)
		if told = append(told, item.Event.Changes...); len(told) == 3 {
			break
		}
	}
	equal(t, told[0].Field, "citations")
	equal(t, told[0].Sum.String(), "3")
	equalSlices(t, told[1].Mask, "claim")
	equal(t, string(told[1].PatchMessage.MessageName()), "acme.v1.ResearchNote")
	equal(t, told[1].Result.Value.GetClaim(), "merged")
	equalSlices(t, told[2].Result.Value.GetSources(), "urn:a", "urn:b")
}

func TestChangesOfOtherFieldsGoThroughACommit(t *testing.T) {
	ctx, client, notes := typedWorld(t)
	must(t, second(notes.Put(ctx, fieldsAt, first())))
	ghost, err := client.Ghost(ctx, hyperloom.GhostOptions{})
	must(t, err)
	defer ghost.Close(ctx)
	inside := hyperloom.Typed(ghost, acmev1.ResearchNoteNode)
	must(t, second(inside.Merge(ctx, fieldsAt, &note{Confidence: 1}, []string{"confidence"})))
	must(t, second(inside.Append(ctx, fieldsAt, &note{Sources: []string{"urn:ghost"}})))
	must(t, second(notes.Merge(ctx, fieldsAt, &note{Claim: "meanwhile"}, []string{"claim"})))
	must(t, second(notes.Append(ctx, fieldsAt, &note{Sources: []string{"urn:trunk"}})))
	must(t, second(ghost.Commit(ctx, hyperloom.CommitOptions{})))
	read, err := notes.Get(ctx, fieldsAt)
	must(t, err)
	equal(t, read.Value.GetClaim(), "meanwhile")
	equal(t, read.Value.GetConfidence(), 1)
	if !slices.Equal(read.Value.GetSources(), []string{"urn:a", "urn:trunk", "urn:ghost"}) {
		t.Fatal(read.Value.GetSources())
	}
}
