package hyperloom

import (
	"context"
	"time"
	"unicode/utf8"

	"google.golang.org/protobuf/types/known/durationpb"

	hyperloomv1 "hyperloom.dev/go/gen/hyperloom/v1"
)

// Client speaks for one agent in one forest; see [Client.As]. It may be used from any number of goroutines. Close ends it, with
// all that share its connection.
type Client struct {
	verbs
	speculating
}

func newClient(c *connection, a *agent) *Client {
	client := &Client{}
	client.verbs = verbs{connection: c, agent: a}
	client.speculating = speculating{c.nextRequestID, client.Ghost}
	return client
}

// As is another agent over the same connection. What it has read is its own.
func (c *Client) As(author string) *Client {
	return newClient(c.connection, newAgent(author, c.agent.forest, c.agent.basis != nil))
}

// In is the same agent in another forest, over the same connection.
func (c *Client) In(forest string) *Client {
	return newClient(c.connection, newAgent(c.agent.author, forestName(forest), c.agent.basis != nil))
}

// Close waits a few seconds for the outcomes of publishes and the ends of leases, then closes the connection.
func (c *Client) Close() error { return c.connection.close() }

// Ghost begins a ghost.
func (c *Client) Ghost(ctx context.Context, options GhostOptions) (*Ghost, error) {
	return beginGhost(ctx, c.connection, c.agent, nil, options)
}

// Attach is a handle on a ghost that someone else owns: neither kept alive nor reverted by Close.
func (c *Client) Attach(ctx context.Context, ghostID string) (*Ghost, error) {
	info, err := readGhost(ctx, c.connection, c.agent, ghostID)
	if err != nil {
		return nil, err
	}
	return newGhost(c.connection, c.agent, nil, info, false), nil
}

// RevertRevision writes the inverse of a trunk revision as a new one. It fails with [ErrConflict] where others have built on it.
// lockWait is how long to wait for locks of others that are in the way; as in [Diff].
func (c *Client) RevertRevision(ctx context.Context, revision uint64, reason string, lockWait time.Duration) (Reverted, error) {
	return revertCascade(ctx, &c.verbs, revision, CascadeNone, reason, lockWait)
}

// sendRevert takes back what the request names.
func sendRevert(
	ctx context.Context, v *verbs, request *hyperloomv1.RevertRequest, reason string, lockWait time.Duration,
) (Reverted, error) {
	request.Forest = v.agent.forest
	request.Author = v.agent.author
	request.Reason = cutReason(reason)
	request.RequestId = v.connection.nextRequestID()
	if lockWait > 0 {
		request.LockWait = durationpb.New(lockWait)
	}
	ctx, cancel := v.connection.boundedBy(ctx, v.connection.timeout+lockWait)
	defer cancel()
	answer, err := fenced(ctx, v, v.connection.context.Revert, request, "the revert")
	if err != nil {
		return Reverted{}, err
	}
	v.agent.see(answer.GetRevision())
	return revertedFrom(answer), nil
}

// cutReason cuts a reason to the bytes that the broker takes, at a whole character.
func cutReason(reason string) string {
	if len(reason) <= reasonBytesMax {
		return reason
	}
	end := reasonBytesMax
	for end > 0 && !utf8.RuneStart(reason[end]) {
		end--
	}
	return reason[:end]
}
