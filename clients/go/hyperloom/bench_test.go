package hyperloom_test

import (
	"context"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"hyperloom.dev/go/hyperloom"
	"hyperloom.dev/go/hyperloom/operation"
)

// go test -run '^$' -bench . ./hyperloom: what a publish costs this client, against a broker on the same machine. Every publish
// is durable when it counts.

var benchText = strings.Repeat("x", 200)

func benchDiff(index int) hyperloom.Diff {
	path := "/session_" + strconv.Itoa(index%100) + "/memory/note"
	return hyperloom.Diff{Operations: []operation.Operation{operation.Put(path, benchText)}}
}

func benchClient(b *testing.B) *hyperloom.Client {
	b.Helper()
	client, err := hyperloom.Connect(shared.address, hyperloom.Options{Author: "bench"})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { client.Close() })
	return client
}

// cpu reports what this process, which is the client alone, has computed for each operation since it was called: on a busy machine
// that is the figure to compare.
func cpu(b *testing.B) func() {
	began := cpuTime(b)
	return func() { b.ReportMetric(float64((cpuTime(b)-began).Nanoseconds())/1e3/float64(b.N), "cpu-µs/op") }
}

func cpuTime(b *testing.B) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// One goroutine, up to 4,096 in flight.
func BenchmarkSubmit(b *testing.B) {
	client, ctx := benchClient(b), context.Background()
	b.ReportAllocs()
	defer cpu(b)()
	var last *hyperloom.Pending
	index := 0
	for b.Loop() {
		pending, err := client.Submit(ctx, benchDiff(index))
		if err != nil {
			b.Fatal(err)
		}
		last = pending
		index++
	}
	if _, err := last.Wait(ctx); err != nil {
		b.Fatal(err)
	}
}

// Fifty goroutines, each of which waits for its own.
func BenchmarkPublishFromFiftyGoroutines(b *testing.B) {
	client, ctx := benchClient(b), context.Background()
	b.SetParallelism(25)
	defer cpu(b)()
	b.RunParallel(func(loop *testing.PB) {
		for index := 0; loop.Next(); index++ {
			if _, err := client.Publish(ctx, benchDiff(index)); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

// One after the other: what a publish takes.
func BenchmarkPublish(b *testing.B) {
	client, ctx := benchClient(b), context.Background()
	defer cpu(b)()
	index := 0
	for b.Loop() {
		if _, err := client.Publish(ctx, benchDiff(index)); err != nil {
			b.Fatal(err)
		}
		index++
	}
}

func BenchmarkGet(b *testing.B) {
	client, ctx := benchClient(b), context.Background()
	if _, err := client.Publish(ctx, benchDiff(0)); err != nil {
		b.Fatal(err)
	}
	defer cpu(b)()
	for b.Loop() {
		if _, err := client.Get(ctx, "/session_0/memory/note"); err != nil {
			b.Fatal(err)
		}
	}
}
