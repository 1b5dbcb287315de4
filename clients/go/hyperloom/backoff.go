package hyperloom

import (
	"context"
	"math/rand/v2"
	"time"
)

// backoff gives waiting times between attempts: exponential with full jitter. Never 0, so that no loop spins.
type backoff struct {
	attempt uint
}

func (b *backoff) next() time.Duration {
	ceiling := min(backoffMax, backoffFirst<<min(b.attempt, 16))
	b.attempt++
	return ceiling/10 + rand.N(ceiling-ceiling/10)
}

// reset: the last attempt went well.
func (b *backoff) reset() { b.attempt = 0 }

// pause waits; false where the context ended before.
func pause(ctx context.Context, duration time.Duration) bool {
	timer := time.NewTimer(duration)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
