package main

import (
	"context"
	"fmt"
	"time"

	"hyperloom.dev/go/hyperloom"
)

// Acquires, writes through the lock, asks the client whether it still holds, releases.
func workUnderLocks(a *agent) {
	for a.isOpen.Load() {
		oneTenure(a)
		a.sleep(50)
	}
}

func oneTenure(a *agent) {
	path := fmt.Sprintf("/lock/%d", a.below(2))
	ttlMs := 1_000 + a.below(1_000)
	wait := time.Duration(200+a.below(2_000)) * time.Millisecond
	var lock *hyperloom.Lock
	wants := fields{"type": "acquire", "path": path, "ttlMs": ttlMs}
	acquired := a.call(wants, func(ctx context.Context, _ string) (fields, error) {
		options := hyperloom.LockOptions{TTL: time.Duration(ttlMs) * time.Millisecond, Wait: wait}
		var err error
		if lock, err = a.client.Lock(ctx, options, path); err != nil {
			return nil, err
		}
		return fields{"token": lock.FencingToken(), "givenId": lock.Lease.ID()}, nil
	})
	if !acquired.ok() {
		return
	}
	for range 2 + a.below(6) {
		if !a.holds(acquired.id, lock.Check) {
			break
		}
		a.write(writing{steps: putPair(path, a.token()), tenure: acquired.id, through: lock.Publish})
		a.sleep(60)
	}
	a.holds(acquired.id, lock.Check)
	a.call(fields{"type": "release", "tenure": acquired.id}, func(ctx context.Context, _ string) (fields, error) {
		return nil, lock.Release(ctx)
	})
}

// Writes to the places that others lock, without a lock.
func intrude(a *agent) {
	for a.isOpen.Load() {
		path := fmt.Sprintf("/lock/%d", a.below(2))
		lockWait := time.Duration(a.below(3)*150) * time.Millisecond
		a.write(writing{steps: putPair(path, a.token()), lockWait: lockWait})
		a.readNodes([]string{path + "/a", path + "/b"}, "linearizable", 0)
		a.sleep(80)
	}
}

// Shows its presence by nodes that go with a lease.
func bePresent(a *agent) {
	for a.isOpen.Load() {
		onePresence(a)
		a.sleep(100)
	}
}

func onePresence(a *agent) {
	ttlMs := 1_000 + a.below(1_000)
	var lease *hyperloom.Lease
	granted := a.call(fields{"type": "grant", "ttlMs": ttlMs}, func(ctx context.Context, _ string) (fields, error) {
		var err error
		if lease, err = a.client.Lease(ctx, hyperloom.LeaseOptions{TTL: time.Duration(ttlMs) * time.Millisecond}); err != nil {
			return nil, err
		}
		return fields{"givenId": lease.ID()}, nil
	})
	if !granted.ok() {
		return
	}
	requestID := a.token()
	steps := []step{{"put", "/presence/" + granted.id, requestID}}
	a.publish(writing{steps: steps, lease: lease, grant: granted.id}, requestID, "")
	for range 1 + a.below(4) {
		a.sleep(400)
		if !a.holds(granted.id, lease.Check) {
			break
		}
	}
	a.call(fields{"type": "release", "tenure": granted.id}, func(ctx context.Context, _ string) (fields, error) {
		_, err := lease.End(ctx)
		return nil, err
	})
}

// Looks at who else is there. There are never as many as a page holds.
func lookAround(a *agent) {
	for a.isOpen.Load() {
		a.call(fields{"type": "list", "path": "/presence"}, func(ctx context.Context, _ string) (fields, error) {
			for page, err := range a.client.List("/presence", hyperloom.Listing{}, hyperloom.Linearizable()).Pages(ctx) {
				if err != nil {
					return nil, err
				}
				return fields{"revision": page.Revision, "nodes": nodesOf(nil, page.Items)}, nil
			}
			panic("a listing without a page")
		})
		a.sleep(250)
	}
}
