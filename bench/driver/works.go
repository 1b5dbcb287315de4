package main

import (
	"context"
	"errors"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
)

type work func(ctx context.Context, target store, load load) (seen, error)

// works by name. The profiles are those of the seed's own benchmark: reads with a tenth of writes, writes, and work that is taken back.
var works = map[string]work{
	"put":            putWork,
	"publish":        publishWork,
	"get":            getWork,
	"empty":          emptyWork,
	"append":         appendWork,
	"stage":          stageWork(false),
	"commit":         stageWork(true),
	"fanout":         fanOutWork,
	"profile-reads":  profileReads,
	"profile-writes": putWork,
	"profile-revert": stageWork(false),
}

func workNames() []string { return slices.Sorted(maps.Keys(works)) }

const sentence = "Found three sources that agree; the second one cites the first. "

func valueOf(bytes int) string {
	return strings.Repeat(sentence, bytes/len(sentence)+1)[:bytes]
}

func putWork(ctx context.Context, target store, load load) (seen, error) {
	value := valueOf(load.valueBytes)
	return closed(ctx, load.inFlight, load.count, func(ctx context.Context, index int) error {
		return target.Put(ctx, key(index%load.keys), value)
	})
}

func publishWork(ctx context.Context, target store, load load) (seen, error) {
	value := valueOf(load.valueBytes)
	return closed(ctx, load.inFlight, load.count, func(ctx context.Context, index int) error {
		return target.Publish(ctx, key(index%load.keys), value)
	})
}

func getWork(ctx context.Context, target store, load load) (seen, error) {
	return closed(ctx, load.inFlight, load.count, func(ctx context.Context, _ int) error {
		return target.Get(ctx, key(rand.IntN(load.keys)))
	})
}

// caller is a store that can be called for nothing.
type caller interface {
	// Call sends a request and waits for its answer, both of which say next to nothing.
	Call(ctx context.Context) error
}

func emptyWork(ctx context.Context, target store, load load) (seen, error) {
	called, can := target.(caller)
	if !can {
		return seen{}, errors.New("this store has no empty call")
	}
	return closed(ctx, load.inFlight, load.count, func(ctx context.Context, _ int) error {
		return called.Call(ctx)
	})
}

func profileReads(ctx context.Context, target store, load load) (seen, error) {
	value := valueOf(load.valueBytes)
	return closed(ctx, load.inFlight, load.count, func(ctx context.Context, index int) error {
		if index%10 == 0 {
			return target.Put(ctx, key(rand.IntN(load.keys)), value)
		}
		return target.Get(ctx, key(rand.IntN(load.keys)))
	})
}

// appendWork lets everybody append to one node, and counts afterwards what is there.
func appendWork(ctx context.Context, target store, load load) (seen, error) {
	const hot = "/hot/log"
	before, err := target.Appended(ctx, hot)
	if err != nil {
		return seen{}, err
	}
	result, err := closed(ctx, load.inFlight, load.count, func(ctx context.Context, _ int) error {
		return target.Append(ctx, hot, valueOf(20))
	})
	if err != nil {
		return seen{}, err
	}
	after, err := target.Appended(ctx, hot)
	lost := load.count - (after - before)
	result.Lost = &lost
	return result, err
}

func stageWork(keep bool) work {
	return func(ctx context.Context, target store, load load) (seen, error) {
		value := valueOf(load.valueBytes)
		return closed(ctx, load.inFlight, load.count, func(ctx context.Context, index int) error {
			keys := make([]string, load.writes)
			for write := range keys {
				keys[write] = key((index*load.writes + write) % load.keys)
			}
			return target.Stage(ctx, keys, value, keep)
		})
	}
}
