package hyperloom_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"hyperloom.dev/go/hyperloom"
	"hyperloom.dev/go/hyperloom/operation"
)

func TestWhoHasALockWritesAloneBelowIt(t *testing.T) {
	ctx, client, tree := world(t)
	critic := client.As("critic")
	err := client.WithLock(ctx, hyperloom.LockOptions{Label: "plan"}, func(ctx context.Context, lock *hyperloom.Lock) error {
		must(t, second(lock.Put(ctx, tree+"/plan/goal", 1)))
		_, err := critic.Put(context.Background(), tree+"/plan/goal", 2)
		is(t, err, hyperloom.ErrLocked)
		var refused *hyperloom.Error
		errors.As(err, &refused)
		equal(t, refused.Metadata["holder"], "tester")
		// The token travels in the context, whatever client of the connection is used.
		must(t, second(critic.Put(ctx, tree+"/plan/goal", 3)))
		// Elsewhere nobody waits for it.
		must(t, second(critic.Put(context.Background(), tree+"/other", 4)))
		return nil
	}, tree+"/plan")
	must(t, err)
	must(t, second(critic.Put(ctx, tree+"/plan/goal", 5)))
	locks, err := client.Locks(tree, "").Collect(ctx)
	must(t, err)
	equal(t, len(locks), 0)
}

func TestALockIsWaitedForInLine(t *testing.T) {
	ctx, client, tree := world(t)
	first, err := client.Lock(ctx, hyperloom.LockOptions{}, tree)
	must(t, err)
	_, err = client.As("hasty").Lock(ctx, hyperloom.LockOptions{NoWait: true}, tree)
	is(t, err, hyperloom.ErrLocked)
	_, err = client.As("patient").Lock(ctx, hyperloom.LockOptions{Wait: 20 * time.Millisecond, Mode: hyperloom.Shared}, tree)
	is(t, err, hyperloom.ErrLocked)
	granted := make(chan *hyperloom.Lock)
	go func() {
		next, err := client.As("next").Lock(ctx, hyperloom.LockOptions{}, tree)
		if err != nil {
			t.Error(err)
		}
		granted <- next
	}()
	waiting := func() []hyperloom.InspectedLock {
		locks, err := client.Locks(tree, "").Collect(ctx)
		must(t, err)
		return locks
	}
	until(t, func() bool { return len(waiting()) == 2 })
	equal(t, waiting()[1].Lock.State+" "+waiting()[1].WaitsFor[0], "waiting "+first.ID())
	must(t, first.Release(ctx))
	next := <-granted
	if next.FencingToken() <= first.FencingToken() {
		t.Fatalf("token %d after %d", next.FencingToken(), first.FencingToken())
	}
	must(t, first.Release(ctx))
	is(t, first.Check(), hyperloom.ErrState)
	must(t, next.Release(ctx))
}

func TestAWaitThatIsGivenUpLeavesNoLock(t *testing.T) {
	ctx, client, tree := world(t)
	first, err := client.Lock(ctx, hyperloom.LockOptions{}, tree)
	must(t, err)
	waiting, cancel := context.WithCancel(ctx)
	time.AfterFunc(50*time.Millisecond, cancel)
	_, err = client.As("other").Lock(waiting, hyperloom.LockOptions{}, tree)
	is(t, err, hyperloom.ErrCancelled)
	until(t, func() bool {
		locks, err := client.Locks(tree, "").Collect(ctx)
		must(t, err)
		return len(locks) == 1
	})
	must(t, first.Release(ctx))
}

func TestADiffWaitsForTheLocksOfOthersIfItIsTold(t *testing.T) {
	ctx, client, tree := world(t)
	lock, err := client.Lock(ctx, hyperloom.LockOptions{}, tree)
	must(t, err)
	must(t, second(lock.Put(ctx, tree, "first")))
	other := connect(t, shared, "other")
	late, err := other.Submit(ctx, hyperloom.Diff{
		Operations: []operation.Operation{operation.Append(tree, " second")}, LockWait: patience,
	})
	must(t, err)
	// Those behind it do not wait.
	must(t, second(other.Put(ctx, tree+"_other", 1)))
	select {
	case <-late.Done():
		t.Fatal("it did not wait")
	default:
	}
	short, end := context.WithTimeout(ctx, 20*time.Millisecond)
	defer end()
	is(t, other.Flush(short), hyperloom.ErrDeadlineExceeded)
	must(t, lock.Release(ctx))
	must(t, other.Flush(ctx))
	select {
	case <-late.Done():
	default:
		t.Fatal("it was not flushed")
	}
	must(t, second(late.Wait(ctx)))
	node, err := client.Get(ctx, tree)
	must(t, err)
	equal(t, node.Value.Text(), "first second")
	held, err := client.Lock(ctx, hyperloom.LockOptions{}, tree)
	must(t, err)
	_, err = other.Publish(ctx, hyperloom.Diff{
		Operations: []operation.Operation{operation.Append(tree, "!")}, LockWait: 10 * time.Millisecond,
	})
	is(t, err, hyperloom.ErrLocked)
	must(t, held.Release(ctx))
	_, err = client.Lock(ctx, hyperloom.LockOptions{Mode: "odd"}, tree)
	is(t, err, hyperloom.ErrInvalidRequest)
}

func TestGhostsAndLocksInALockAreOfOneOwner(t *testing.T) {
	ctx, client, tree := world(t)
	err := client.WithLock(ctx, hyperloom.LockOptions{}, func(ctx context.Context, lock *hyperloom.Lock) error {
		more, err := client.Lock(ctx, hyperloom.LockOptions{Mode: hyperloom.Shared}, tree+"/plan/part", tree+"/sources")
		must(t, err)
		equal(t, more.Lease, lock.Lease)
		ghost, err := lock.Ghost(ctx, hyperloom.GhostOptions{})
		must(t, err)
		equal(t, ghost.Info.LeaseID, lock.Lease.ID())
		must(t, second(ghost.Put(ctx, tree+"/plan/step", 1)))
		must(t, second(ghost.Commit(ctx, hyperloom.CommitOptions{})))
		must(t, more.Release(ctx))
		_, err = more.Put(ctx, tree+"/sources", 1)
		is(t, err, hyperloom.ErrState)
		done, err := lock.Speculate(ctx, func(ctx context.Context, ghost *hyperloom.Ghost, _ hyperloom.Attempt) error {
			return second(ghost.Increment(ctx, tree+"/plan/step", 1))
		}, nil, hyperloom.Speculation{})
		must(t, err)
		equal(t, done.Attempts, 1)
		return nil
	}, tree+"/plan")
	must(t, err)
	node, err := client.Get(ctx, tree+"/plan/step")
	must(t, err)
	equal(t, node.Value.String(), "2")
}

func TestADeadlockNamesItsCircle(t *testing.T) {
	ctx, client, tree := world(t)
	one, err := client.As("one").Lock(ctx, hyperloom.LockOptions{}, tree+"/a")
	must(t, err)
	two, err := client.As("two").Lock(ctx, hyperloom.LockOptions{}, tree+"/b")
	must(t, err)
	outcome := make(chan error, 1)
	go func() {
		_, err := one.Lock(ctx, hyperloom.LockOptions{}, tree+"/b")
		outcome <- err
	}()
	until(t, func() bool {
		locks, err := client.Locks(tree+"/b", "").Collect(ctx)
		must(t, err)
		return len(locks) == 2
	})
	_, err = two.Lock(ctx, hyperloom.LockOptions{}, tree+"/a")
	is(t, err, hyperloom.ErrDeadlock)
	var refused *hyperloom.Error
	errors.As(err, &refused)
	equal(t, fmt.Sprint(refused.Circle[0].Author, refused.Circle[1].Author), fmt.Sprint("two", "one"))
	must(t, two.Release(ctx))
	must(t, <-outcome)
	must(t, one.Release(ctx))
}

func TestALockThatIsLostStopsTheWork(t *testing.T) {
	ctx, client, tree := world(t)
	err := client.WithLock(ctx, hyperloom.LockOptions{TTL: time.Second}, func(ctx context.Context, lock *hyperloom.Lock) error {
		must(t, second(connect(t, shared, "operator").EndLease(context.Background(), lock.Lease.ID())))
		<-ctx.Done()
		is(t, context.Cause(ctx), hyperloom.ErrLeaseLost)
		_, err := lock.Put(ctx, tree, 1)
		is(t, err, hyperloom.ErrLeaseLost)
		<-lock.Lost()
		return ctx.Err()
	}, tree)
	is(t, err, hyperloom.ErrLeaseLost)
	is(t, err, hyperloom.ReasonLeaseLost)
}

func TestALockThatWasLostUnnoticedIsToldAtTheEnd(t *testing.T) {
	ctx, client, tree := world(t)
	err := client.WithLock(ctx, hyperloom.LockOptions{}, func(ctx context.Context, lock *hyperloom.Lock) error {
		hyperloom.Silence(lock.Lease)
		return second(client.EndLease(context.Background(), lock.Lease.ID()))
	}, tree)
	is(t, err, hyperloom.ErrLeaseLost)
}

func TestWhatSlipsThroughIsRefusedByTheBroker(t *testing.T) {
	ctx, client, tree := world(t)
	lock, err := client.Lock(ctx, hyperloom.LockOptions{}, tree)
	must(t, err)
	hyperloom.Silence(lock.Lease)
	must(t, second(client.EndLease(ctx, lock.Lease.ID())))
	_, err = lock.Put(ctx, tree, 1)
	is(t, err, hyperloom.ErrStaleFencingToken)
	// The broker's word counts: further calls do not reach it.
	_, err = lock.Put(ctx, tree, 1)
	is(t, err, hyperloom.ErrLeaseLost)
	is(t, lock.Release(ctx), hyperloom.ErrLeaseLost)
}

func TestALeaseTakesItsNodesAlong(t *testing.T) {
	ctx, client, tree := world(t)
	lease, err := client.Lease(ctx, hyperloom.LeaseOptions{TTL: time.Minute, Label: "presence"})
	must(t, err)
	must(t, second(lease.Put(ctx, tree+"/agents/me", "here")))
	leases, err := client.Leases().Collect(ctx)
	must(t, err)
	for _, each := range leases {
		if each.ID == lease.ID() {
			equal(t, each.Nodes, 1)
		}
	}
	ended, err := lease.End(ctx)
	must(t, err)
	equal(t, ended.DeletedNodes, 1)
	_, err = client.Get(ctx, tree+"/agents/me")
	is(t, err, hyperloom.ErrNotFound)
	is(t, lease.Do(ctx, func(context.Context) error { return nil }), hyperloom.ErrState)
	_, err = client.Publish(ctx, hyperloom.Diff{Operations: []operation.Operation{operation.Put(tree, 1).BoundTo(lease)}})
	is(t, err, hyperloom.ErrState)
}

// Waits on real time: the least ttl is a second. A machine that stands still for that long loses the lease rightly, so it tries again.
func TestALeaseLivesOnForLongerThanItsTTL(t *testing.T) {
	ctx, client, _ := world(t)
	until(t, func() bool {
		lease, err := client.Lease(ctx, hyperloom.LeaseOptions{TTL: time.Second})
		must(t, err)
		defer lease.Close(ctx)
		<-time.After(1_500 * time.Millisecond)
		return lease.Check() == nil
	})
}

func TestALeaseOfAnotherIsNamedAndKept(t *testing.T) {
	ctx, client, tree := world(t)
	owner := connect(t, shared, "owner")
	lease, err := owner.Lease(ctx, hyperloom.LeaseOptions{TTL: time.Minute})
	must(t, err)
	kept, err := client.KeepLease(ctx, lease.ID())
	must(t, err)
	equal(t, kept.Info.Author, "owner")
	lock, err := client.Lock(ctx, hyperloom.LockOptions{Lease: kept}, tree)
	must(t, err)
	kept.Close(ctx)
	// The lock is of the lease, and that goes on.
	must(t, second(lock.Put(ctx, tree, 1)))
	must(t, lease.Check())

	brief, err := owner.Lease(ctx, hyperloom.LeaseOptions{TTL: time.Second})
	must(t, err)
	kept, err = client.KeepLease(ctx, brief.ID())
	must(t, err)
	is(t, kept.Do(ctx, func(ctx context.Context) error {
		must(t, second(client.EndLease(context.Background(), brief.ID())))
		<-ctx.Done()
		return ctx.Err()
	}), hyperloom.ErrLeaseLost)
	_, err = client.KeepLease(ctx, brief.ID())
	is(t, err, hyperloom.ErrLeaseLost)
	is(t, err, hyperloom.ReasonLeaseNotFound)

	ended, err := client.AttachLease(lease.ID()).End(ctx)
	must(t, err)
	equal(t, ended.ReleasedLocks, 1)
	is(t, second(lock.Put(ctx, tree, 2)), hyperloom.ErrStaleFencingToken)
	equal(t, lock.Held(), false)
}

func TestAClientThatIsClosedLeavesWhatItOnlyKept(t *testing.T) {
	ctx, client, _ := world(t)
	lease, err := client.Lease(ctx, hyperloom.LeaseOptions{TTL: time.Minute})
	must(t, err)
	brief := connect(t, shared, "brief")
	kept, err := brief.KeepLease(ctx, lease.ID())
	must(t, err)
	named := brief.AttachLease(lease.ID())
	must(t, brief.Close())
	equal(t, fmt.Sprint(kept.Over(), named.Over()), "true false")
	must(t, second(lease.Put(ctx, "/left/here", 1)))
	must(t, second(lease.End(ctx)))
}
