package hyperloom_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"hyperloom.dev/go/hyperloom"
	"hyperloom.dev/go/hyperloom/gate"
	"hyperloom.dev/go/hyperloom/operation"
)

// count publishes numbers from 1, all in flight, while disturb happens; then checks that each took effect once, in order.
func publishThrough(t *testing.T, ctx context.Context, client *hyperloom.Client, path string, count int, disturb func(index int)) {
	t.Helper()
	pending := make([]*hyperloom.Pending, count)
	for index := range pending {
		submitted, err := client.Submit(ctx, hyperloom.Diff{
			Operations: []operation.Operation{operation.Append(path, []int{index + 1})},
		})
		must(t, err)
		pending[index] = submitted
		disturb(index)
	}
	revisions := make([]uint64, count)
	for index, each := range pending {
		published, err := each.Wait(ctx)
		must(t, err)
		revisions[index] = published.Revision
	}
	if !slices.IsSorted(revisions) {
		t.Fatal("outcomes are not in the order of the publishes")
	}
	checkNumbers(t, ctx, client, path, count)
}

func checkNumbers(t *testing.T, ctx context.Context, client *hyperloom.Client, path string, count int) {
	t.Helper()
	node, err := client.Get(ctx, path)
	must(t, err)
	var numbers []int
	must(t, node.Value.Decode(&numbers))
	equal(t, len(numbers), count)
	for index, number := range numbers {
		equal(t, number, index+1)
	}
}

// watch counts the numbers that a subscription tells, which must come one by one.
func watch(t *testing.T, subscription *hyperloom.Subscription, count int) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		next := 1
		for item, err := range subscription.Items() {
			if err != nil {
				t.Error(err)
				return
			}
			event, ok := item.(*hyperloom.Event)
			if !ok {
				continue
			}
			if got := fmt.Sprintf("%s", event.Changes[0].Appended); got != fmt.Sprintf("[%d]", next) {
				t.Errorf("told %s in place of %d", got, next)
				return
			}
			if next++; next > count {
				return
			}
		}
	}()
	return done
}

func TestABrokerThatIsKilledLosesAndRepeatsNothing(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
	defer cancel()
	b := ownBroker(t)
	publisher, watcher := connect(t, b, "publisher"), connect(t, b, "watcher")
	subscription, err := watcher.Subscribe(ctx, hyperloom.SubscribeOptions{}, "/log")
	must(t, err)
	const count = 6_000
	watched := watch(t, subscription, count)
	publishThrough(t, ctx, publisher, "/log", count, func(index int) {
		if index == 2_000 || index == 4_000 {
			b.restart(t)
		}
	})
	<-watched
}

func TestConnectionsThatAreCutLoseAndRepeatNothing(t *testing.T) {
	ctx, direct, tree := world(t)
	between := startProxy(t, shared.address)
	client, err := hyperloom.Connect(between.listener.Addr().String(), hyperloom.Options{Author: "cut"})
	must(t, err)
	defer client.Close()
	subscription, err := client.Subscribe(ctx, hyperloom.SubscribeOptions{}, tree)
	must(t, err)
	const count = 5_000
	watched := watch(t, subscription, count)
	publishThrough(t, ctx, client, tree, count, func(index int) {
		if index%500 == 250 {
			between.cut()
		}
	})
	<-watched
	checkNumbers(t, ctx, direct, tree, count)
}

func TestCallsWaitForABrokerThatStarts(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	b := ownBroker(t)
	client := connect(t, b, "waiting")
	must(t, second(client.Put(ctx, "/a", 1)))
	b.end(syscall.SIGTERM)
	outcome := make(chan error, 2)
	go func() { outcome <- second(client.Get(ctx, "/a")) }()
	go func() { outcome <- second(client.Increment(ctx, "/a", 1)) }()
	short, end := context.WithTimeout(ctx, 200*time.Millisecond)
	defer end()
	if _, err := client.Get(short, "/a"); err == nil {
		t.Fatal("read from a broker that is not there")
	}
	must(t, b.start())
	must(t, <-outcome)
	must(t, <-outcome)
	node, err := client.Get(ctx, "/a")
	must(t, err)
	equal(t, node.Value.String(), "2")
}

func TestACrashOfTheBrokerLeavesLocksAndGhosts(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	b := ownBroker(t)
	client := connect(t, b, "owner")
	// However long the broker takes to come back.
	lock, err := client.Lock(ctx, hyperloom.LockOptions{TTL: time.Hour}, "/locked")
	must(t, err)
	ghost, err := client.Ghost(ctx, hyperloom.GhostOptions{TTL: time.Hour})
	must(t, err)
	must(t, second(ghost.Put(ctx, "/a", 1)))
	must(t, second(client.Put(ctx, "/durable", 1))) // With it, all before it is on the disk.
	must(t, second(ghost.Checkpoint(ctx, "kept")))
	must(t, second(client.Put(ctx, "/durable", 2)))
	b.restart(t)
	must(t, second(lock.Put(ctx, "/locked/a", 1)))
	_, err = connect(t, b, "other").Put(ctx, "/locked/a", 2)
	is(t, err, hyperloom.ErrLocked)
	must(t, second(ghost.Put(ctx, "/a", 2)))
	must(t, second(ghost.Commit(ctx, hyperloom.CommitOptions{})))
	must(t, lock.Release(ctx))
}

func TestMessagesAreNotAccompaniedByPings(t *testing.T) {
	ctx, _, tree := world(t)
	between := startProxy(t, shared.address)
	client, err := hyperloom.Connect(between.listener.Addr().String(), hyperloom.Options{Author: "quiet"})
	must(t, err)
	defer client.Close()
	for index := range 20 {
		must(t, second(client.Put(ctx, tree, index)))
		must(t, second(client.Get(ctx, tree)))
	}
	equal(t, between.pings.Load(), 0)
}

func TestReviewsAreToldOnceOverLostConnections(t *testing.T) {
	ctx, client, tree := world(t)
	reviewer := "reviewer" + tree
	between := startProxy(t, shared.address)
	critic, err := hyperloom.Connect(between.listener.Addr().String(), hyperloom.Options{Author: "critic"})
	must(t, err)
	defer critic.Close()
	asked, err := critic.Review(reviewer).Subscribe(ctx)
	must(t, err)
	committed := make(chan error, 2)
	for range 2 {
		ghost, err := client.Ghost(ctx, hyperloom.GhostOptions{Gates: []gate.Gate{gate.Review(reviewer)}})
		must(t, err)
		go func() { committed <- second(ghost.Commit(ctx, hyperloom.CommitOptions{})) }()
	}
	told := 0
	for item, err := range asked.Items() {
		must(t, err)
		if review, ok := item.(*hyperloom.PendingReview); ok {
			told++
			between.cut()
			must(t, second(critic.Review(reviewer).Approve(ctx, review, "")))
		}
		if told == 2 {
			break
		}
	}
	must(t, <-committed)
	must(t, <-committed)
}

func TestALeaseIsLostWhenTheBrokerIsSilent(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	b := ownBroker(t)
	client := connect(t, b, "cut off")
	err := client.WithLock(ctx, hyperloom.LockOptions{TTL: time.Second}, func(ctx context.Context, lock *hyperloom.Lock) error {
		_ = b.process.Process.Signal(syscall.SIGSTOP)
		<-ctx.Done()
		_ = b.process.Process.Signal(syscall.SIGCONT)
		return nil
	}, "/a")
	is(t, err, hyperloom.ErrLeaseLost)
}

func TestSeveralAddressesAreOneClient(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	between := startProxy(t, shared.address)
	for _, balancing := range []string{"", "pick_first", "round_robin"} {
		addresses := "127.0.0.1:1, " + between.listener.Addr().String() + "," + shared.address
		client, err := hyperloom.Connect(addresses, hyperloom.Options{LoadBalancing: balancing})
		must(t, err)
		path := "/balanced" + balancing
		must(t, second(client.Put(ctx, path, 1)))
		between.cut()
		node, err := client.Get(ctx, path)
		must(t, err)
		equal(t, node.Value.String(), "1")
		must(t, client.Close())
	}
}

func TestATokenThatCannotBeToldFailsTheCall(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var asked atomic.Int64
	client, err := hyperloom.Connect(shared.address, hyperloom.Options{Token: func(context.Context) (string, error) {
		asked.Add(1)
		return "", errors.New("no token today")
	}})
	must(t, err)
	is(t, second(client.Get(ctx, "/a")), hyperloom.ErrAccess)
	is(t, second(client.Put(ctx, "/a", 1)), hyperloom.ErrAccess)
	equal(t, asked.Load(), 2)
	must(t, client.Close())
}
