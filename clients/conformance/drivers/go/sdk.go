package main

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"sync"

	"hyperloom.dev/go/hyperloom"
)

// session is one program that uses the SDK: handles by name, and verbs by name on them.
type session struct {
	address string

	mutex   sync.Mutex
	clients []*hyperloom.Client
	handles map[string]any
	said    map[string]chan struct{}
	tokens  map[string]string
}

// stream is a subscription whose items are taken one by one.
type stream[Item any] struct {
	next  func() (Item, error, bool)
	close func()
}

// watching is a subscription.
type watching = stream[hyperloom.Item]

// reviewing is a subscription to reviews; a decision is on the last one that came.
type reviewing struct {
	stream[hyperloom.ReviewItem]
	reviews *hyperloom.Reviews
	asked   *hyperloom.PendingReview
}

func newStream[Item any](items iter.Seq2[Item, error], end func()) stream[Item] {
	next, stop := iter.Pull2(items)
	return stream[Item]{next, func() { stop(); end() }}
}

func watch(subscription *hyperloom.Subscription, err error) *watching {
	if err != nil {
		return &watching{func() (hyperloom.Item, error, bool) { return nil, err, true }, func() {}}
	}
	taken := newStream(subscription.Items(), subscription.Close)
	return &taken
}

func (s *session) keep(name string, handle any) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.handles[name] = handle
}

func (s *session) find(name string) any {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	handle, found := s.handles[name]
	if !found {
		panic(fmt.Errorf("no handle %s", name))
	}
	return handle
}

// saying is closed when proceed has said that name.
func (s *session) saying(name string) chan struct{} {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	saying, found := s.said[name]
	if !found {
		saying = make(chan struct{})
		s.said[name] = saying
	}
	return saying
}

// show has a client show that token from now on.
func (s *session) show(client, token string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.tokens[client] = token
}

func (s *session) shown(client string) string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.tokens[client]
}

func (s *session) lease(name string) *hyperloom.Lease { return s.find(name).(*hyperloom.Lease) }

func (s *session) first() *hyperloom.Client {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.clients[0]
}

// close drops everything.
func (s *session) close() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for _, client := range s.clients {
		_ = client.Close()
	}
}

// call calls a verb. handle is the name of the handle that it makes.
func (s *session) call(ctx context.Context, target, verb, handle string, a arguments) (any, error) {
	ctx, cancel := a.within(ctx)
	defer cancel()
	if verb == "connect" {
		return s.connect(handle, a)
	}
	if verb == "show" {
		s.show(target, a.Token)
		return object{}, nil
	}
	if verb == "proceed" {
		close(s.saying(a.Name))
		return object{}, nil
	}
	switch on := s.find(target).(type) {
	case *watching:
		if verb == "close" {
			on.close()
			return object{}, nil
		}
		item, err, _ := on.next()
		return tellItem(item), err
	case *reviewing:
		return on.call(ctx, verb, a)
	case *typedNotes:
		return s.callTyped(ctx, on, verb, handle, a)
	case *watchingNotes:
		if verb == "close" {
			on.close()
			return object{}, nil
		}
		item, err, _ := on.next()
		return tellNoteItem(item), err
	case *hyperloom.ContextWindow:
		return callWindow(ctx, on, verb)
	case *hyperloom.Lease:
		return callLease(ctx, on, verb)
	case *hyperloom.Lock:
		return s.callLock(ctx, on, verb, handle, a)
	case *hyperloom.Ghost:
		return s.callGhost(ctx, on, verb, handle, a)
	case *hyperloom.Client:
		return s.callClient(ctx, on, verb, handle, a)
	default:
		panic(fmt.Errorf("no handle %s", target))
	}
}

func (s *session) connect(handle string, a arguments) (any, error) {
	options := hyperloom.Options{
		Author: a.Author, Forest: a.Forest, Timeout: durationOf(a.TimeoutMs), NoBasis: a.TrackBasis != nil && !*a.TrackBasis,
		LoadBalancing: a.LoadBalancing,
	}
	if a.Token != "" {
		s.show(handle, a.Token)
		options.Token = func(context.Context) (string, error) { return s.shown(handle), nil }
	}
	address := s.address
	if len(a.Addresses) > 0 {
		address = strings.Join(a.Addresses, ",")
	}
	client, err := hyperloom.Connect(address, options)
	if err != nil {
		return nil, err
	}
	s.keep(handle, client)
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.clients = append(s.clients, client)
	return object{"author": client.Author(), "forest": client.Forest()}, nil
}

func (r *reviewing) call(ctx context.Context, verb string, a arguments) (any, error) {
	switch verb {
	case "next":
		item, err, _ := r.next()
		if asked, is := item.(*hyperloom.PendingReview); is {
			r.asked = asked
		}
		return tellReview(item), err
	case "approve":
		ghost, err := r.reviews.Approve(ctx, r.asked, a.Reason)
		return object{"id": ghost.ID}, err
	case "reject":
		ghost, err := r.reviews.Reject(ctx, r.asked, a.Reason)
		return object{"id": ghost.ID}, err
	default:
		r.close()
		return object{}, nil
	}
}

func callLease(ctx context.Context, on *hyperloom.Lease, verb string) (any, error) {
	switch verb {
	case "end":
		ended, err := on.End(ctx)
		return object{
			"revision": ended.Revision, "deletedNodes": ended.DeletedNodes, "releasedLocks": ended.ReleasedLocks,
			"revertedGhosts": ended.RevertedGhosts,
		}, err
	case "over":
		return on.Over(), nil
	case "close":
		on.Close(ctx)
		return object{}, nil
	default:
		panic(fmt.Errorf("no verb %s", verb))
	}
}

func (s *session) callLock(ctx context.Context, on *hyperloom.Lock, verb, handle string, a arguments) (any, error) {
	switch verb {
	case "lock":
		lock, err := on.Lock(ctx, a.lock(s), a.Paths...)
		return s.keepLock(handle, lock, err)
	case "release":
		return object{}, on.Release(ctx)
	case "held":
		return on.Held(), nil
	case "fencingToken":
		return on.FencingToken(), nil
	case "revertRevision":
		reverted, err := on.RevertCascade(ctx, a.Revision, hyperloom.Cascade(a.Cascade), a.Reason, 0)
		return object{"revision": reverted.Revision, "cascade": tellCascaded(reverted.Cascade)}, err
	default:
		return s.shared(ctx, on, verb, handle, a)
	}
}

func (s *session) keepLock(handle string, lock *hyperloom.Lock, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	s.keep(handle, lock)
	return tellLock(lock.Info), nil
}

func (s *session) callGhost(ctx context.Context, on *hyperloom.Ghost, verb, handle string, a arguments) (any, error) {
	switch verb {
	case "checkpoint":
		checkpoint, err := on.Checkpoint(ctx, a.Name)
		return tellCheckpoint(checkpoint), err
	case "rewind":
		reverted, err := on.Rewind(ctx, a.Checkpoint, a.Reason)
		return tellReverted(reverted), err
	case "revert":
		reverted, err := on.Revert(ctx, a.Reason)
		return tellReverted(reverted), err
	case "commit":
		done, err := on.Commit(ctx, a.commit())
		return object{
			"revision": done.Revision, "operations": done.Operations, "repeated": done.Repeated,
			"schemaVersion": done.SchemaVersion,
		}, err
	case "state":
		state, err := on.State(ctx)
		return tellGhost(state), err
	case "over":
		return on.Over(), nil
	case "diff":
		differences, err := on.Diff(a.Path, 0, a.Form).Collect(ctx)
		return told(differences, tellDifference), err
	case "close":
		on.Close(ctx)
		return object{}, nil
	default:
		return s.shared(ctx, on, verb, handle, a)
	}
}
