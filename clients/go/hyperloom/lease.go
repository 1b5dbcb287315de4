package hyperloom

import (
	"context"
	"errors"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/durationpb"

	hyperloomv1 "hyperloom.dev/go/gen/hyperloom/v1"
	"hyperloom.dev/go/hyperloom/operation"
)

// LeaseState is a lease as it was told.
type LeaseState struct {
	ID        string
	TTL       time.Duration
	Author    string
	Label     string
	GrantTime time.Time
	// Locks that it holds or waits for, Nodes that are bound to it, Ghosts that were begun under it and still live.
	Locks, Nodes, Ghosts uint64
}

// LeaseEnded is the outcome of ending a lease.
type LeaseEnded struct {
	// Revision that deleted the nodes bound to it; 0 where there were none.
	Revision       uint64
	DeletedNodes   uint64
	ReleasedLocks  uint64
	RevertedGhosts uint64
}

// LeaseOptions say what lease is taken.
type LeaseOptions struct {
	// TTL is how long it outlives this process: 1 s to 24 h, 30 s by default.
	TTL time.Duration
	// Label is what it is, in a few words.
	Label string
}

// leaseHold is whether a handle keeps its lease alive and ends it, keeps it alive only, or just names it.
type leaseHold int

const (
	leaseOwned leaseHold = iota
	leaseKept
	leaseNamed
)

// Lease is kept alive in the background while this process lives. Nodes, ghosts and locks that name it end with it.
type Lease struct {
	// Info is what the broker told when it was granted; of an attached one only its ID is known.
	Info LeaseState

	connection *connection
	agent      *agent
	right      *right
	kept       *kept
	isOwned    bool
}

// Lease takes a lease. End it; the broker does so ttl after the last sign of this process. Presence is the plain use:
//
//	lease, err := client.Lease(ctx, hyperloom.LeaseOptions{TTL: 10 * time.Second})
//	…
//	lease.Put(ctx, "/session_1/agents/planner", "at work")
func (c *Client) Lease(ctx context.Context, options LeaseOptions) (*Lease, error) {
	request := &hyperloomv1.GrantLeaseRequest{
		Forest:    c.agent.forest,
		Label:     options.Label,
		Author:    c.agent.author,
		RequestId: c.connection.nextRequestID(),
	}
	if options.TTL > 0 {
		request.Ttl = durationpb.New(options.TTL)
	}
	began := time.Now()
	answer, err := call(ctx, c.connection, c.connection.locks.GrantLease, request, "the lease")
	if err != nil {
		return nil, err
	}
	return holdLease(ctx, c.connection, c.agent, leaseStateFrom(answer.GetLease()), began)
}

// holdLease takes over a lease that the broker has granted at some time since began.
//
// Its ttl counts from a moment that only the broker knows. The moment of asking is a safe one to count from; after a long wait
// for a lock it would leave no time, so the broker is asked once more then.
func holdLease(ctx context.Context, c *connection, a *agent, info LeaseState, began time.Time) (*Lease, error) {
	if time.Since(began) <= info.TTL/signsPerTTL {
		return newLease(c, a, info, began.Add(info.TTL), leaseOwned), nil
	}
	return newLease(c, a, info, time.Now().Add(info.TTL), leaseOwned).confirmed(ctx)
}

// confirmed is the lease where the broker says that it lives; else it is left.
func (l *Lease) confirmed(ctx context.Context) (*Lease, error) {
	bounded, cancel := l.connection.bounded(ctx)
	defer cancel()
	err := l.connection.keeper.confirm(bounded, l.kept)
	if err == nil {
		err = l.Check()
	}
	if err != nil {
		l.connection.spawn(func() { l.Close(ctx) })
		return nil, err
	}
	return l, nil
}

func newLease(c *connection, a *agent, info LeaseState, expires time.Time, hold leaseHold) *Lease {
	l := &Lease{Info: info, connection: c, agent: a, isOwned: hold == leaseOwned}
	l.kept = &kept{isLease: true, forest: a.forest, id: info.ID, ttl: info.TTL, expires: expires}
	l.right = newRight("lease "+info.ID, nil, func() {
		if c.keeper.hasExpired(l.kept) {
			l.right.lose("no sign of life was answered for "+info.TTL.String(), nil)
		}
	})
	if hold == leaseNamed {
		return l
	}
	l.kept.onOver = func(why string) { l.right.lose(why, nil) }
	l.right.onLost(func(*Error) { l.forget() })
	c.keeper.keep(l.kept)
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.leases[l] = struct{}{}
	return l
}

// ID was made by the broker; it is unique for ever.
func (l *Lease) ID() string { return l.Info.ID }

// Lost is closed when it ended without End, or may have: no sign of life was answered within its ttl.
func (l *Lease) Lost() <-chan struct{} { return l.right.lost }

// Check fails with [ErrLeaseLost] where it is lost, and with [ErrState] where it was ended.
func (l *Lease) Check() error { return l.right.check() }

// Over: it was ended or lost, as far as this process knows.
func (l *Lease) Over() bool { return l.right.check() != nil }

// Put sets a value at a node that goes with the lease.
func (l *Lease) Put(ctx context.Context, path string, value any) (Published, error) {
	v := &verbs{connection: l.connection, agent: l.agent, fence: l.fence()}
	return v.one(ctx, operation.Put(path, value).BoundTo(l))
}

// Do runs work under the lease. When the lease is lost, the work's context is cancelled, and Do fails with [ErrLeaseLost].
func (l *Lease) Do(ctx context.Context, work func(ctx context.Context) error) error {
	return l.fence().do(ctx, work)
}

// End ends it, and with it its locks, its ghosts, and the nodes that are bound to it.
func (l *Lease) End(ctx context.Context) (LeaseEnded, error) {
	if err := l.Check(); err != nil {
		return LeaseEnded{}, err
	}
	l.forget()
	l.right.giveBack()
	request := &hyperloomv1.EndLeaseRequest{
		Forest:    l.agent.forest,
		LeaseId:   l.ID(),
		Author:    l.agent.author,
		RequestId: l.connection.nextRequestID(),
	}
	answer, err := call(ctx, l.connection, l.connection.locks.EndLease, request, "the end of the lease")
	if errors.Is(err, ErrLeaseLost) || errors.Is(err, ErrNotFound) {
		l.right.reclaim()
		l.right.lose("the broker had ended it before", err)
		return LeaseEnded{}, l.right.loss()
	}
	if err != nil {
		return LeaseEnded{}, err
	}
	l.agent.see(answer.GetRevision())
	return LeaseEnded{
		answer.GetRevision(), answer.GetDeletedNodes(), answer.GetReleasedLocks(), answer.GetRevertedGhosts(),
	}, nil
}

// Close ends it if it is one's own and not over; others are kept alive no more. It is for defer, and does its work after the context
// has ended too; what goes wrong is left to the lease's ttl.
func (l *Lease) Close(ctx context.Context) {
	ctx, cancel := leaving(ctx)
	defer cancel()
	l.leave(ctx)
}

func (l *Lease) leave(ctx context.Context) {
	if !l.isOwned {
		l.forget()
		l.connection.keeper.leave(l.kept)
		return
	}
	if l.right.isOver() {
		return
	}
	if _, err := l.End(ctx); err != nil {
		l.connection.logger.Debug("ending a lease", "lease", l.ID(), "error", err)
	}
}

func (l *Lease) fence() *fence {
	return &fence{connection: l.connection, forest: l.agent.forest, lease: l}
}

func (l *Lease) forget() {
	l.connection.keeper.release(l.kept)
	l.connection.mutex.Lock()
	defer l.connection.mutex.Unlock()
	delete(l.connection.leases, l)
}

// do runs work under the fence. Its loss is the outcome, unless the work has failed for a reason of its own.
func (f *fence) do(ctx context.Context, work func(ctx context.Context) error) error {
	if err := f.check(); err != nil {
		return err
	}
	bound, cancel := f.bound(ctx)
	defer cancel()
	err := work(bound)
	var loss *Error
	if errors.As(context.Cause(bound), &loss) && (err == nil || errors.Is(err, context.Canceled)) {
		return loss
	}
	return err
}

// AttachLease is a handle on a lease that someone else owns: neither kept alive nor ended by Close.
func (c *Client) AttachLease(leaseID string) *Lease {
	return newLease(c.connection, c.agent, LeaseState{ID: leaseID}, time.Time{}, leaseNamed)
}

// KeepLease is the same, but kept alive by this client as well until Close: so its loss is told. It fails with [ErrLeaseLost] where
// the lease is over.
func (c *Client) KeepLease(ctx context.Context, leaseID string) (*Lease, error) {
	// How often a sign of life must come, its ttl, is told by the listing alone.
	for info, err := range c.leases(leasesPerPageMax).All(ctx) {
		if err != nil {
			return nil, err
		}
		if info.ID == leaseID {
			return newLease(c.connection, c.agent, info, time.Now().Add(info.TTL), leaseKept).confirmed(ctx)
		}
	}
	return nil, &Error{
		Code: codes.NotFound, Reason: ReasonLeaseNotFound, Message: "there is no lease " + leaseID,
		Metadata: map[string]string{"lease_id": leaseID},
	}
}

func leaseStateFrom(message *hyperloomv1.Lease) LeaseState {
	return LeaseState{
		ID:        message.GetId(),
		TTL:       message.GetTtl().AsDuration(),
		Author:    message.GetAuthor(),
		Label:     message.GetLabel(),
		GrantTime: message.GetGrantTime().AsTime(),
		Locks:     message.GetLocks(),
		Nodes:     message.GetNodes(),
		Ghosts:    message.GetGhosts(),
	}
}
