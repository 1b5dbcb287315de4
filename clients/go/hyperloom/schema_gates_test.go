package hyperloom_test

import (
	"context"
	"reflect"
	"strings"
	"testing"

	"hyperloom.dev/go/hyperloom"
	"hyperloom.dev/go/hyperloom/gate"
	acmev1 "hyperloom.dev/go/internal/acme/v1"
)

func gated(action gate.ViolationAction) hyperloom.GhostOptions {
	return hyperloom.GhostOptions{Gates: []gate.Gate{gate.Schema(action)}}
}

func TestAGhostGoesBackAtTheFirstValueThatDoesNotFit(t *testing.T) {
	ctx, client, notes := typedWorld(t)
	ghost, err := client.Ghost(ctx, gated(gate.Revert))
	must(t, err)
	defer ghost.Close(ctx)
	inside := hyperloom.Typed(ghost, acmev1.ResearchNoteNode)
	must(t, second(inside.Put(ctx, key("s", "kept"), good("kept"))))
	must(t, second(ghost.Checkpoint(ctx, "kept")))
	must(t, second(inside.Put(ctx, key("s", "lost"), good("lost"))))
	err = second(inside.Put(ctx, key("s", "bad"), &note{Confidence: 7}))
	is(t, err, hyperloom.ErrGateReverted)
	refused := hyperloom.Of(err)
	equal(t, refused.Metadata["checkpoint"], "kept")
	equal(t, refused.Metadata["ghost_id"], ghost.ID())
	var rules []string
	for _, problem := range refused.Problems() {
		rules = append(rules, problem.Field+" "+problem.Rule)
	}
	equalSlices(t, rules, "/s/notes/bad#claim string.min_len", "/s/notes/bad#confidence double.gte_lte")
	equal(t, ghost.Over(), false)
	lost, err := inside.Find(ctx, key("s", "lost"))
	must(t, err)
	equal(t, lost, nil)
	must(t, second(inside.Put(ctx, key("s", "right"), good("right"))))
	must(t, second(ghost.Commit(ctx, hyperloom.CommitOptions{})))
	kept, err := notes.Get(ctx, key("s", "kept"))
	must(t, err)
	equal(t, kept.Value.GetClaim(), "kept")
}

func TestAGhostCollectsWhatDoesNotFitUntilItIsPutRight(t *testing.T) {
	ctx, client, notes := typedWorld(t)
	ghost, err := client.Ghost(ctx, gated(gate.Collect))
	must(t, err)
	defer ghost.Close(ctx)
	inside := hyperloom.Typed(ghost, acmev1.ResearchNoteNode)
	must(t, second(inside.Put(ctx, fieldsAt, &note{Confidence: 7})))
	state, err := ghost.State(ctx)
	must(t, err)
	equal(t, state.Gates[0].State, "closed")
	for index := range state.Gates[0].Violations {
		state.Gates[0].Violations[index].Message = ""
	}
	want := []hyperloom.StagedViolation{
		{Path: "/s/notes/n", Field: "claim", Rule: "string.min_len"},
		{Path: "/s/notes/n", Field: "confidence", Rule: "double.gte_lte"},
	}
	if got := state.Gates[0].Violations; !reflect.DeepEqual(got, want) {
		t.Fatalf("got %+v, not %+v", got, want)
	}
	is(t, second(ghost.Commit(ctx, hyperloom.CommitOptions{})), hyperloom.ErrSchemaViolation)
	must(t, second(inside.Put(ctx, fieldsAt, good("put right"))))
	state, err = ghost.State(ctx)
	must(t, err)
	equal(t, state.Gates[0].State, "open")
	must(t, second(ghost.Commit(ctx, hyperloom.CommitOptions{})))
	read, err := notes.Get(ctx, fieldsAt)
	must(t, err)
	equal(t, read.Value.GetClaim(), "put right")
}

func TestASpeculationIsDoneAgainWithWhatDidNotFitAsTheReason(t *testing.T) {
	ctx, client, notes := typedWorld(t)
	claims := []string{"", "second"}
	done, err := client.Speculate(ctx, func(ctx context.Context, ghost *hyperloom.Ghost, attempt hyperloom.Attempt) error {
		claim := claims[attempt.Number-1]
		return second(hyperloom.Typed(ghost, acmev1.ResearchNoteNode).Put(ctx, fieldsAt, &note{Claim: claim}))
	}, nil, hyperloom.Speculation{Ghost: gated(gate.Revert)})
	must(t, err)
	equal(t, done.Attempts, 2)
	equal(t, len(done.Reasons), 1)
	equal(t, strings.Contains(done.Reasons[0], "string.min_len"), true)
	read, err := notes.Get(ctx, fieldsAt)
	must(t, err)
	equal(t, read.Value.GetClaim(), "second")
	never := func(ctx context.Context, ghost *hyperloom.Ghost, _ hyperloom.Attempt) error {
		return second(hyperloom.Typed(ghost, acmev1.ResearchNoteNode).Put(ctx, fieldsAt, &note{}))
	}
	_, err = client.Speculate(ctx, never, nil, hyperloom.Speculation{Ghost: gated(gate.Revert), Retries: 1})
	failed, ok := err.(*hyperloom.SpeculationFailed)
	equal(t, ok, true)
	equal(t, len(failed.Reasons), 2)
	is(t, err, hyperloom.ErrGateReverted)
	live, err := client.Ghosts("live").Collect(ctx)
	must(t, err)
	equal(t, len(live), 0)
}

func TestAGhostWhoseRaceHasNoAttemptLeftEndsWithTheGate(t *testing.T) {
	ctx, client, _ := typedWorld(t)
	options := gated(gate.Revert)
	options.Race = &hyperloom.Race{ID: "schema gates", AttemptsMax: 1}
	ghost, err := client.Ghost(ctx, options)
	must(t, err)
	defer ghost.Close(ctx)
	is(t, second(hyperloom.Typed(ghost, acmev1.ResearchNoteNode).Put(ctx, fieldsAt, &note{})), hyperloom.ErrGateReverted)
	equal(t, ghost.Over(), true)
	never := func(ctx context.Context, ghost *hyperloom.Ghost, _ hyperloom.Attempt) error {
		return second(hyperloom.Typed(ghost, acmev1.ResearchNoteNode).Put(ctx, fieldsAt, &note{}))
	}
	options.Race = &hyperloom.Race{ID: "speculated", AttemptsMax: 2}
	_, err = client.Speculate(ctx, never, nil, hyperloom.Speculation{Ghost: options})
	failed, ok := err.(*hyperloom.SpeculationFailed)
	equal(t, ok, true)
	equal(t, len(failed.Reasons), 2)
	is(t, err, hyperloom.ErrRaceExhausted)
}
