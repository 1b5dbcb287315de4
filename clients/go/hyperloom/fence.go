package hyperloom

import (
	"context"
	"strconv"
)

// fence is what calls are made under: a lease, and the locks of it that they may rely on with their fencing tokens. The last lock is
// the one that the calls are made through; it stands within those before it. A nil fence is none.
type fence struct {
	connection *connection
	forest     string
	lease      *Lease
	locks      []*right
	tokens     []uint64
}

type fenceKey struct{}

// withFence gives a context whose calls travel under the fence.
func withFence(ctx context.Context, held *fence) context.Context {
	return context.WithValue(ctx, fenceKey{}, held)
}

// fenceFrom is the fence that a context stands on, where it is one of this connection and forest.
func fenceFrom(ctx context.Context, c *connection, forest string) *fence {
	held, _ := ctx.Value(fenceKey{}).(*fence)
	if held == nil || held.connection != c || held.forest != forest {
		return nil
	}
	return held
}

// check fails where the lock or the lease is lost or given back, or a lock around it is lost.
func (f *fence) check() error {
	if f == nil {
		return nil
	}
	if len(f.locks) > 0 {
		return f.locks[len(f.locks)-1].check()
	}
	return f.lease.right.check()
}

// heldTokens are those of locks that were not given back: the broker would refuse others.
func (f *fence) heldTokens() []uint64 {
	if f == nil {
		return nil
	}
	var held []uint64
	for index, lock := range f.locks {
		if !lock.isGivenBack() {
			held = append(held, f.tokens[index])
		}
	}
	return held
}

func (f *fence) leaseID() string {
	if f == nil {
		return ""
	}
	return f.lease.ID()
}

// within is this, and one more lock.
func (f *fence) within(lock *right, token uint64) *fence {
	return &fence{
		connection: f.connection,
		forest:     f.forest,
		lease:      f.lease,
		locks:      append(append([]*right(nil), f.locks...), lock),
		tokens:     append(append([]uint64(nil), f.tokens...), token),
	}
}

// refused: the broker may know better what is still held.
func (f *fence) refused(err *Error) {
	if f == nil || err == nil {
		return
	}
	switch {
	case err.Reason == ReasonStaleFencingToken:
		for index, token := range f.tokens {
			if strconv.FormatUint(token, 10) == err.Metadata["fencing_token"] {
				f.locks[index].lose("the broker does not hold it any more", err)
			}
		}
	case err.Reason == ReasonLeaseNotFound && err.Metadata["lease_id"] == f.lease.ID():
		f.lease.right.lose("the broker has ended it", err)
	}
}

// bound gives a context that ends with the loss of what is held: its cause is the loss.
func (f *fence) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	bound, cancel := context.WithCancelCause(withFence(ctx, f))
	watch := func(held *right) func() { return held.onLost(func(loss *Error) { cancel(loss) }) }
	forgets := []func(){watch(f.lease.right)}
	for _, lock := range f.locks {
		forgets = append(forgets, watch(lock))
	}
	return bound, func() {
		for _, forget := range forgets {
			forget()
		}
		cancel(nil)
	}
}
