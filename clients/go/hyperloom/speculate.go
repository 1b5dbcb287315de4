package hyperloom

import (
	"context"
	"errors"
	"fmt"
)

// beginning is the checkpoint that an attempt goes back to.
const beginning = "speculate"

// Attempt is one try: its number, from 1, and why the earlier ones were refused, oldest first.
type Attempt struct {
	Number  int
	Reasons []string
	// Reverted is what the broker told when it took the last one back; nil at the first, and where a reviewer or a gate did so.
	Reverted *Reverted
}

// Work is done in a ghost. An error reverts the ghost and passes on.
type Work func(ctx context.Context, ghost *Ghost, attempt Attempt) error

// Verify judges what was done. An error refuses it, and is its reason.
type Verify func(ctx context.Context, ghost *Ghost) error

// Speculation says how work is done until it is accepted.
type Speculation struct {
	// Retries after the first attempt. Default: 3; less than 0: none.
	Retries int
	// Ghost that is begun.
	Ghost GhostOptions
	// Commit of the ghost.
	Commit CommitOptions
}

// Speculated is work that was accepted and committed.
type Speculated struct {
	// Revision of the trunk that it made; 0 in a parent ghost or where nothing was staged.
	Revision uint64
	Attempts int
	// Reasons why the earlier ones were refused.
	Reasons []string
	// GhostID of the ghost that was committed.
	GhostID string
}

// SpeculationFailed: no attempt passed. Nothing of them reached the trunk.
type SpeculationFailed struct {
	// Reasons has one for each attempt, oldest first.
	Reasons []string
	// Reverted is what the broker told when it took the last one back.
	Reverted *Reverted

	cause error
}

// Error tells how many attempts there were, and why the last was refused.
func (f *SpeculationFailed) Error() string {
	last := ""
	if len(f.Reasons) > 0 {
		last = f.Reasons[len(f.Reasons)-1]
	}
	return fmt.Sprintf("all %d attempts were refused; the last: %s", len(f.Reasons), last)
}

// Unwrap is what refused the last attempt.
func (f *SpeculationFailed) Unwrap() error { return f.cause }

// speculating is what a client, a ghost and a lock can do with ghosts that they begin.
type speculating struct {
	newID func() string
	begin func(ctx context.Context, options GhostOptions) (*Ghost, error)
}

// Speculate works in a ghost until the result is accepted, then commits it: to the trunk, or into the ghost that it is called on.
// What verify refuses, a conflict, a reviewer's rejection and a schema gate take the ghost back, and the work is done again, knowing all
// reasons so far; after a conflict on the newest state. An error of the work itself reverts the ghost and passes on. Without
// verify everything passes that can be committed. It fails with [*SpeculationFailed] when there are no retries left.
//
// Where a crash of the broker takes what an attempt has staged, the same attempt is made again from its beginning, in a new ghost; at
// most three times.
func (s speculating) Speculate(ctx context.Context, work Work, verify Verify, how Speculation) (*Speculated, error) {
	attempts := 1 + how.Retries
	if how.Retries == 0 {
		attempts += retriesDefault
	}
	run := &speculation{begin: s.begin, work: work, verify: verify, how: how, attemptsMax: max(attempts, 1)}
	return run.run(ctx)
}

// speculation is one call of Speculate, or one alternative of a race.
type speculation struct {
	begin       func(ctx context.Context, options GhostOptions) (*Ghost, error)
	work        Work
	verify      Verify
	how         Speculation
	attemptsMax int // 0: as many as the race has.

	ghost    *Ghost
	reasons  []string
	reverted *Reverted
	crashes  int // In the present attempt.
}

func (s *speculation) run(ctx context.Context) (*Speculated, error) {
	done, err := s.attempts(ctx)
	if err == nil {
		return done, nil
	}
	var failed *SpeculationFailed
	if errors.As(err, &failed) {
		return nil, err
	}
	if s.ghost != nil {
		s.ghost.commitAsked.Store(false)
		s.ghost.closeWith(ctx, err.Error())
	}
	if errors.Is(err, ErrRaceExhausted) {
		reasons := s.reasons
		if len(reasons) == 0 {
			reasons = []string{err.Error()}
		}
		return nil, &SpeculationFailed{Reasons: reasons, Reverted: s.reverted, cause: err}
	}
	return nil, err
}

func (s *speculation) attempts(ctx context.Context) (*Speculated, error) {
	fresh := true
	for number := 1; ; {
		attempt := Attempt{Number: number, Reasons: append([]string(nil), s.reasons...), Reverted: s.reverted}
		if fresh {
			if err := s.beginFresh(ctx); err != nil {
				return nil, err
			}
		}
		committed, refusal, err := s.attempt(ctx, attempt, fresh)
		if s.beginsAnewAfter(ctx, err) {
			fresh = true
			continue
		}
		if err != nil {
			return nil, err
		}
		if refusal == nil {
			return &Speculated{committed.Revision, number, s.reasons, s.ghost.ID()}, nil
		}
		s.reasons = append(s.reasons, reasonOf(refusal))
		// After a conflict the base is outdated: only a new ghost sees what others did meanwhile. A gate may have ended the ghost.
		fresh = errors.Is(refusal, ErrConflict) || errors.Is(refusal, ErrBasisReverted) || s.ghost.Over()
		isLast := number == s.attemptsMax
		if err := s.takeBack(ctx, refusal, fresh || isLast); s.isTakenByCrash(err) {
			s.ghost.closeWith(ctx, err.Error())
			fresh, s.reverted = true, nil
		} else if err != nil {
			return nil, err
		}
		if isLast {
			return nil, &SpeculationFailed{Reasons: s.reasons, Reverted: s.reverted, cause: refusal}
		}
		number++
		s.crashes = 0
	}
}

func (s *speculation) beginFresh(ctx context.Context) error {
	ghost, err := s.begin(ctx, s.how.Ghost)
	if err == nil {
		s.ghost = ghost
	}
	return err
}

// beginsAnewAfter: what happens in a ghost is told before it is on the disk, so a crash of the broker can take the newest of it, or all.
// Whoever holds a ghost has to look at it then; here the work is known from its beginning.
func (s *speculation) beginsAnewAfter(ctx context.Context, err error) bool {
	if !s.isTakenByCrash(err) || s.crashes == crashesPerAttemptMax {
		return false
	}
	s.crashes++
	s.ghost.closeWith(ctx, err.Error())
	return true
}

// isTakenByCrash: a crash of the broker has taken this ghost, its first checkpoint, or what was done in it last.
func (s *speculation) isTakenByCrash(err error) bool {
	var refused *Error
	if !errors.As(err, &refused) || refused.Metadata["ghost_id"] != s.ghost.ID() {
		return false
	}
	switch refused.Reason {
	case ReasonGhostNotFound, ReasonGhostInterrupted:
		return true
	case ReasonCheckpointNotFound:
		return refused.Metadata["checkpoint"] == beginning
	default:
		return false
	}
}

// attempt does the work, and what comes after it. Where a schema gate takes the ghost back meanwhile, the work is refused, not at fault.
func (s *speculation) attempt(ctx context.Context, attempt Attempt, fresh bool) (committed Committed, refusal, err error) {
	if fresh {
		if _, err := s.ghost.Checkpoint(ctx, beginning); err != nil {
			return Committed{}, nil, err
		}
	}
	if err = s.work(ctx, s.ghost, attempt); err == nil {
		return s.verifyAndCommit(ctx)
	}
	if s.ghost.isRevertedBy(err) {
		return Committed{}, err, nil
	}
	return Committed{}, nil, err
}

// verifyAndCommit: a refusal leads to another attempt, an error ends it all.
func (s *speculation) verifyAndCommit(ctx context.Context) (committed Committed, refusal, err error) {
	if s.verify != nil {
		if refusal = s.verify(ctx, s.ghost); refusal != nil {
			if ctx.Err() != nil {
				return Committed{}, nil, errContext(ctx, "the speculation")
			}
			if s.isTakenByCrash(refusal) {
				return Committed{}, nil, refusal
			}
			return Committed{}, refusal, nil
		}
	}
	options := s.how.Commit
	if options.Label == "" {
		options.Label = s.how.Ghost.Label
	}
	committed, err = s.ghost.Commit(ctx, options)
	if errors.Is(err, ErrReviewRejected) || errors.Is(err, ErrConflict) ||
		errors.Is(err, ErrBasisReverted) || errors.Is(err, ErrGateReverted) {
		return Committed{}, err, nil
	}
	return committed, nil, err
}

func (s *speculation) takeBack(ctx context.Context, refusal error, wholly bool) error {
	var reverted Reverted
	var err error
	switch {
	case wholly && s.ghost.Over():
		s.reverted = nil
		return nil
	case wholly:
		reverted, err = s.ghost.Revert(ctx, reasonOf(refusal))
	default:
		if errors.Is(refusal, ErrReviewRejected) || errors.Is(refusal, ErrGateReverted) {
			// The reviewer or the gate has done so, unless the work made checkpoints too.
			state, err := s.ghost.State(ctx)
			if err != nil {
				return err
			}
			s.ghost.staged.see(state.Edition)
			if state.StagedOperations == 0 {
				s.reverted = nil
				return nil
			}
		}
		reverted, err = s.ghost.Rewind(ctx, beginning, reasonOf(refusal))
	}
	if err == nil {
		s.reverted = &reverted
	}
	return err
}

// reasonOf is an error as the reason of a revert.
func reasonOf(err error) string {
	var refused *Error
	if errors.As(err, &refused) && refused.Metadata["review_reason"] != "" {
		return refused.Metadata["review_reason"]
	}
	return cutReason(err.Error())
}
