package hyperloom

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	hyperloomv1 "hyperloom.dev/go/gen/hyperloom/v1"
)

// LockOptions say what lock is taken, and how.
type LockOptions struct {
	// Mode for the paths. Default: Exclusive.
	Mode LockMode
	// Targets with modes of their own, beside the paths. All are granted together or not at all.
	Targets []LockTarget
	// Wait is how long to wait for those who stand before. Default: until the context's deadline, or the client's timeout.
	Wait time.Duration
	// NoWait: not at all.
	NoWait bool
	// Delay is how long the targets stay quiet if this process vanishes. At most a minute.
	Delay time.Duration
	// Label is what it is for, in a few words.
	Label string
	// TTL is how long the lock outlives this process: 1 s to 24 h, 30 s by default.
	TTL time.Duration
	// Lease is whose lock it is, where it is not to have a lease of its own.
	Lease *Lease
}

// Lock locks one or many subtrees: first come, first served. It fails with [ErrLocked] where it was not granted in time, with
// [ErrDeadlock] where it never would be. Release it, and write through it; [Client.WithLock] does both.
//
// In a context that stands on a lock of this connection, it is one more lock of the same lease.
func (c *Client) Lock(ctx context.Context, options LockOptions, paths ...string) (*Lock, error) {
	under := fenceFrom(ctx, c.connection, c.agent.forest)
	if options.Lease != nil && (under == nil || under.lease != options.Lease) {
		under = options.Lease.fence()
	}
	if under != nil {
		options.Lease = under.lease
	}
	return acquire(ctx, &c.verbs, under, options, paths)
}

// WithLock runs work under a lock, which is released afterwards. Calls with the work's context carry the lock's token, whatever
// client of this connection they go through. When the lock is lost, that context is cancelled, and WithLock fails with
// [ErrLeaseLost].
func (c *Client) WithLock(
	ctx context.Context, options LockOptions, work func(ctx context.Context, lock *Lock) error, paths ...string,
) (err error) {
	lock, err := c.Lock(ctx, options, paths...)
	if err != nil {
		return err
	}
	defer func() {
		lock.leave(ctx)
		// It may have been lost after the work had ended, and before that was known.
		if loss := lock.right.loss(); loss != nil && err == nil {
			err = loss
		}
	}()
	return lock.Do(ctx, func(ctx context.Context) error { return work(ctx, lock) })
}

func acquire(ctx context.Context, v *verbs, under *fence, options LockOptions, paths []string) (*Lock, error) {
	c := v.connection
	if err := under.check(); err != nil {
		return nil, err
	}
	request, err := acquireRequest(v.agent, under, options, paths)
	if err != nil {
		return nil, err
	}
	wait := waitOf(ctx, options, c.timeout)
	request.Wait = durationpb.New(wait)
	request.RequestId = c.nextRequestID()
	bounded, cancel := context.WithTimeout(ctx, wait+c.timeout)
	defer cancel()
	began := time.Now()
	answer, err := callUntil(bounded, c, c.locks.AcquireLock, request, "the lock")
	if err != nil {
		failure := asError(err)
		under.refused(failure)
		if failure.Reason == "" {
			c.spawn(func() { giveUpClaim(ctx, v, under, options, request) })
		}
		return nil, failure
	}
	return takeOver(ctx, v, under, options, answer, began)
}

// waitOf is how long the broker lets the lock be waited for. Its refusal is to come before the deadline, which would leave open
// what became of the lock.
func waitOf(ctx context.Context, options LockOptions, timeout time.Duration) time.Duration {
	deadline, bounded := ctx.Deadline()
	switch {
	case options.NoWait || options.Wait > 0:
		return options.Wait
	case bounded:
		left := time.Until(deadline)
		return max(left-min(left/5, refusalTime), givingUpWait)
	default:
		return timeout
	}
}

func takeOver(
	ctx context.Context, v *verbs, under *fence, options LockOptions, answer *hyperloomv1.AcquireLockResponse, began time.Time,
) (*Lock, error) {
	lease := options.Lease
	if lease == nil {
		held, err := holdLease(ctx, v.connection, v.agent, leaseStateFrom(answer.GetLease()), began)
		if err != nil {
			return nil, err
		}
		lease = held
	}
	if under == nil {
		under = lease.fence()
	}
	return newLock(v.connection, v.agent, lockStateFrom(answer.GetLock()), lease, under, options.Lease == nil), nil
}

// giveUpClaim: nobody knows whether the lock was granted, and the broker keeps the place for a while for who asks again. The same
// request finds it: with next to no wait it gives up the place, or gets what is then let go of.
func giveUpClaim(ctx context.Context, v *verbs, under *fence, options LockOptions, asked *hyperloomv1.AcquireLockRequest) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), unclaimedLockMax)
	defer cancel()
	again := proto.Clone(asked).(*hyperloomv1.AcquireLockRequest)
	again.Wait = durationpb.New(givingUpWait)
	began := time.Now()
	answer, err := callUntil(ctx, v.connection, v.connection.locks.AcquireLock, again, "the lock")
	if err != nil {
		v.connection.logger.Debug("giving up a lock that was asked for", "error", err)
		return
	}
	if lock, err := takeOver(ctx, v, under, options, answer, began); err == nil {
		lock.leave(ctx)
	}
}

func acquireRequest(
	a *agent, under *fence, options LockOptions, paths []string,
) (*hyperloomv1.AcquireLockRequest, error) {
	request := &hyperloomv1.AcquireLockRequest{Forest: a.forest, Label: options.Label, Author: a.author}
	targets := make([]LockTarget, 0, len(paths)+len(options.Targets))
	for _, path := range paths {
		targets = append(targets, LockTarget{path, options.Mode})
	}
	for _, target := range append(targets, options.Targets...) {
		mode, known := lockModes[target.Mode]
		if !known {
			return nil, errInvalid(fmt.Errorf("no mode of a lock is called %q", target.Mode))
		}
		request.Targets = append(request.Targets, &hyperloomv1.LockTarget{Path: target.Path, Mode: mode})
	}
	if options.Delay > 0 {
		request.Delay = durationpb.New(options.Delay)
	}
	ttl := options.TTL
	if ttl == 0 {
		ttl = leaseTTLDefault
	}
	request.Owner = &hyperloomv1.AcquireLockRequest_Ttl{Ttl: durationpb.New(ttl)}
	if under != nil {
		request.Owner = &hyperloomv1.AcquireLockRequest_LeaseId{LeaseId: under.leaseID()}
	}
	return request, nil
}
