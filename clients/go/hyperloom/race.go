package hyperloom

import (
	"context"
	"errors"
	"fmt"

	"google.golang.org/grpc/codes"
)

// Alternative is one of the works of a race.
type Alternative struct {
	// Label of its ghost.
	Label string
	Work  Work
}

// RaceOptions say how alternatives compete.
type RaceOptions struct {
	// ID lets ghosts of other processes take part that name the same race. Default: one of its own.
	ID string
	// AttemptsMax is how many attempts all have together. Default: four for each.
	AttemptsMax uint32
	// Verify judges what each has done; as in Speculate.
	Verify Verify
	// Ghost that each begins, and Commit of it.
	Ghost  GhostOptions
	Commit CommitOptions
}

// Raced is what won a race and was committed.
type Raced struct {
	Speculated
	// Index and Label of the alternative.
	Index int
	Label string
}

// RaceFailed: no alternative passed.
type RaceFailed struct {
	// Errors has what ended each, in the order of the alternatives.
	Errors []error
}

// Error tells how many there were, and why the last failed.
func (f *RaceFailed) Error() string {
	return fmt.Sprintf("all %d alternatives failed; the last: %v", len(f.Errors), f.Errors[len(f.Errors)-1])
}

// Unwrap is all of them.
func (f *RaceFailed) Unwrap() []error { return f.Errors }

// Race lets alternatives work side by side, each in a ghost of its own and as in Speculate: the first to be committed wins, and
// the others' contexts are cancelled and their ghosts reverted. It fails with [*RaceFailed] when all have failed, and with
// [ErrRaceOver] where a ghost of another process has won.
func (s speculating) Race(ctx context.Context, options RaceOptions, alternatives ...Alternative) (*Raced, error) {
	if len(alternatives) == 0 {
		return nil, errInvalid(errors.New("a race needs at least one alternative"))
	}
	if options.ID == "" {
		options.ID = "race-" + s.newID()
	}
	running, cancel := context.WithCancel(ctx)
	defer cancel()
	type ending struct {
		index int
		done  *Speculated
		err   error
	}
	endings := make(chan ending, len(alternatives))
	speculations := make([]*speculation, len(alternatives))
	for index, alternative := range alternatives {
		speculations[index] = s.alternative(options, alternative, uint32(len(alternatives)))
	}
	for index, each := range speculations {
		go func() {
			done, err := each.run(running)
			if errors.Is(err, ErrGhostOver) {
				err = wonElsewhere(running, each, err)
			}
			endings <- ending{index, done, err}
		}()
	}
	failures := make([]error, len(alternatives))
	var won *Raced
	for range alternatives {
		ended := <-endings
		switch {
		case ended.err != nil:
			failures[ended.index] = ended.err
		case won == nil:
			// The broker has reverted the others with this commit.
			won = &Raced{*ended.done, ended.index, alternatives[ended.index].Label}
			cancel()
		}
	}
	if won != nil {
		return won, nil
	}
	return nil, raceFailure(failures)
}

func (s speculating) alternative(options RaceOptions, alternative Alternative, count uint32) *speculation {
	how := Speculation{Ghost: options.Ghost, Commit: options.Commit}
	how.Ghost.Race = &Race{ID: options.ID, AttemptsMax: options.AttemptsMax}
	if alternative.Label != "" {
		how.Ghost.Label = alternative.Label
	}
	if options.AttemptsMax == 0 {
		how.Ghost.Race.AttemptsMax = count * attemptsPerAlternative
	}
	return &speculation{begin: s.begin, work: alternative.Work, verify: options.Verify, how: how}
}

// wonElsewhere: a ghost of a race may be over because another one won, perhaps one of another process.
func wonElsewhere(ctx context.Context, loser *speculation, err error) error {
	if loser.ghost == nil {
		return err
	}
	state, failure := loser.ghost.State(ctx)
	if failure != nil || state.Race == nil || state.Race.WinnerGhostID == "" || state.Race.WinnerGhostID == loser.ghost.ID() {
		return err
	}
	return &Error{
		Code:     codes.FailedPrecondition,
		Reason:   ReasonRaceOver,
		Message:  fmt.Sprintf("ghost %s has won the race %s", state.Race.WinnerGhostID, state.Race.Race.ID),
		Metadata: map[string]string{"race_id": state.Race.Race.ID, "winner_ghost_id": state.Race.WinnerGhostID},
		cause:    err,
	}
}

// raceFailure: what ended them all at once, or why each of them failed.
func raceFailure(failures []error) error {
	for _, failure := range failures {
		if errors.Is(failure, ErrRaceOver) || errors.Is(failure, ErrLeaseLost) || errors.Is(failure, ErrCancelled) {
			return failure
		}
	}
	return &RaceFailed{failures}
}
