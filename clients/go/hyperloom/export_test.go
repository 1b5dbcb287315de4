package hyperloom

import (
	"context"

	hyperloomv1 "hyperloom.dev/go/gen/hyperloom/v1"
)

// What tests of the package's behaviour need of its inside.

// Abandon ends the signs of life for a ghost, as if this process had ended.
func Abandon(g *Ghost) { g.connection.keeper.release(g.kept) }

// Pretend lets this process believe that the broker told one more edition of a ghost than it did, as if a crash had taken it.
func Pretend(g *Ghost) { g.staged.see(g.staged.known() + 1) }

// Silence ends the signs of life for a lease, and leaves this process's belief that it holds it.
func Silence(l *Lease) { l.connection.keeper.release(l.kept) }

// EndLease ends a lease that someone else holds.
func (c *Client) EndLease(ctx context.Context, id string) (*hyperloomv1.EndLeaseResponse, error) {
	request := &hyperloomv1.EndLeaseRequest{LeaseId: id, Author: c.agent.author, RequestId: c.connection.nextRequestID()}
	return call(ctx, c.connection, c.connection.locks.EndLease, request, "the end of the lease")
}

// Of is an error as one of this package.
func Of(err error) *Error { return asError(err) }
