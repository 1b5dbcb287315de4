package hyperloom

import (
	"context"
	"time"

	hyperloomv1 "hyperloom.dev/go/gen/hyperloom/v1"
)

// Cascade says how far the return of a trunk revision goes.
type Cascade string

// The revision alone; a report of what CascadeAll would do, which changes nothing; the revision with all that was derived from it.
const (
	CascadeNone   Cascade = "none"
	CascadeReport Cascade = "report"
	CascadeAll    Cascade = "all"
)

// RevertCascade is RevertRevision that goes so far. [Reverted.Cascade] says what was undone, or would be.
func (c *Client) RevertCascade(
	ctx context.Context, revision uint64, cascade Cascade, reason string, lockWait time.Duration,
) (Reverted, error) {
	request := &hyperloomv1.RevertRequest{Target: &hyperloomv1.RevertRequest_Revision{Revision: revision}}
	switch cascade {
	case CascadeReport:
		request.Cascade = hyperloomv1.Cascade_CASCADE_REPORT
	case CascadeAll:
		request.Cascade = hyperloomv1.Cascade_CASCADE_ALL
	}
	return sendRevert(ctx, &c.verbs, request, reason, lockWait)
}
