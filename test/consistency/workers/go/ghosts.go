package main

import (
	"context"
	"slices"
	"time"

	"hyperloom.dev/go/hyperloom"
	"hyperloom.dev/go/hyperloom/gate"
)

// Works in ghosts: stages, looks at what it staged, goes back to checkpoints, commits or reverts.
func workInGhosts(a *agent) {
	for a.isOpen.Load() {
		oneGhost(a)
		a.sleep(60)
	}
}

// A ghost, and the call that began it.
type begun struct {
	*hyperloom.Ghost
	id string
}

func oneGhost(a *agent) {
	var ghost begun
	wants, options := a.randomConditions()
	call := a.call(wants, func(ctx context.Context, _ string) (fields, error) {
		made, err := a.client.Ghost(ctx, options)
		if err != nil {
			return nil, err
		}
		ghost.Ghost = made
		return fields{"givenId": made.ID(), "revision": made.Info.BaseRevision}, nil
	})
	if !call.ok() {
		return
	}
	ghost.id = call.id
	kept, isWhole := a.stageSome(ghost)
	// Where anything in it went wrong, it is never committed: then nothing of it may be seen.
	if !isWhole || a.below(4) == 0 {
		a.revert(ghost, "not wanted")
		return
	}
	wants = fields{"type": "commit", "ghost": ghost.id, "steps": kept}
	committed := a.call(wants, func(ctx context.Context, label string) (fields, error) {
		done, err := ghost.Commit(ctx, hyperloom.CommitOptions{Label: label})
		return fields{"revision": done.Revision}, err
	})
	// A conflict leaves it alive; what nobody knows the outcome of is left to its ttl.
	if committed.answer["outcome"] == "refused" && !ghost.Over() {
		a.revert(ghost, "in conflict")
	}
}

// Who must approve what is behind a gate.
const reviewer = "editor"

// Races are shared by all who begin at about the same time. Reviewers are in the first forest only.
func (a *agent) randomConditions() (fields, hyperloom.GhostOptions) {
	wants, options := fields{"type": "begin"}, hyperloom.GhostOptions{TTL: 5 * time.Second}
	if a.below(3) == 0 {
		race := a.place("race", 2)
		wants["race"], options.Race = race, &hyperloom.Race{ID: race}
	}
	if a.below(4) == 0 {
		operationsMax := uint64(1 + a.below(2))
		wants["operationsMax"] = operationsMax
		options.Gates = append(options.Gates, gate.Limit(gate.Limits{OperationsMax: operationsMax}))
	}
	if a.client.Forest() == first && a.below(4) == 0 {
		wants["reviewer"] = reviewer
		options.Gates = append(options.Gates, gate.Review(reviewer))
	}
	return wants, options
}

func (a *agent) revert(ghost begun, reason string) {
	a.call(fields{"type": "revert", "ghost": ghost.id}, func(ctx context.Context, _ string) (fields, error) {
		_, err := ghost.Revert(ctx, reason)
		return nil, err
	})
}

// What it holds afterwards, in order; false where something went wrong.
func (a *agent) stageSome(ghost begun) ([]step, bool) {
	kept := []step{}
	for range 1 + a.below(3) {
		s := a.newStep(kept)
		if !a.stage(ghost, s) {
			return nil, false
		}
		kept = append(kept, s)
		a.sleep(20)
	}
	if a.below(3) != 0 {
		return kept, true
	}
	point := a.call(fields{"type": "checkpoint", "ghost": ghost.id}, func(ctx context.Context, _ string) (fields, error) {
		_, err := ghost.Checkpoint(ctx, "point")
		return nil, err
	})
	if !point.ok() {
		return nil, false
	}
	s := a.newStep(kept)
	if !a.stage(ghost, s) {
		return nil, false
	}
	wants := fields{"type": "rewind", "ghost": ghost.id, "steps": []step{s}}
	back := a.call(wants, func(ctx context.Context, _ string) (fields, error) {
		_, err := ghost.Rewind(ctx, "point", "not like this")
		return nil, err
	})
	return kept, back.ok()
}

func (a *agent) stage(ghost begun, s step) bool {
	wants := fields{"type": "stage", "ghost": ghost.id, "steps": []step{s}}
	staged := a.call(wants, func(ctx context.Context, _ string) (fields, error) {
		_, err := ghost.Publish(ctx, hyperloom.Diff{Operations: operationsOf([]step{s})})
		return nil, err
	})
	if !staged.ok() {
		return false
	}
	if s.Action != "put" || a.below(2) == 0 {
		return true
	}
	wants = fields{"type": "peek", "ghost": ghost.id, "path": s.Path, "text": s.Text}
	peeked := a.call(wants, func(ctx context.Context, _ string) (fields, error) {
		nodes, err := ghost.BatchGet(ctx, []string{s.Path})
		if err != nil {
			return nil, err
		}
		return fields{"nodes": nodesOf([]string{s.Path}, nodes)}, nil
	})
	return peeked.ok()
}

// On a node that it has not touched yet.
func (a *agent) newStep(kept []step) step {
	for {
		text := a.token()
		steps := []step{
			{"put", a.place("reg", 4), text},
			{"append", a.place("log", 2), "[" + text + "]"},
			{"put", a.place("alone", 8), text},
		}
		s := steps[a.below(3)]
		if !slices.ContainsFunc(kept, func(other step) bool { return other.Path == s.Path }) {
			return s
		}
	}
}
