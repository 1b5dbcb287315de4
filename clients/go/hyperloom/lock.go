package hyperloom

import (
	"context"
	"errors"
	"time"

	hyperloomv1 "hyperloom.dev/go/gen/hyperloom/v1"
)

// Lock is a right on subtrees. It has all verbs of a client: what is written through it, through its ghosts, and through any
// client of the connection with a context that [Lock.Do] has made, carries its fencing token.
//
// It is kept alive in the background while this process lives. When it is lost, every further call through it fails with
// [ErrLeaseLost], and the contexts that Do has made are cancelled. What slips through is refused by the broker.
type Lock struct {
	verbs
	speculating
	// Info is what the broker told when it was granted.
	Info LockState
	// Lease is whose it is. Locks that are nested in this one are of the same.
	Lease *Lease

	right     *right
	ownsLease bool
}

func newLock(c *connection, a *agent, info LockState, lease *Lease, under *fence, ownsLease bool) *Lock {
	l := &Lock{Info: info, Lease: lease, ownsLease: ownsLease, right: newRight("lock "+info.ID, lease.right, nil, under.locks...)}
	l.verbs = verbs{connection: c, agent: a, fence: under.within(l.right, info.FencingToken)}
	l.speculating = speculating{c.nextRequestID, l.beginGhost}
	return l
}

// ID was made by the broker; it is unique for ever.
func (l *Lock) ID() string { return l.Info.ID }

// FencingToken proves to whatever else checks it that this is the latest holder: it grows with every grant in the forest.
func (l *Lock) FencingToken() uint64 { return l.Info.FencingToken }

// Lost is closed when it ended without Release, or may have: no sign of life was answered within the lease's ttl.
func (l *Lock) Lost() <-chan struct{} { return l.right.lost }

// Check fails with [ErrLeaseLost] where it is lost, and with [ErrState] where it was released.
func (l *Lock) Check() error { return l.right.check() }

// Held: it was neither released nor lost, as far as this process knows.
func (l *Lock) Held() bool { return l.right.check() == nil }

// Over: it was released or lost, as far as this process knows.
func (l *Lock) Over() bool { return !l.Held() }

// Do runs work under the lock: calls with its context carry the lock's token, whatever client of this connection they go
// through. When the lock is lost, the context is cancelled with the loss as its cause, and Do fails with [ErrLeaseLost].
func (l *Lock) Do(ctx context.Context, work func(ctx context.Context) error) error {
	return l.fence.do(ctx, work)
}

// Lock locks more, with the same lease: what this lock holds does not stand in its way. It stays held where this one is released
// before it, unless the lease ends with that, and is lost where this one is lost.
func (l *Lock) Lock(ctx context.Context, options LockOptions, paths ...string) (*Lock, error) {
	options.Lease = l.Lease
	return acquire(ctx, &l.verbs, l.fence, options, paths)
}

// Ghost begins a ghost that lives with the lease, and is committed under this lock.
func (l *Lock) Ghost(ctx context.Context, options GhostOptions) (*Ghost, error) {
	return l.beginGhost(ctx, options)
}

func (l *Lock) beginGhost(ctx context.Context, options GhostOptions) (*Ghost, error) {
	return beginGhost(ctx, l.connection, l.agent, l.fence, options)
}

// RevertRevision writes the inverse of a trunk revision as a new one, under this lock; see [Client.RevertRevision].
func (l *Lock) RevertRevision(ctx context.Context, revision uint64, reason string, lockWait time.Duration) (Reverted, error) {
	return revertCascade(ctx, &l.verbs, revision, CascadeNone, reason, lockWait)
}

// Release lets go of it. The outermost lock of a lease ends the lease, and with it nested locks, ghosts, bound nodes. It fails
// with [ErrLeaseLost] where the lock had been lost, and may be called again.
func (l *Lock) Release(ctx context.Context) error {
	if loss := l.right.loss(); loss != nil {
		return loss
	}
	if l.right.isOver() {
		return nil
	}
	if err := l.Flush(ctx); err != nil {
		return err
	}
	if err := l.right.check(); err != nil {
		return err
	}
	if l.ownsLease {
		_, err := l.Lease.End(ctx)
		if errors.Is(err, ErrLeaseLost) {
			l.right.loseWith(asError(err))
			return err
		}
		l.right.giveBack()
		return err
	}
	l.right.giveBack()
	err := releaseLock(ctx, l.connection, l.agent, l.ID(), l.Lease.ID())
	if errors.Is(err, ErrLeaseLost) || errors.Is(err, ErrNotFound) {
		l.right.reclaim()
		l.right.lose("the broker had ended it before", err)
		return l.right.loss()
	}
	return err
}

// leave lets go of it, whatever has become of the caller's context; what goes wrong is left to its ttl.
func (l *Lock) leave(ctx context.Context) {
	ctx, cancel := leaving(ctx)
	defer cancel()
	if l.right.isOver() {
		return
	}
	if err := l.Release(ctx); err != nil {
		l.connection.logger.Debug("releasing a lock", "lock", l.ID(), "error", err)
		if l.ownsLease {
			l.Lease.leave(ctx)
		}
	}
}

func releaseLock(ctx context.Context, c *connection, a *agent, lockID, leaseID string) error {
	request := &hyperloomv1.ReleaseLockRequest{
		Forest:    a.forest,
		LockId:    lockID,
		LeaseId:   leaseID,
		Author:    a.author,
		RequestId: c.nextRequestID(),
	}
	_, err := call(ctx, c, c.locks.ReleaseLock, request, "the release")
	return err
}
