package main

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// load says how much of a work is done, and how.
type load struct {
	inFlight, connections, count, keys, valueBytes, writes, subscribers, perSecond, burst, replicas, atLeast, attempts int
}

// seen is what a work saw. Latencies are in microseconds.
type seen struct {
	PerSecond float64 `json:"perSecond"`
	P50Us     float64 `json:"p50Us"`
	P95Us     float64 `json:"p95Us"`
	P99Us     float64 `json:"p99Us"`
	// ClientCPUUs is the driver's own CPU time, an operation's share: it runs on the same cores.
	ClientCPUUs float64 `json:"clientCpuUs"`
	// Count is how many operations, or deliveries, there were.
	Count int `json:"count"`
	// Lost is how many appends were acknowledged and are not there; nil for works that do not append.
	Lost *int `json:"lost,omitempty"`
}

// closed runs operations, inFlight at a time, each worker beginning the next one when its last one has ended.
func closed(ctx context.Context, inFlight, count int, operation func(ctx context.Context, index int) error) (seen, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	latencies := make([]time.Duration, count)
	var next atomic.Int64
	var workers sync.WaitGroup
	start := time.Now()
	for range inFlight {
		workers.Go(func() {
			for index := int(next.Add(1)) - 1; index < count && ctx.Err() == nil; index = int(next.Add(1)) - 1 {
				began := time.Now()
				if err := operation(ctx, index); err != nil {
					cancel(err)
					return
				}
				latencies[index] = time.Since(began)
			}
		})
	}
	workers.Wait()
	if err := context.Cause(ctx); err != nil {
		return seen{}, err
	}
	return summary(latencies, time.Since(start)), nil
}

func summary(latencies []time.Duration, took time.Duration) seen {
	slices.Sort(latencies)
	at := func(share float64) float64 {
		index := min(len(latencies)-1, int(share*float64(len(latencies))))
		return float64(latencies[index].Nanoseconds()) / 1_000
	}
	return seen{
		PerSecond: float64(len(latencies)) / took.Seconds(),
		P50Us:     at(0.50),
		P95Us:     at(0.95),
		P99Us:     at(0.99),
		Count:     len(latencies),
	}
}
