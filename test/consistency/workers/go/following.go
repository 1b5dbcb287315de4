package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"hyperloom.dev/go/hyperloom"
	"hyperloom.dev/go/hyperloom/value"
)

// The last thing that is written in a run: who sees it has seen everything.
const endPath = "/end"

// How a subscriber goes about it.
type following struct {
	forest string
	prefix string
	// The longest pause that it makes after an item, as long as others write.
	pauseMsMax int
	// Leaves after about so many items, and comes back for what came after the last of them.
	itemsMax int
}

// Follows a subtree over everything that happens to the broker, and writes down all that it is told, until the end has come.
func follow(a *agent, how following) {
	after := int64(-1)
	for isOver := false; !isOver; {
		id := a.token()
		line := fields{"kind": "subscribed", "id": id, "client": a.name, "forest": a.client.Forest()}
		line["prefix"], line["after"] = how.prefix, after
		a.record.write(line)
		reason, end := "", fields{"kind": "unsubscribed", "id": id}
		var err error
		if after, isOver, err = a.followOnce(id, how, after); err != nil {
			reason = err.Error()
			var refused *hyperloom.Error
			if errors.As(err, &refused) {
				reason = fmt.Sprintf("%v %s", refused.Code, refused.Reason)
				// What it has not seen is gone: it goes on behind that.
				if oldest := refused.OldestRevision(); oldest > 0 {
					after = int64(oldest)
					end["oldest"] = oldest
				}
			}
			a.sleep(100)
		}
		end["reason"] = reason
		a.record.write(end)
	}
}

// Returns the revision behind which it left, and whether the end has come.
func (a *agent) followOnce(id string, how following, after int64) (int64, bool, error) {
	options := hyperloom.SubscribeOptions{Bookmarks: true, BookmarkInterval: 200e6}
	if after >= 0 {
		options.Start = hyperloom.AfterRevision(uint64(after))
	}
	pattern := how.prefix + "/**"
	if how.prefix == "/" {
		pattern = "/**"
	}
	subscription, err := a.client.Subscribe(context.Background(), options, pattern, endPath)
	if err != nil {
		return after, false, err
	}
	defer subscription.Close()
	left := how.itemsMax/2 + a.below(how.itemsMax)
	for item, err := range subscription.Items() {
		if err != nil {
			return after, false, err
		}
		revision, isOver := a.follows(id, item)
		after, left = int64(revision), left-1
		if isOver || left <= 0 {
			return after, isOver, nil
		}
		if how.pauseMsMax > 0 && a.isOpen.Load() {
			a.sleep(how.pauseMsMax)
		}
	}
	return after, false, nil
}

// Writes an item down: its revision, and whether it is the end.
func (a *agent) follows(id string, item hyperloom.Item) (uint64, bool) {
	switch item := item.(type) {
	case *hyperloom.Snapshot:
		nodes := fields{}
		for _, node := range item.Nodes {
			if node.Value.Kind() != value.None {
				nodes[node.Path] = textOf(node.Value)
			}
		}
		a.record.write(fields{"kind": "snapshot", "id": id, "revision": item.Revision, "nodes": nodes})
		return item.Revision, false
	case *hyperloom.Event:
		changes := [][3]string{}
		for _, change := range item.Changes {
			changes = append(changes, toldOf(change))
		}
		a.record.write(fields{"kind": "event", "id": id, "revision": item.Revision, "changes": changes})
		isEnd := func(change hyperloom.Change) bool { return change.Path == endPath }
		return item.Revision, slices.ContainsFunc(item.Changes, isEnd)
	case *hyperloom.Bookmark:
		a.record.write(fields{"kind": "bookmark", "id": id, "revision": item.Revision})
		return item.Revision, false
	default:
		panic("an item of no known kind")
	}
}
