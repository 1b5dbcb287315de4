package hyperloom

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"time"

	"google.golang.org/grpc"

	hyperloomv1 "hyperloom.dev/go/gen/hyperloom/v1"
)

// PendingReview is a review that is asked for: somebody wants to commit the ghost, and its gate names the reviewer.
type PendingReview struct {
	// Ghost as it is.
	Ghost    GhostState
	Reviewer string
	// Edition is which state of the ghost it is about: an approval holds for this one alone.
	Edition     uint64
	RequestTime time.Time
	// Label is what the commit was called.
	Label string
}

// SettledReview is a review that is not asked for any more.
type SettledReview struct {
	GhostID  string
	Reviewer string
	Edition  uint64
	// Settlement is approved, rejected, void (the ghost was changed, or ended), or missed: while the connection was lost.
	Settlement string
}

// ReviewItem is what a subscription to reviews delivers: a [*PendingReview] or a [*SettledReview].
type ReviewItem interface {
	isReviewItem()
}

func (*PendingReview) isReviewItem() {}
func (*SettledReview) isReviewItem() {}

// Reviews of ghosts, as the reviewer that their gates name.
type Reviews struct {
	client   *Client
	reviewer string
}

// Reviewer is who decides; empty: all.
func (r *Reviews) Reviewer() string { return r.reviewer }

// Review is for the reviewer that gates name; without a name, for the reviews of all.
func (c *Client) Review(reviewer string) *Reviews { return &Reviews{c, reviewer} }

// List lists the reviews that are asked for, oldest ghost first, in pages.
func (r *Reviews) List() *Paged[*PendingReview] {
	return plainPaged(func(ctx context.Context, token string) (Page[*PendingReview], error) {
		request := &hyperloomv1.ListReviewsRequest{
			Forest: r.client.agent.forest, Reviewer: r.reviewer, PageToken: token,
		}
		answer, err := call(ctx, r.client.connection, r.client.connection.reviews.ListReviews, request, "the listing")
		return Page[*PendingReview]{
			Items: mapped(answer.GetReviews(), pendingReviewFrom), NextPageToken: answer.GetNextPageToken(),
		}, err
	})
}

// Approve lets the ghost as it was reviewed pass; the last approval that was missing commits it. It is the ghost afterwards. It
// fails with [ErrReviewOutdated] where the ghost is not any more what was looked at.
func (r *Reviews) Approve(ctx context.Context, review *PendingReview, reason string) (GhostState, error) {
	return r.decide(ctx, review, hyperloomv1.ReviewDecision_REVIEW_DECISION_APPROVE, reason)
}

// Reject takes the ghost back to its last checkpoint, or to its beginning, and tells its owner why.
func (r *Reviews) Reject(ctx context.Context, review *PendingReview, reason string) (GhostState, error) {
	return r.decide(ctx, review, hyperloomv1.ReviewDecision_REVIEW_DECISION_REJECT, reason)
}

func (r *Reviews) decide(
	ctx context.Context, review *PendingReview, decision hyperloomv1.ReviewDecision, reason string,
) (GhostState, error) {
	c := r.client.connection
	request := &hyperloomv1.ReviewRequest{
		Forest:    r.client.agent.forest,
		GhostId:   review.Ghost.ID,
		Reviewer:  review.Reviewer,
		Edition:   review.Edition,
		Decision:  decision,
		Reason:    cutReason(reason),
		Author:    r.client.agent.author,
		RequestId: c.nextRequestID(),
	}
	answer, err := call(ctx, c, c.reviews.Review, request, "the review")
	if err != nil {
		return GhostState{}, err
	}
	return ghostStateFrom(answer.GetGhost()), nil
}

// ReviewSubscription tells what is asked for: first what is open, then what changes, over lost connections too.
type ReviewSubscription struct {
	stream itemStream[hyperloomv1.SubscribeReviewsResponse, ReviewItem]
	open   openReviews
}

// Subscribe returns when the broker has begun to deliver, and ends with the context or Close.
func (r *Reviews) Subscribe(ctx context.Context) (*ReviewSubscription, error) {
	s := &ReviewSubscription{}
	s.stream.itemsOf = s.open.take
	s.stream.open = func(ctx context.Context) (grpc.ServerStreamingClient[hyperloomv1.SubscribeReviewsResponse], error) {
		s.open.beginStream()
		request := &hyperloomv1.SubscribeReviewsRequest{Forest: r.client.agent.forest, Reviewer: r.reviewer}
		return r.client.connection.reviews.SubscribeReviews(aboutForest(ctx, request.GetForest()), request)
	}
	if err := s.stream.begin(ctx, r.client.connection); err != nil {
		return nil, err
	}
	return s, nil
}

// Items goes through what is told. An error is the last that comes; after Close there is none.
func (s *ReviewSubscription) Items() iter.Seq2[ReviewItem, error] { return s.stream.all(s.stream.next) }

// Close ends it.
func (s *ReviewSubscription) Close() { s.stream.close() }

type reviewKey struct{ ghostID, reviewer string }

// openReviews is what is asked for, as far as a subscription knows; it makes one story of several streams.
//
// Each stream begins with all that is open, up to a bookmark: what was open before and is not named by then was settled while
// no stream was there to tell of it.
type openReviews struct {
	open    map[reviewKey]uint64
	missing map[reviewKey]bool
}

// beginStream is to be called before each.
func (o *openReviews) beginStream() {
	if o.open == nil {
		o.open = make(map[reviewKey]uint64)
	}
	o.missing = make(map[reviewKey]bool)
	for key := range o.open {
		o.missing[key] = true
	}
}

// take is what a message tells that was not told before.
func (o *openReviews) take(message *hyperloomv1.SubscribeReviewsResponse) []ReviewItem {
	switch message := message.GetMessage().(type) {
	case *hyperloomv1.SubscribeReviewsResponse_Requested:
		review := pendingReviewFrom(message.Requested)
		key := reviewKey{review.Ghost.ID, review.Reviewer}
		delete(o.missing, key)
		if edition, known := o.open[key]; !known || edition != review.Edition {
			o.open[key] = review.Edition
			return []ReviewItem{review}
		}
	case *hyperloomv1.SubscribeReviewsResponse_Settled:
		key := reviewKey{message.Settled.GetGhostId(), message.Settled.GetReviewer()}
		delete(o.missing, key)
		if edition, known := o.open[key]; known && edition == message.Settled.GetEdition() {
			delete(o.open, key)
			settlement := word(message.Settled.GetSettlement().String(), "REVIEW_SETTLEMENT_")
			return []ReviewItem{&SettledReview{key.ghostID, key.reviewer, edition, settlement}}
		}
	case *hyperloomv1.SubscribeReviewsResponse_Bookmark:
		return o.takeMissing()
	}
	return nil
}

func (o *openReviews) takeMissing() []ReviewItem {
	var items []ReviewItem
	for key := range o.missing {
		items = append(items, &SettledReview{key.ghostID, key.reviewer, o.open[key], "missed"})
		delete(o.open, key)
	}
	o.missing = nil
	slices.SortFunc(items, func(a, b ReviewItem) int {
		return cmp.Compare(a.(*SettledReview).GhostID, b.(*SettledReview).GhostID)
	})
	return items
}

func pendingReviewFrom(message *hyperloomv1.PendingReview) *PendingReview {
	return &PendingReview{
		Ghost:       ghostStateFrom(message.GetGhost()),
		Reviewer:    message.GetReviewer(),
		Edition:     message.GetEdition(),
		RequestTime: message.GetRequestTime().AsTime(),
		Label:       message.GetLabel(),
	}
}
