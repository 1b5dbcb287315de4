package hyperloom_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"hyperloom.dev/go/hyperloom"
	"hyperloom.dev/go/hyperloom/gate"
	"hyperloom.dev/go/hyperloom/operation"
)

func TestNothingOfAGhostIsSeenBeforeItsCommit(t *testing.T) {
	ctx, client, tree := world(t)
	ghost, err := client.Ghost(ctx, hyperloom.GhostOptions{Scope: tree, Label: "try"})
	must(t, err)
	defer ghost.Close(ctx)
	must(t, second(ghost.Put(ctx, tree+"/a", 1)))
	node, err := ghost.Get(ctx, tree+"/a")
	must(t, err)
	equal(t, node.Value.String(), "1")
	_, err = client.Get(ctx, tree+"/a")
	is(t, err, hyperloom.ErrNotFound)
	_, err = ghost.Put(ctx, "/elsewhere", 1)
	is(t, err, hyperloom.ReasonOutsideScope)
	differences, err := ghost.Diff("", 0).Collect(ctx)
	must(t, err)
	equal(t, differences[len(differences)-1].Path, tree+"/a")
	live, err := client.Ghosts("live").Collect(ctx)
	must(t, err)
	if !slices.ContainsFunc(live, func(each hyperloom.GhostState) bool { return each.ID == ghost.ID() }) {
		t.Fatal("it is not among the live ghosts")
	}

	committed, err := ghost.Commit(ctx, hyperloom.CommitOptions{Label: "done"})
	must(t, err)
	equal(t, committed.Operations, 1)
	equal(t, ghost.Over(), true)
	node, err = client.Get(ctx, tree+"/a")
	must(t, err)
	equal(t, node.ModifiedRevision, committed.Revision)
	_, err = ghost.Put(ctx, tree+"/a", 2)
	is(t, err, hyperloom.ErrGhostOver)
	is(t, err, hyperloom.ErrState)
}

func TestAGhostGoesBackToItsCheckpoints(t *testing.T) {
	ctx, client, tree := world(t)
	ghost, err := client.Ghost(ctx, hyperloom.GhostOptions{})
	must(t, err)
	must(t, second(ghost.Put(ctx, tree+"/a", 1)))
	checkpoint, err := ghost.Checkpoint(ctx, "one")
	must(t, err)
	equal(t, checkpoint.StagedOperations, 1)
	must(t, second(ghost.Put(ctx, tree+"/b", 2)))
	reverted, err := ghost.Rewind(ctx, "one", "too much")
	must(t, err)
	equal(t, reverted.DroppedOperations, 1)
	equal(t, reverted.Attempts[0].Reason, "too much")
	must(t, second(ghost.Put(ctx, tree+"/c", 3)))
	_, err = ghost.Rewind(ctx, "none", "")
	is(t, err, hyperloom.ReasonCheckpointNotFound)
	_, err = ghost.Checkpoint(ctx, "one")
	is(t, err, hyperloom.ErrAlreadyExists)
	must(t, second(ghost.Commit(ctx, hyperloom.CommitOptions{})))
	nodes, err := client.BatchGet(ctx, []string{tree + "/a", tree + "/b", tree + "/c"})
	must(t, err)
	equal(t, len(nodes), 2)
}

func TestAGhostThatIsLeftIsReverted(t *testing.T) {
	ctx, client, _ := world(t)
	ghost, err := client.Ghost(ctx, hyperloom.GhostOptions{})
	must(t, err)
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	ghost.Close(cancelled)
	state, err := ghost.State(ctx)
	must(t, err)
	equal(t, state.State, "reverted")
	equal(t, state.Attempts[0].Reason, "left without a commit")
}

func TestAGhostIsKeptAliveWhileItsProcessLives(t *testing.T) {
	ctx, client, _ := world(t)
	ghost, err := client.Ghost(ctx, hyperloom.GhostOptions{TTL: time.Second})
	must(t, err)
	orphan, err := client.Ghost(ctx, hyperloom.GhostOptions{TTL: time.Second})
	must(t, err)
	hyperloom.Abandon(orphan)
	until(t, func() bool {
		state, err := orphan.State(ctx)
		must(t, err)
		return state.State == "expired"
	})
	state, err := ghost.State(ctx)
	must(t, err)
	equal(t, state.State, "live")
}

func TestAConflictTellsBothSides(t *testing.T) {
	ctx, client, tree := world(t)
	must(t, second(client.Put(ctx, tree+"/a", "base")))
	ghost, err := client.Ghost(ctx, hyperloom.GhostOptions{})
	must(t, err)
	must(t, second(ghost.Put(ctx, tree+"/a", "ghost")))
	must(t, second(client.Put(ctx, tree+"/a", "trunk")))
	_, err = ghost.Commit(ctx, hyperloom.CommitOptions{})
	is(t, err, hyperloom.ErrConflict)
	var refused *hyperloom.Error
	errors.As(err, &refused)
	equal(t, refused.ConflictsTotal, 1)
	conflict := refused.Conflicts[0]
	sides := conflict.Base.Value.Text() + " " + conflict.Trunk.Value.Text() + " " + conflict.Ghost.Value.Text()
	equal(t, conflict.Kind+" "+conflict.Path+" "+sides, "value "+tree+"/a base trunk ghost")
	equal(t, ghost.Over(), false)
	must(t, second(ghost.Revert(ctx, "conflict")))
}

func TestASerializableCommitChecksWhatWasRead(t *testing.T) {
	ctx, client, tree := world(t)
	must(t, second(client.Put(ctx, tree+"/read", 1)))
	for isolation, wanted := range map[hyperloom.Isolation]error{hyperloom.Writes: nil, hyperloom.Serializable: hyperloom.ErrConflict} {
		ghost, err := client.As("reader").Ghost(ctx, hyperloom.GhostOptions{})
		must(t, err)
		must(t, second(ghost.Get(ctx, tree+"/read")))
		must(t, second(ghost.Put(ctx, fmt.Sprintf("%s/made_%d", tree, isolation), 1)))
		must(t, second(client.Increment(ctx, tree+"/read", 1)))
		_, err = ghost.Commit(ctx, hyperloom.CommitOptions{Isolation: isolation})
		if wanted == nil {
			must(t, err)
		} else {
			is(t, err, wanted)
		}
	}
}

func TestAGhostIsCommittedAsItWasLookedAtOrNotAtAll(t *testing.T) {
	ctx, client, tree := world(t)
	ghost, err := client.Ghost(ctx, hyperloom.GhostOptions{})
	must(t, err)
	must(t, second(ghost.Put(ctx, tree+"/a", 1)))
	looked, err := ghost.State(ctx)
	must(t, err)
	must(t, second(ghost.Put(ctx, tree+"/b", 1)))
	is(t, second(ghost.Commit(ctx, hyperloom.CommitOptions{ExactEdition: looked.Edition})), hyperloom.ErrReviewOutdated)
	looked, err = ghost.State(ctx)
	must(t, err)
	committed, err := ghost.Commit(ctx, hyperloom.CommitOptions{ExactEdition: looked.Edition})
	must(t, err)
	equal(t, committed.Operations, 2)
}

func TestAGhostThatLostWhatItWasToldSaysSo(t *testing.T) {
	ctx, client, tree := world(t)
	ghost, err := client.Ghost(ctx, hyperloom.GhostOptions{})
	must(t, err)
	must(t, second(ghost.Put(ctx, tree, 1)))
	must(t, second(ghost.Checkpoint(ctx, "one")))
	hyperloom.Pretend(ghost)
	_, err = ghost.Put(ctx, tree, 2)
	is(t, err, hyperloom.ErrGhostInterrupted)
	_, err = ghost.Get(ctx, tree)
	is(t, err, hyperloom.ErrGhostInterrupted)
	_, err = ghost.Commit(ctx, hyperloom.CommitOptions{})
	is(t, err, hyperloom.ReasonGhostInterrupted)
	must(t, second(ghost.Rewind(ctx, "one", "interrupted")))
	must(t, second(ghost.Put(ctx, tree, 3)))
	must(t, second(ghost.Commit(ctx, hyperloom.CommitOptions{})))
}

func TestGhostsNest(t *testing.T) {
	ctx, client, tree := world(t)
	outer, err := client.Ghost(ctx, hyperloom.GhostOptions{Scope: tree})
	must(t, err)
	must(t, second(outer.Put(ctx, tree+"/a", 1)))
	inner, err := outer.Ghost(ctx, hyperloom.GhostOptions{})
	must(t, err)
	equal(t, inner.Info.Scope, tree)
	must(t, second(inner.Increment(ctx, tree+"/a", 1)))
	must(t, second(inner.Commit(ctx, hyperloom.CommitOptions{})))
	must(t, second(outer.Commit(ctx, hyperloom.CommitOptions{})))
	node, err := client.Get(ctx, tree+"/a")
	must(t, err)
	equal(t, node.Value.String(), "2")
}

func TestAttachedGhostsAreReadAndNotReverted(t *testing.T) {
	ctx, client, tree := world(t)
	ghost, err := client.Ghost(ctx, hyperloom.GhostOptions{})
	must(t, err)
	must(t, second(ghost.Put(ctx, tree, 1)))
	other, err := connect(t, shared, "other").Attach(ctx, ghost.ID())
	must(t, err)
	must(t, second(other.Increment(ctx, tree, 1)))
	other.Close(ctx)
	node, err := ghost.Get(ctx, tree)
	must(t, err)
	equal(t, node.Value.String(), "2")
	must(t, second(ghost.Revert(ctx, "")))
}

func TestAGateLimitsWhatAGhostMayTouch(t *testing.T) {
	ctx, client, tree := world(t)
	limit := gate.Limit(gate.Limits{Patterns: []string{tree + "/a/**"}, OperationsMax: 1})
	ghost, err := client.Ghost(ctx, hyperloom.GhostOptions{Gates: []gate.Gate{limit}})
	must(t, err)
	defer ghost.Close(ctx)
	_, err = ghost.Put(ctx, tree+"/b", 1)
	is(t, err, hyperloom.ErrGateLimit)
	must(t, second(ghost.Put(ctx, tree+"/a/b", 1)))
	_, err = ghost.Publish(ctx, hyperloom.Diff{Operations: []operation.Operation{operation.Put(tree+"/a/c", 1)}})
	is(t, err, hyperloom.ReasonGateLimit)
	equal(t, ghost.Info.Gates[0].State, "open")
}
