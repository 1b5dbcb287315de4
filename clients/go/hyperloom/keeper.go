package hyperloom

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

// beat sends a sign of life for ghosts and leases of a forest; says which of them live.
type beat func(ctx context.Context, forest string, ghosts, leases []string) (map[string]bool, error)

// keeper sends signs of life for the ghosts and leases of one connection, in the background: one KeepAlive for all of a forest.
// It hears of what ends by the broker's word, and for leases by this process's clock when the broker is silent.
type keeper struct {
	beat    beat
	logger  *slog.Logger
	closing context.Context
	end     context.CancelFunc

	mutex sync.Mutex
	table keptTable
	timer *time.Timer
}

func newKeeper(beat beat, logger *slog.Logger) *keeper {
	k := &keeper{beat: beat, logger: logger, table: make(keptTable)}
	k.closing, k.end = context.WithCancel(context.Background())
	return k
}

// keep begins to keep something alive.
func (k *keeper) keep(each *kept) {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	k.table.add(each, time.Now())
	k.arm()
}

// release ends it.
func (k *keeper) release(each *kept) {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	delete(k.table, each)
}

// leave ends it for something that lives on without this process, which knows no more when it is over.
func (k *keeper) leave(each *kept) {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	delete(k.table, each)
	each.expires = time.Time{}
}

// hasExpired tells whether a lease is over by this process's clock.
func (k *keeper) hasExpired(each *kept) bool {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	return !each.expires.IsZero() && !each.expires.After(time.Now())
}

// confirm sends a sign now and waits for the answer.
func (k *keeper) confirm(ctx context.Context, each *kept) error {
	return k.sign(ctx, []*kept{each})
}

// close ends it for all.
func (k *keeper) close() {
	k.end()
	k.mutex.Lock()
	defer k.mutex.Unlock()
	k.table = make(keptTable)
	if k.timer != nil {
		k.timer.Stop()
	}
}

// arm sets the timer to the next thing to do. The mutex is held.
func (k *keeper) arm() {
	next := k.table.next()
	if next.IsZero() || k.closing.Err() != nil {
		return
	}
	if k.timer == nil {
		k.timer = time.AfterFunc(time.Until(next), k.tick)
	} else {
		k.timer.Reset(time.Until(next))
	}
}

func (k *keeper) tick() {
	k.mutex.Lock()
	now := time.Now()
	expired := k.table.takeExpired(now)
	groups := k.table.takeDue(now)
	k.arm()
	k.mutex.Unlock()
	for _, each := range expired {
		each.onOver("no sign of life was answered for " + each.ttl.String())
	}
	for _, group := range groups {
		go func() {
			ctx, cancel := context.WithTimeout(k.closing, shortest(group))
			defer cancel()
			_ = k.sign(ctx, group) // It is logged, and comes again.
		}()
	}
}

func (k *keeper) sign(ctx context.Context, group []*kept) error {
	sent := time.Now()
	var ghosts, leases []string
	for _, each := range group {
		if each.isLease {
			leases = append(leases, each.id)
		} else {
			ghosts = append(ghosts, each.id)
		}
	}
	live, err := k.beat(ctx, group[0].forest, ghosts, leases)
	if err != nil && !errors.Is(err, ReasonForestNotFound) {
		if k.closing.Err() == nil {
			k.logger.Warn("no sign of life", "ghosts", len(ghosts), "leases", len(leases), "error", err)
		}
		k.mutex.Lock()
		defer k.mutex.Unlock()
		k.table.failed(group, time.Now())
		k.arm()
		return err
	}
	k.mutex.Lock()
	over := k.table.answered(group, sent, live)
	k.arm()
	k.mutex.Unlock()
	for _, each := range over {
		each.onOver("the broker has ended it")
	}
	return nil
}

func shortest(group []*kept) time.Duration {
	least := group[0].interval()
	for _, each := range group {
		least = min(least, each.interval())
	}
	return least
}
