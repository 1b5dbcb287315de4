package hyperloom_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"hyperloom.dev/go/hyperloom"
	"hyperloom.dev/go/hyperloom/gate"
)

func TestASpeculationRetriesWithTheReasonsSoFar(t *testing.T) {
	ctx, client, tree := world(t)
	var seen []string
	done, err := client.Speculate(ctx, func(ctx context.Context, ghost *hyperloom.Ghost, attempt hyperloom.Attempt) error {
		seen = append(seen, fmt.Sprintf("%d%v", attempt.Number, attempt.Reasons))
		_, err := ghost.Put(ctx, tree, attempt.Number)
		return err
	}, func(ctx context.Context, ghost *hyperloom.Ghost) error {
		node, err := ghost.Get(ctx, tree)
		if err == nil && node.Value.String() != "3" {
			err = fmt.Errorf("%s is wrong", node.Value)
		}
		return err
	}, hyperloom.Speculation{})
	must(t, err)
	equal(t, fmt.Sprint(seen), "[1[] 2[1 is wrong] 3[1 is wrong 2 is wrong]]")
	equal(t, done.Attempts, 3)
	node, err := client.Get(ctx, tree)
	must(t, err)
	equal(t, node.ModifiedRevision, done.Revision)
	equal(t, node.Value.String(), "3")
}

func TestASpeculationThatNeverPassesLeavesNothing(t *testing.T) {
	ctx, client, tree := world(t)
	put := func(ctx context.Context, ghost *hyperloom.Ghost, _ hyperloom.Attempt) error {
		return second(ghost.Put(ctx, tree, 1))
	}
	wrong := errors.New("wrong")
	_, err := client.Speculate(ctx, put, func(context.Context, *hyperloom.Ghost) error { return wrong }, hyperloom.Speculation{Retries: 1})
	var failed *hyperloom.SpeculationFailed
	if !errors.As(err, &failed) {
		t.Fatal(err)
	}
	is(t, err, wrong)
	equal(t, fmt.Sprint(failed.Reasons), "[wrong wrong]")
	equal(t, len(failed.Reverted.Attempts), 2)
	_, err = client.Get(ctx, tree)
	is(t, err, hyperloom.ErrNotFound)

	broken := errors.New("broken")
	var ghost *hyperloom.Ghost
	_, err = client.Speculate(ctx, func(_ context.Context, begun *hyperloom.Ghost, _ hyperloom.Attempt) error {
		ghost = begun
		return broken
	}, nil, hyperloom.Speculation{})
	is(t, err, broken)
	state, err := ghost.State(ctx)
	must(t, err)
	equal(t, state.State+" "+state.Attempts[0].Reason, "reverted broken")
}

func TestAfterAConflictASpeculationStandsOnTheNewestState(t *testing.T) {
	ctx, client, tree := world(t)
	must(t, second(client.Put(ctx, tree, 1)))
	done, err := client.Speculate(ctx, func(ctx context.Context, ghost *hyperloom.Ghost, attempt hyperloom.Attempt) error {
		node, err := ghost.Get(ctx, tree)
		must(t, err)
		if attempt.Number == 1 {
			must(t, second(client.Put(ctx, tree, 10)))
		}
		return second(ghost.Put(ctx, tree, node.Value.String()+"!"))
	}, nil, hyperloom.Speculation{})
	must(t, err)
	equal(t, done.Attempts, 2)
	node, err := client.Get(ctx, tree)
	must(t, err)
	equal(t, node.Value.Text(), "10!")
}

func TestAReviewersRejectionIsAReason(t *testing.T) {
	ctx, client, tree := world(t)
	reviewer := "critic" + tree
	reviews := connect(t, shared, "critic").Review(reviewer)
	asked, err := reviews.Subscribe(ctx)
	must(t, err)
	settled := make(chan []string, 1)
	go func() {
		var told []string
		defer func() { settled <- told }()
		for item, err := range asked.Items() {
			if err != nil {
				t.Error(err)
				return
			}
			switch item := item.(type) {
			case *hyperloom.PendingReview:
				if len(told) == 0 {
					_, err = reviews.Reject(ctx, item, "no source")
				} else {
					_, err = reviews.Approve(ctx, item, "good")
				}
				if err != nil {
					t.Error(err)
				}
			case *hyperloom.SettledReview:
				if told = append(told, item.Settlement); len(told) == 2 {
					return
				}
			}
		}
	}()
	done, err := client.Speculate(ctx, func(ctx context.Context, ghost *hyperloom.Ghost, attempt hyperloom.Attempt) error {
		return second(ghost.Put(ctx, tree, attempt.Reasons))
	}, nil, hyperloom.Speculation{Ghost: hyperloom.GhostOptions{Gates: []gate.Gate{gate.Review(reviewer)}}})
	must(t, err)
	equal(t, fmt.Sprint(done.Attempts, done.Reasons), "2 [no source]")
	equal(t, fmt.Sprint(<-settled), "[rejected approved]")
	node, err := client.Get(ctx, tree)
	must(t, err)
	equal(t, node.Value.String(), `["no source"]`)
}

func TestACommitStaysAskedForAfterItsDeadline(t *testing.T) {
	ctx, client, tree := world(t)
	reviewer := "slow" + tree
	ghost, err := client.Ghost(ctx, hyperloom.GhostOptions{Gates: []gate.Gate{gate.Review(reviewer)}})
	must(t, err)
	must(t, second(ghost.Put(ctx, tree, 1)))
	short, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	_, err = ghost.Commit(short, hyperloom.CommitOptions{Label: "please"})
	is(t, err, hyperloom.ErrDeadlineExceeded)
	ghost.Close(ctx)
	reviews := client.As("reviewer").Review(reviewer)
	open, err := reviews.List().Collect(ctx)
	must(t, err)
	equal(t, len(open), 1)
	equal(t, open[0].Label, "please")
	state, err := reviews.Approve(ctx, open[0], "")
	must(t, err)
	equal(t, state.State, "committed")
	_, err = reviews.Approve(ctx, open[0], "")
	is(t, err, hyperloom.ErrGhostOver)
}

func TestTheFirstAlternativeToBeCommittedWins(t *testing.T) {
	ctx, client, tree := world(t)
	stopped := make(chan struct{})
	won, err := client.Race(ctx, hyperloom.RaceOptions{},
		hyperloom.Alternative{Label: "careful", Work: func(ctx context.Context, ghost *hyperloom.Ghost, _ hyperloom.Attempt) error {
			<-ctx.Done()
			close(stopped)
			return ctx.Err()
		}},
		hyperloom.Alternative{Label: "quick", Work: func(ctx context.Context, ghost *hyperloom.Ghost, _ hyperloom.Attempt) error {
			return second(ghost.Put(ctx, tree, "quick"))
		}},
	)
	must(t, err)
	<-stopped
	equal(t, won.Label, "quick")
	equal(t, won.Index, 1)
	node, err := client.Get(ctx, tree)
	must(t, err)
	equal(t, node.ModifiedRevision, won.Revision)
}

func TestARaceThatNobodyWinsTellsWhy(t *testing.T) {
	ctx, client, tree := world(t)
	put := func(ctx context.Context, ghost *hyperloom.Ghost, _ hyperloom.Attempt) error {
		return second(ghost.Put(ctx, tree, 1))
	}
	never := func(context.Context, *hyperloom.Ghost) error { return errors.New("never") }
	_, err := client.Race(ctx, hyperloom.RaceOptions{AttemptsMax: 3, Verify: never},
		hyperloom.Alternative{Work: put}, hyperloom.Alternative{Work: put})
	var failed *hyperloom.RaceFailed
	if !errors.As(err, &failed) {
		t.Fatal(err)
	}
	equal(t, len(failed.Errors), 2)
	is(t, err, hyperloom.ErrRaceExhausted)
}

func TestAGhostOfAnotherProcessCanWinTheRace(t *testing.T) {
	ctx, client, tree := world(t)
	id := "race" + tree
	other, err := connect(t, shared, "other").Ghost(ctx, hyperloom.GhostOptions{Race: &hyperloom.Race{ID: id, AttemptsMax: 4}})
	must(t, err)
	_, err = client.Race(ctx, hyperloom.RaceOptions{ID: id}, hyperloom.Alternative{
		Work: func(ctx context.Context, ghost *hyperloom.Ghost, _ hyperloom.Attempt) error {
			must(t, second(other.Commit(ctx, hyperloom.CommitOptions{})))
			return second(ghost.Put(ctx, tree, 1))
		},
	})
	is(t, err, hyperloom.ErrRaceOver)
	var refused *hyperloom.Error
	errors.As(err, &refused)
	equal(t, refused.Metadata["winner_ghost_id"], other.ID())
}
