package main

import (
	"context"

	"hyperloom.dev/go/hyperloom"
)

// Looks at what waits for a reviewer, and decides, now this way and now that.
func review(a *agent) {
	for a.isOpen.Load() {
		for _, pending := range a.pendingReviews() {
			a.decide(pending)
		}
		a.sleep(200)
	}
}

// Of the first page. Where it cannot be had, nothing is decided, and nothing need be known of it.
func (a *agent) pendingReviews() []*hyperloom.PendingReview {
	ctx, cancel := a.timeout()
	defer cancel()
	for page, err := range a.client.Review(reviewer).List().Pages(ctx) {
		if err == nil {
			return page.Items
		}
	}
	return nil
}

func (a *agent) decide(pending *hyperloom.PendingReview) {
	reviews, approves := a.client.Review(reviewer), a.below(3) != 0
	wants := fields{"type": "review", "ghost": pending.Ghost.ID, "approves": approves}
	a.call(wants, func(ctx context.Context, _ string) (fields, error) {
		var err error
		if approves {
			_, err = reviews.Approve(ctx, pending, "right")
		} else {
			_, err = reviews.Reject(ctx, pending, "wrong")
		}
		return nil, err
	})
}
