package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// readyMax is how long subscribers may take until each has seen something.
const readyMax = 30 * time.Second

// deliveredMax is how long the last deliveries may take after the last publish.
const deliveredMax = 60 * time.Second

// fanOutWork puts values that tell when they were sent, and measures how each subscriber gets each of them, in order.
func fanOutWork(ctx context.Context, target store, load load) (seen, error) {
	feed, err := subscribeAll(ctx, target, load)
	if err != nil {
		return seen{}, err
	}
	defer feed.stop()
	if err := feed.untilReady(ctx, target); err != nil {
		return seen{}, err
	}
	start := time.Now()
	bursts := (load.count + load.burst - 1) / load.burst
	_, err = closed(ctx, load.inFlight, bursts, func(ctx context.Context, index int) error {
		first := index * load.burst
		if load.perSecond > 0 {
			due := start.Add(time.Duration(first) * time.Second * time.Duration(load.subscribers) / time.Duration(load.perSecond))
			time.Sleep(time.Until(due))
		}
		return publishAll(ctx, target, first, min(first+load.burst, load.count), load.valueBytes)
	})
	if err != nil {
		return seen{}, err
	}
	return feed.result(start, load)
}

// publishAll publishes the values from first up to, not including, end at once.
func publishAll(ctx context.Context, target store, first, end, bytes int) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var all sync.WaitGroup
	for index := first; index < end; index++ {
		all.Go(func() {
			if err := target.Publish(ctx, fmt.Sprintf("/feed/note_%d", index%100), stamped(bytes)); err != nil {
				cancel(err)
			}
		})
	}
	all.Wait()
	if err := context.Cause(ctx); err != nil {
		return err
	}
	if late, is := target.(settler); is {
		return late.Settled()
	}
	return nil
}

// feed is what all subscribers have got.
type feed struct {
	latencies []time.Duration
	delivered atomic.Int64
	// isReady is true of each subscriber that has got the first value, isStarted once what comes is counted.
	isReady []atomic.Bool
	stops   []func()
}

const probe = "probe"

func subscribeAll(ctx context.Context, target store, load load) (*feed, error) {
	all := &feed{
		latencies: make([]time.Duration, load.count*load.subscribers),
		isReady:   make([]atomic.Bool, load.subscribers),
	}
	for subscriber := range load.subscribers {
		stop, err := target.Watch(ctx, "/feed", func(value string) { all.got(subscriber, value) })
		if err != nil {
			all.stop()
			return nil, err
		}
		all.stops = append(all.stops, stop)
	}
	return all, nil
}

func (f *feed) got(subscriber int, value string) {
	if value == probe {
		f.isReady[subscriber].Store(true)
		return
	}
	sent, _, _ := strings.Cut(value, " ")
	nanoseconds, err := strconv.ParseInt(sent, 10, 64)
	if err != nil {
		return
	}
	place := f.delivered.Add(1) - 1
	if place < int64(len(f.latencies)) {
		f.latencies[place] = time.Since(time.Unix(0, nanoseconds))
	}
}

// untilReady publishes until everybody hears it: a subscription may begin a moment after it was asked for.
func (f *feed) untilReady(ctx context.Context, target store) error {
	for deadline := time.Now().Add(readyMax); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if err := target.Publish(ctx, "/feed/probe", probe); err != nil {
			return err
		}
		ready := true
		for subscriber := range f.isReady {
			ready = ready && f.isReady[subscriber].Load()
		}
		if ready {
			return nil
		}
	}
	return fmt.Errorf("not all subscribers were ready within %s", readyMax)
}

func (f *feed) result(start time.Time, load load) (seen, error) {
	wanted := int64(load.count * load.subscribers)
	for deadline := time.Now().Add(deliveredMax); f.delivered.Load() < wanted; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			return seen{}, fmt.Errorf("%d of %d deliveries came", f.delivered.Load(), wanted)
		}
	}
	return summary(f.latencies, time.Since(start)), nil
}

func (f *feed) stop() {
	for _, stop := range f.stops {
		stop()
	}
}

// stamped is a value that begins with the moment at which it was made.
func stamped(bytes int) string {
	head := strconv.FormatInt(time.Now().UnixNano(), 10) + " "
	return head + valueOf(max(0, bytes-len(head)))
}
