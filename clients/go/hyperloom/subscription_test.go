package hyperloom_test

import (
	"context"
	"fmt"
	"iter"
	"testing"
	"time"

	"hyperloom.dev/go/hyperloom"
	"hyperloom.dev/go/hyperloom/operation"
)

// items pulls one after the other, and fails the test on an error.
func items(t *testing.T, subscription *hyperloom.Subscription) func() hyperloom.Item {
	t.Helper()
	next, stop := iter.Pull2(subscription.Items())
	t.Cleanup(stop)
	return func() hyperloom.Item {
		t.Helper()
		item, err, ok := next()
		must(t, err)
		if !ok {
			return nil
		}
		return item
	}
}

func TestASubscriptionTellsTheStateAndThenEveryChange(t *testing.T) {
	ctx, client, tree := world(t)
	must(t, second(client.Put(ctx, tree+"/a", 1)))
	subscription, err := client.Subscribe(ctx, hyperloom.SubscribeOptions{Results: true, Previous: true}, tree+"/**")
	must(t, err)
	next := items(t, subscription)
	must(t, second(client.Increment(ctx, tree+"/a", 4)))
	must(t, second(client.Append(ctx, tree+"/b", "text")))
	must(t, second(client.Delete(ctx, tree+"/a")))

	snapshot := next().(*hyperloom.Snapshot)
	equal(t, len(snapshot.Nodes), 2)
	incremented := next().(*hyperloom.Event).Changes[0]
	equal(t, incremented.Action, "increment")
	equal(t, incremented.Amount.(int64), 4)
	equal(t, incremented.Sum.String(), "5")
	equal(t, incremented.Previous.Value.String()+incremented.Result.Value.String(), "15")
	appended := next().(*hyperloom.Event).Changes[0]
	equal(t, appended.Appended.(string), "text")
	deleted := next().(*hyperloom.Event)
	equal(t, deleted.Changes[0].Action, "delete")
	equal(t, deleted.Author, "tester")
	subscription.Close()
	if item := next(); item != nil {
		t.Fatalf("%v after the end", item)
	}
}

func TestASubscriptionStartsWhereItIsTold(t *testing.T) {
	ctx, client, tree := world(t)
	first, err := client.Put(ctx, tree, 1)
	must(t, err)
	must(t, second(client.Put(ctx, tree, 2)))
	past, err := client.Subscribe(ctx, hyperloom.SubscribeOptions{Start: hyperloom.AfterRevision(first.Revision)}, tree)
	must(t, err)
	equal(t, items(t, past)().(*hyperloom.Event).Changes[0].Value.String(), "2")
	now, err := client.Subscribe(ctx, hyperloom.SubscribeOptions{Start: hyperloom.FromNow(), Bookmarks: true}, tree)
	must(t, err)
	next := items(t, now)
	bookmark := next().(*hyperloom.Bookmark)
	must(t, second(client.Put(ctx, tree, 3)))
	event := next().(*hyperloom.Event)
	equal(t, event.Changes[0].Value.String(), "3")
	if event.Position <= bookmark.Position {
		t.Fatalf("position %d after %d", event.Position, bookmark.Position)
	}
	_, err = client.Subscribe(ctx, hyperloom.SubscribeOptions{}, "no pattern")
	is(t, err, hyperloom.ReasonInvalidPattern)
}

func TestASubscriptionEndsWithItsContext(t *testing.T) {
	ctx, client, tree := world(t)
	bounded, cancel := context.WithCancel(ctx)
	subscription, err := client.Subscribe(bounded, hyperloom.SubscribeOptions{Start: hyperloom.FromNow()}, tree)
	must(t, err)
	time.AfterFunc(10*time.Millisecond, cancel)
	for _, err := range subscription.Items() {
		is(t, err, hyperloom.ErrCancelled)
	}
}

func TestALargeEventComesWhole(t *testing.T) {
	ctx, client, tree := world(t)
	subscription, err := client.Subscribe(ctx, hyperloom.SubscribeOptions{Start: hyperloom.FromNow()}, tree+"/**")
	must(t, err)
	var operations []operation.Operation
	for index := range 6 {
		operations = append(operations, operation.Put(fmt.Sprintf("%s/%d", tree, index), make([]byte, 2<<20)))
	}
	must(t, second(client.Publish(ctx, hyperloom.Diff{Operations: operations})))
	must(t, second(client.Put(ctx, tree+"/after", 1)))
	next := items(t, subscription)
	equal(t, len(next().(*hyperloom.Event).Changes), 6)
	equal(t, len(next().(*hyperloom.Event).Changes), 1)
}

func TestAGhostsEventsAreToldToThoseWhoWatchItAndEndWithIt(t *testing.T) {
	ctx, client, tree := world(t)
	ghost, err := client.Ghost(ctx, hyperloom.GhostOptions{})
	must(t, err)
	inside, err := ghost.Subscribe(ctx, hyperloom.SubscribeOptions{Start: hyperloom.FromNow()}, tree+"/**")
	must(t, err)
	everything, err := client.Subscribe(ctx, hyperloom.SubscribeOptions{Start: hyperloom.FromNow(), Everything: true}, tree+"/**")
	must(t, err)
	must(t, second(ghost.Put(ctx, tree+"/a", 1)))
	must(t, second(ghost.Commit(ctx, hyperloom.CommitOptions{})))
	var kinds []string
	for item, err := range inside.Items() {
		must(t, err)
		kinds = append(kinds, item.(*hyperloom.Event).Transition.Kind)
	}
	equal(t, fmt.Sprint(kinds), "[staged committed]")
	equal(t, items(t, everything)().(*hyperloom.Event).GhostID, ghost.ID())
}
