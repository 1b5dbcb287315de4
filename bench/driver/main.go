// Command driver puts the same work on Hyperloom, Redis, etcd and NATS, through the client library that each of them recommends for
// Go, and prints what it saw as one line of JSON: operations a second, and latencies in microseconds.
//
//	driver -store redis -address 127.0.0.1:6379 -work put -in-flight 50 -count 100000
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"
)

func main() {
	var load load
	store := flag.String("store", "hyperloom", "hyperloom, redis, etcd, nats or nats-core")
	address := flag.String("address", "127.0.0.1:7400", "host:port; several, with commas between, are one store")
	name := flag.String("work", "put", strings.Join(workNames(), ", "))
	flag.IntVar(&load.inFlight, "in-flight", 50, "operations under way at a time; for fanout: publishers")
	flag.IntVar(&load.connections, "connections", 4, "connections, where the client lets one choose")
	flag.IntVar(&load.count, "count", 10_000, "operations in all")
	flag.IntVar(&load.keys, "keys", 100_000, "nodes that the work goes round")
	flag.IntVar(&load.valueBytes, "value", 200, "bytes of a value")
	flag.IntVar(&load.writes, "writes", 1, "stage, commit: writes before the work is taken back or taken over")
	flag.IntVar(&load.subscribers, "subscribers", 100, "fanout: subscribers, each on a connection of its own")
	flag.IntVar(&load.perSecond, "rate", 0, "fanout: deliveries a second; 0: as many as go")
	flag.IntVar(&load.burst, "burst", 1, "fanout: values that a publisher sends at once; the next ones when all of them are acknowledged")
	flag.IntVar(&load.replicas, "replicas", 1, "nats: how many servers store a bucket")
	flag.IntVar(&load.atLeast, "at-least", 0, "hyperloom, get: the revision that must be seen; 0: all that was acknowledged")
	flag.IntVar(&load.attempts, "attempts", 1, "hyperloom: how often a call is made while its journal is away")
	flag.Parse()
	if err := run(*store, *address, *name, load); err != nil {
		fmt.Fprintln(os.Stderr, "driver:", err)
		os.Exit(1)
	}
}

func run(store, address, name string, load load) error {
	work, known := works[name]
	open, stored := stores[store]
	if !known || !stored {
		return fmt.Errorf("there is no work %q on a store %q", name, store)
	}
	ctx := context.Background()
	target, err := open(ctx, address, load)
	if err != nil {
		return err
	}
	defer target.Close()
	before := cpuTime()
	seen, err := work(ctx, target, load)
	if err != nil {
		return err
	}
	seen.ClientCPUUs = float64((cpuTime() - before).Microseconds()) / float64(seen.Count)
	return json.NewEncoder(os.Stdout).Encode(seen)
}

// cpuTime is what this process has taken so far, in user mode and in the system.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
