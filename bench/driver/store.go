package main

import (
	"context"
	"fmt"
)

// store is what the works ask of a store. All of it is durable when it returns, as far as the store promises that at all.
type store interface {
	// Put sets a key's value.
	Put(ctx context.Context, key, value string) error
	// Publish does the same through what the client library has for many writes at a time, where it has that.
	Publish(ctx context.Context, key, value string) error
	// Get reads a key's value; a key that is not there is no error.
	Get(ctx context.Context, key string) error
	// Append adds to the end of what others append to at the same time. Nothing may be lost.
	Append(ctx context.Context, key, item string) error
	// Appended tells how many items it holds.
	Appended(ctx context.Context, key string) (int, error)
	// Stage writes where readers do not look, then takes all of it back, or over into where they look.
	Stage(ctx context.Context, keys []string, value string, keep bool) error
	// Watch calls back with each value that is put below a prefix, in order, until the returned function is called. It opens a
	// connection of its own.
	Watch(ctx context.Context, prefix string, each func(value string)) (stop func(), err error)
	Close()
}

// settler is a store whose Publish returns before what was published is anywhere.
type settler interface {
	Settled() error
}

// stores opens each of them.
var stores = map[string]func(ctx context.Context, address string, load load) (store, error){
	"hyperloom": openHyperloom,
	"redis":     openRedis,
	"etcd":      openEtcd,
	"nats":      openNats,
	"nats-core": openNatsCore,
}

// key is the path of a node in the shape of an agent's memory; they are spread over 1,000 sessions.
func key(index int) string {
	return fmt.Sprintf("/session_%d/agent_%d/memory/note_%d", index%1_000, index%7, index)
}
