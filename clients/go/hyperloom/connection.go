package hyperloom

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"

	hyperloomv1 "hyperloom.dev/go/gen/hyperloom/v1"
)

// sentOnce is for streams of requests: gRPC sends them on one connection only. It would move a stream whose connection broke early to
// the next one by itself, and after that may take no more requests for it, without ending it: see grpc-go's issue 4691.
var sentOnce = grpc.MaxRetryRPCBufferSize(0)

// connection is what the clients, ghosts, locks and subscriptions of one Connect share.
type connection struct {
	channel *grpc.ClientConn
	context hyperloomv1.ContextServiceClient
	locks   hyperloomv1.LockServiceClient
	schemas hyperloomv1.SchemaServiceClient
	reviews hyperloomv1.ReviewServiceClient
	forests hyperloomv1.ForestServiceClient

	timeout   time.Duration
	logger    *slog.Logger
	forest    string // The forest that most publishes of the stream are about.
	publisher *publisher
	keeper    *keeper
	idPrefix  string
	ids       atomic.Uint64

	// traceParent tells the trace context of a call; empty: none.
	traceParent func(context.Context) string

	// closing ends everything that runs for as long as the connection is open.
	closing    context.Context
	end        context.CancelCauseFunc
	background sync.WaitGroup

	mutex  sync.Mutex
	closed bool
	leases map[*Lease]struct{}
}

func newConnection(
	channel *grpc.ClientConn, timeout time.Duration, logger *slog.Logger, traceParent func(context.Context) string, forest string,
) *connection {
	c := &connection{
		channel: channel,
		context: hyperloomv1.NewContextServiceClient(channel),
		locks:   hyperloomv1.NewLockServiceClient(channel),
		schemas: hyperloomv1.NewSchemaServiceClient(channel),
		reviews: hyperloomv1.NewReviewServiceClient(channel),
		forests: hyperloomv1.NewForestServiceClient(channel),
		timeout: timeout,
		logger:  logger,
		forest:  forest,
		leases:  make(map[*Lease]struct{}),

		traceParent: traceParent,
	}
	var random [12]byte
	rand.Read(random[:]) //nolint:errcheck // It never fails: see crypto/rand.
	c.idPrefix = hex.EncodeToString(random[:]) + "-"
	c.closing, c.end = context.WithCancelCause(context.Background())
	c.publisher = newPublisher(c)
	c.keeper = newKeeper(c.keepAlive, logger)
	return c
}

// nextRequestID is unique: the prefix is the connection's own, the number grows.
func (c *connection) nextRequestID() string {
	return c.idPrefix + strconv.FormatUint(c.ids.Add(1), 10)
}

// bounded gives a context that has no deadline the client's own.
func (c *connection) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	return c.boundedBy(ctx, c.timeout)
}

// boundedBy gives a context that has no deadline this one.
func (c *connection) boundedBy(ctx context.Context, timeout time.Duration) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, timeout)
}

// leaving is for what is given back when nobody waits any more: for a few seconds, whatever has become of the caller's context.
func leaving(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), leaveMax)
}

// spawn runs something that the end of the connection waits for.
func (c *connection) spawn(work func()) {
	c.background.Add(1)
	go func() {
		defer c.background.Done()
		work()
	}()
}

// close waits a few seconds for the outcomes of publishes and the ends of leases, then ends everything.
func (c *connection) close() error {
	c.mutex.Lock()
	if c.closed {
		c.mutex.Unlock()
		return nil
	}
	c.closed = true
	leases := make([]*Lease, 0, len(c.leases))
	for lease := range c.leases {
		leases = append(leases, lease)
	}
	c.mutex.Unlock()

	ctx, cancel := context.WithTimeout(context.Background(), leaveMax)
	defer cancel()
	c.publisher.close(ctx)
	for _, lease := range leases {
		lease.leave(ctx)
		lease.right.giveBack()
	}
	c.keeper.close()
	finished := make(chan struct{})
	go func() {
		c.background.Wait()
		close(finished)
	}()
	select {
	case <-finished:
	case <-ctx.Done():
	}
	c.end(errClosed())
	return c.channel.Close()
}

func (c *connection) keepAlive(ctx context.Context, forest string, ghosts, leases []string) (map[string]bool, error) {
	request := &hyperloomv1.KeepAliveRequest{Forest: forest, GhostIds: ghosts, LeaseIds: leases}
	answer, err := call(ctx, c, c.context.KeepAlive, request, "a sign of life")
	if err != nil {
		return nil, err
	}
	live := make(map[string]bool)
	for _, ids := range [][]string{answer.GetLiveGhostIds(), answer.GetLiveLeaseIds()} {
		for _, id := range ids {
			live[id] = true
		}
	}
	return live, nil
}

// call calls, and calls again while the broker is away, until the context ends. Every method may be repeated: those that change
// something carry a request id.
func call[Request, Response any](
	ctx context.Context,
	c *connection,
	method func(context.Context, Request, ...grpc.CallOption) (Response, error),
	request Request,
	doing string,
) (Response, error) {
	bounded, cancel := c.bounded(ctx)
	defer cancel()
	return callUntil(bounded, c, method, request, doing)
}

// callUntil is call without the client's own bound: for what may wait for people.
func callUntil[Request, Response any](
	ctx context.Context,
	c *connection,
	method func(context.Context, Request, ...grpc.CallOption) (Response, error),
	request Request,
	doing string,
) (Response, error) {
	var waits backoff
	for {
		response, err := method(ctx, request)
		if err == nil {
			return response, nil
		}
		failure := errorFrom(ctx, err, doing)
		if c.closing.Err() != nil {
			return response, errClosed()
		}
		wait := waits.next()
		if deadline, ok := ctx.Deadline(); !failure.isRetryable() || ok && time.Until(deadline) <= wait {
			return response, failure
		}
		c.logger.Debug("calling again", "for", doing, "error", failure, "pause", wait)
		if !pause(ctx, wait) {
			return response, errContext(ctx, doing).because(failure)
		}
	}
}
