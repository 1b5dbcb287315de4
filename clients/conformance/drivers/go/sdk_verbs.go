package main

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"hyperloom.dev/go/hyperloom"
	"hyperloom.dev/go/hyperloom/operation"
)

// writer is what a client, a ghost and a lock have in common.
type writer interface {
	Put(ctx context.Context, path string, value any) (hyperloom.Published, error)
	Append(ctx context.Context, path string, addition any) (hyperloom.Published, error)
	Merge(ctx context.Context, path string, patch any) (hyperloom.Published, error)
	Increment(ctx context.Context, path string, amount int64) (hyperloom.Published, error)
	Delete(ctx context.Context, path string) (hyperloom.Published, error)
	Copy(ctx context.Context, source, target string, revision uint64) (hyperloom.Published, error)
	Publish(ctx context.Context, diff hyperloom.Diff) (hyperloom.Published, error)
	Submit(ctx context.Context, diff hyperloom.Diff) (*hyperloom.Pending, error)
	Flush(ctx context.Context) error
	Get(ctx context.Context, path string, options ...hyperloom.ReadOption) (*hyperloom.Node, error)
	Find(ctx context.Context, path string, options ...hyperloom.ReadOption) (*hyperloom.Node, error)
	BatchGet(ctx context.Context, paths []string, options ...hyperloom.ReadOption) ([]*hyperloom.Node, error)
	List(path string, listing hyperloom.Listing, options ...hyperloom.ReadOption) *hyperloom.Paged[*hyperloom.Node]
	NewestRevision() uint64
	Forget()
	Search(query string, options hyperloom.SearchOptions) *hyperloom.Paged[hyperloom.SearchHit]
	RenderContext(
		ctx context.Context, options hyperloom.RenderOptions, parts ...hyperloom.RenderPart,
	) (hyperloom.RenderedContext, error)
	ContextWindow(options hyperloom.RenderOptions, parts ...hyperloom.RenderPart) *hyperloom.ContextWindow
	Subscribe(ctx context.Context, options hyperloom.SubscribeOptions, patterns ...string) (*hyperloom.Subscription, error)
	Ghost(ctx context.Context, options hyperloom.GhostOptions) (*hyperloom.Ghost, error)
	Speculate(
		ctx context.Context, work hyperloom.Work, verify hyperloom.Verify, how hyperloom.Speculation,
	) (*hyperloom.Speculated, error)
	Race(
		ctx context.Context, options hyperloom.RaceOptions, alternatives ...hyperloom.Alternative,
	) (*hyperloom.Raced, error)
}

// write does the verbs that publish; false for other verbs.
func (s *session) write(ctx context.Context, on writer, verb string, a arguments) (any, bool, error) {
	var outcome hyperloom.Published
	var err error
	switch verb {
	case "put":
		switch {
		case a.Lease != "":
			outcome, err = on.Publish(ctx, hyperloom.Diff{Operations: []operation.Operation{s.operation(verb, a)}})
		case a.LockWaitMs > 0:
			single := []operation.Operation{s.operation(verb, a)}
			outcome, err = on.Publish(ctx, hyperloom.Diff{Operations: single, LockWait: durationOf(a.LockWaitMs)})
		default:
			outcome, err = on.Put(ctx, a.Path, a.Value.any())
		}
	case "append":
		outcome, err = on.Append(ctx, a.Path, a.Value.any())
	case "merge":
		outcome, err = on.Merge(ctx, a.Path, a.Value.any())
	case "increment":
		if a.Real != nil {
			outcome, err = on.Publish(ctx, hyperloom.Diff{Operations: []operation.Operation{s.operation(verb, a)}})
		} else {
			outcome, err = on.Increment(ctx, a.Path, a.amount())
		}
	case "delete":
		if a.scope() == operation.Node {
			outcome, err = on.Publish(ctx, hyperloom.Diff{Operations: []operation.Operation{s.operation(verb, a)}})
		} else {
			outcome, err = on.Delete(ctx, a.Path)
		}
	case "copy":
		outcome, err = on.Copy(ctx, a.Source, a.Target, a.Revision)
	case "publish":
		outcome, err = on.Publish(ctx, a.diff(s))
	default:
		return nil, false, nil
	}
	return tellPublished(outcome), true, err
}

// read does the verbs that read; false for other verbs.
func (s *session) read(ctx context.Context, on writer, verb string, a arguments) (any, bool, error) {
	switch verb {
	case "get":
		node, err := on.Get(ctx, a.Path, a.reads()...)
		return tellNode(node), true, err
	case "find":
		node, err := on.Find(ctx, a.Path, a.reads()...)
		return object{"node": tellNode(node)}, true, err
	case "batchGet":
		nodes, err := on.BatchGet(ctx, a.Paths, a.reads()...)
		return told(nodes, nodeObject), true, err
	case "list":
		nodes, err := on.List(a.Path, a.listing(), a.reads()...).Collect(ctx)
		return told(nodes, nodeObject), true, err
	case "newestRevision":
		return on.NewestRevision(), true, nil
	default:
		return nil, false, nil
	}
}

// shared does the verbs that clients, ghosts and locks have in common.
func (s *session) shared(ctx context.Context, on writer, verb, handle string, a arguments) (any, error) {
	if outcome, is, err := s.write(ctx, on, verb, a); is {
		return outcome, err
	}
	if outcome, is, err := s.read(ctx, on, verb, a); is {
		return outcome, err
	}
	if outcome, is, err := s.contexts(ctx, on, verb, handle, a); is {
		return outcome, err
	}
	switch verb {
	case "pipeline":
		return s.pipeline(ctx, on, a)
	case "flush":
		return object{}, on.Flush(ctx)
	case "forget":
		on.Forget()
		return object{}, nil
	case "subscribe":
		// It ends with its own context, not with that of the call.
		subscription, err := on.Subscribe(context.WithoutCancel(ctx), a.subscription(), a.Patterns...)
		// What is wrong with it is told with its first item, as by clients that begin there.
		s.keep(handle, watch(subscription, err))
		return object{}, nil
	case "ghost":
		ghost, err := on.Ghost(ctx, a.ghost(s))
		if err != nil {
			return nil, err
		}
		s.keep(handle, ghost)
		return tellGhost(ghost.Info), nil
	case "typed":
		s.keep(handle, notesOf(on.(hyperloom.Target)))
		return object{}, nil
	case "speculate":
		return s.speculate(ctx, on, a)
	case "race":
		return s.race(ctx, on, a)
	default:
		panic(fmt.Errorf("no verb %s", verb))
	}
}

// pipeline publishes all without waiting, and tells outcomes in the order in which they came.
func (s *session) pipeline(ctx context.Context, on writer, a arguments) (any, error) {
	var mutex sync.Mutex
	var waiting sync.WaitGroup
	outcomes := make([]object, 0, len(a.Diffs))
	var before <-chan struct{}
	for index, diff := range a.Diffs {
		pending, err := on.Submit(ctx, hyperloom.Diff{Operations: s.operations(diff)})
		if err != nil {
			return nil, err
		}
		previous := before
		before = pending.Done()
		waiting.Go(func() {
			published, err := pending.Wait(ctx)
			outcome := object{"index": index}
			if err != nil {
				outcome["error"] = tellError(err)
			} else {
				outcome["published"] = tellPublished(published)
			}
			if previous != nil {
				select {
				case <-previous:
				default:
					outcome["isEarly"] = true
				}
			}
			mutex.Lock()
			defer mutex.Unlock()
			outcomes = append(outcomes, outcome)
		})
	}
	waiting.Wait()
	return sortedByIndex(outcomes), nil
}

// sortedByIndex: goroutines that are woken one after another do not run one after another. Whether an outcome came before that of
// the publish before it was looked at when it came.
func sortedByIndex(outcomes []object) []object {
	sorted := make([]object, len(outcomes))
	for _, outcome := range outcomes {
		sorted[outcome["index"].(int)] = outcome
	}
	return sorted
}

func (s *session) speculate(ctx context.Context, on writer, a arguments) (any, error) {
	seen := [][]string{}
	var current givenAttempt
	work := func(ctx context.Context, ghost *hyperloom.Ghost, attempt hyperloom.Attempt) error {
		seen = append(seen, append([]string{}, attempt.Reasons...))
		current = a.Attempts[min(attempt.Number, len(a.Attempts))-1]
		return s.work(ctx, ghost, current)
	}
	verify := func(context.Context, *hyperloom.Ghost) error { return verdictOf(current) }
	how := hyperloom.Speculation{
		Ghost:  hyperloom.GhostOptions{Label: a.Label, Scope: a.Scope, Gates: a.gates(), Migration: a.migration()},
		Commit: a.commit(),
	}
	if a.Retries != nil {
		how.Retries = *a.Retries
		if how.Retries == 0 {
			how.Retries = -1 // 0 is the default here.
		}
	}
	done, err := on.Speculate(ctx, work, verify, how)
	if err != nil {
		return nil, err
	}
	return object{
		"revision": done.Revision, "attempts": done.Attempts, "reasons": append([]string{}, done.Reasons...), "seen": seen,
	}, nil
}

func (s *session) race(ctx context.Context, on writer, a arguments) (any, error) {
	alternatives := make([]hyperloom.Alternative, len(a.Alternatives))
	var mutex sync.Mutex
	verdicts := map[string]givenAttempt{}
	for index, alternative := range a.Alternatives {
		alternatives[index].Label = alternative.Label
		alternatives[index].Work = func(ctx context.Context, ghost *hyperloom.Ghost, _ hyperloom.Attempt) error {
			mutex.Lock()
			verdicts[ghost.ID()] = alternative
			mutex.Unlock()
			return s.work(ctx, ghost, alternative)
		}
	}
	options := hyperloom.RaceOptions{ID: a.Race, AttemptsMax: a.AttemptsMax}
	options.Verify = func(_ context.Context, ghost *hyperloom.Ghost) error {
		mutex.Lock()
		defer mutex.Unlock()
		return verdictOf(verdicts[ghost.ID()])
	}
	won, err := on.Race(ctx, options, alternatives...)
	if err != nil {
		return nil, err
	}
	return object{
		"index": won.Index, "label": won.Label, "revision": won.Revision, "attempts": won.Attempts, "reasons": append([]string{}, won.Reasons...),
	}, nil
}

func (s *session) work(ctx context.Context, ghost *hyperloom.Ghost, attempt givenAttempt) error {
	if attempt.After != "" {
		select {
		case <-s.saying(attempt.After):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if _, err := ghost.Publish(ctx, hyperloom.Diff{Operations: s.operations(attempt.Operations)}); err != nil {
		return err
	}
	if attempt.Meanwhile != nil {
		other := s.first().As("other")
		if _, err := other.Publish(ctx, hyperloom.Diff{Operations: s.operations(attempt.Meanwhile)}); err != nil {
			return err
		}
	}
	if attempt.Failure != "" {
		return errors.New(attempt.Failure)
	}
	return nil
}

func verdictOf(attempt givenAttempt) error {
	switch verdict := attempt.Verdict.(type) {
	case string:
		return errors.New(verdict)
	case bool:
		if !verdict {
			return errors.New("refused")
		}
	}
	return nil
}
