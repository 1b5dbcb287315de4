package hyperloom

import (
	"context"

	hyperloomv1 "hyperloom.dev/go/gen/hyperloom/v1"
)

// Ghosts lists ghosts in a state (live, committed, reverted or expired; empty: live), newest first.
func (c *Client) Ghosts(state string) *Paged[GhostState] {
	states := map[string]hyperloomv1.GhostState{
		"committed": hyperloomv1.GhostState_GHOST_STATE_COMMITTED,
		"reverted":  hyperloomv1.GhostState_GHOST_STATE_REVERTED,
		"expired":   hyperloomv1.GhostState_GHOST_STATE_EXPIRED,
		"live":      hyperloomv1.GhostState_GHOST_STATE_LIVE,
	}
	return plainPaged(func(ctx context.Context, token string) (Page[GhostState], error) {
		request := &hyperloomv1.ListGhostsRequest{Forest: c.agent.forest, State: states[state], PageToken: token}
		answer, err := call(ctx, c.connection, c.connection.context.ListGhosts, request, "the listing")
		return Page[GhostState]{
			Items: mapped(answer.GetGhosts(), ghostStateFrom), NextPageToken: answer.GetNextPageToken(),
		}, err
	})
}

// KeepAlive is a sign of life for ghosts that someone else owns. It tells which of them live; the others are over.
func (c *Client) KeepAlive(ctx context.Context, ghostIDs ...string) ([]string, error) {
	request := &hyperloomv1.KeepAliveRequest{Forest: c.agent.forest, GhostIds: ghostIDs}
	answer, err := call(ctx, c.connection, c.connection.context.KeepAlive, request, "the sign of life")
	return answer.GetLiveGhostIds(), err
}

// Locks tells who holds what, who waits, and for whom, in the order of asking: only locks with a target at the path, below or
// above, and only this lease's. Empty: all.
func (c *Client) Locks(path, leaseID string) *Paged[InspectedLock] {
	return plainPaged(func(ctx context.Context, token string) (Page[InspectedLock], error) {
		request := &hyperloomv1.InspectLocksRequest{
			Forest: c.agent.forest, Path: path, LeaseId: leaseID, PageToken: token,
		}
		answer, err := call(ctx, c.connection, c.connection.locks.InspectLocks, request, "the listing")
		return Page[InspectedLock]{
			Items: mapped(answer.GetLocks(), inspectedLockFrom), NextPageToken: answer.GetNextPageToken(),
		}, err
	})
}

// Leases lists the leases that live, oldest first.
func (c *Client) Leases() *Paged[LeaseState] { return c.leases(0) }

func (c *Client) leases(pageSize uint32) *Paged[LeaseState] {
	return plainPaged(func(ctx context.Context, token string) (Page[LeaseState], error) {
		request := &hyperloomv1.ListLeasesRequest{Forest: c.agent.forest, PageSize: pageSize, PageToken: token}
		answer, err := call(ctx, c.connection, c.connection.locks.ListLeases, request, "the listing")
		return Page[LeaseState]{
			Items: mapped(answer.GetLeases(), leaseStateFrom), NextPageToken: answer.GetNextPageToken(),
		}, err
	})
}

// ReleaseLock gives a lock back that this process does not hold itself, or gives up waiting for it.
func (c *Client) ReleaseLock(ctx context.Context, lockID, leaseID string) error {
	return releaseLock(ctx, c.connection, c.agent, lockID, leaseID)
}

// HistoryOptions say what to tell of what happened.
type HistoryOptions struct {
	// Path: only events that change something here or below. Default: all.
	Path string
	// AfterPosition and UntilPosition bound the journal positions; 0: no bound.
	AfterPosition, UntilPosition uint64
	// AfterRevision: only trunk events after this revision.
	AfterRevision uint64
	// Everything: ghosts' events too.
	Everything  bool
	NewestFirst bool
	// PageSize is at most 1,000 events, 100 by default.
	PageSize uint32
	// Form in which values are told. Default: as they are stored.
	Form Form
}

// History is what happened, in pages.
func (c *Client) History(options HistoryOptions) *Paged[*Event] {
	request := &hyperloomv1.HistoryRequest{
		Forest:        c.agent.forest,
		Path:          options.Path,
		AfterPosition: options.AfterPosition,
		UntilPosition: options.UntilPosition,
		AfterRevision: options.AfterRevision,
		PageSize:      options.PageSize,
		Form:          options.Form.message(),
	}
	if options.Everything {
		request.Scope = hyperloomv1.HistoryScope_HISTORY_SCOPE_EVERYTHING
	}
	if options.NewestFirst {
		request.Order = hyperloomv1.HistoryOrder_HISTORY_ORDER_NEWEST_FIRST
	}
	return plainPaged(func(ctx context.Context, token string) (Page[*Event], error) {
		answer, err := call(ctx, c.connection, c.connection.context.History, withToken(request, token), "the history")
		return Page[*Event]{Items: mapped(answer.GetEvents(), eventFrom), NextPageToken: answer.GetNextPageToken()}, err
	})
}

// Diff is what differs between two revisions, in the order of paths, in pages. 0 as the first: before the first one; 0 as the
// second: the newest. form is in which form values are told; by default as they are stored.
func (c *Client) Diff(fromRevision, toRevision uint64, path string, pageSize uint32, form ...Form) *Paged[Difference] {
	sides := &hyperloomv1.DiffRequest_Revisions{
		Revisions: &hyperloomv1.RevisionRange{FromRevision: fromRevision, ToRevision: toRevision},
	}
	return diff(&c.verbs, &hyperloomv1.DiffRequest{Path: path, Sides: sides, PageSize: pageSize}, form)
}

func diff(v *verbs, request *hyperloomv1.DiffRequest, form []Form) *Paged[Difference] {
	for _, each := range form {
		request.Form = each.message()
	}
	request.Forest = v.agent.forest
	return plainPaged(func(ctx context.Context, token string) (Page[Difference], error) {
		answer, err := call(ctx, v.connection, v.connection.context.Diff, withToken(request, token), "the diff")
		return Page[Difference]{
			Items: mapped(answer.GetDifferences(), differenceFrom), NextPageToken: answer.GetNextPageToken(),
		}, err
	})
}

// Blame tells which publish made each value, of the node and so many levels below it, as of a trunk revision (0: the newest).
func (c *Client) Blame(path string, depth uint32, atRevision uint64) *Paged[BlameLine] {
	request := &hyperloomv1.BlameRequest{Forest: c.agent.forest, Path: path, Depth: depth, AtRevision: atRevision}
	return plainPaged(func(ctx context.Context, token string) (Page[BlameLine], error) {
		answer, err := call(ctx, c.connection, c.connection.context.Blame, withToken(request, token), "the blame")
		return Page[BlameLine]{
			Items: mapped(answer.GetLines(), blameLineFrom), NextPageToken: answer.GetNextPageToken(),
		}, err
	})
}
