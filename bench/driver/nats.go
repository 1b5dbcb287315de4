package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const bucket = "bench"

type natsStore struct {
	address     string
	replicas    int
	connections []*nats.Conn
	buckets     []jetstream.KeyValue
	next        atomic.Uint64
}

func openNats(ctx context.Context, address string, load load) (store, error) {
	target := &natsStore{address: address, replicas: load.replicas}
	for range load.connections {
		connection, err := nats.Connect(address)
		if err != nil {
			target.Close()
			return nil, err
		}
		target.connections = append(target.connections, connection)
		values, err := openBucket(ctx, connection, load.replicas)
		if err != nil {
			target.Close()
			return nil, err
		}
		target.buckets = append(target.buckets, values)
	}
	return target, nil
}

func openBucket(ctx context.Context, connection *nats.Conn, replicas int) (jetstream.KeyValue, error) {
	stream, err := jetstream.New(connection)
	if err != nil {
		return nil, err
	}
	config := jetstream.KeyValueConfig{Bucket: bucket, Storage: jetstream.FileStorage, Replicas: replicas}
	return stream.CreateOrUpdateKeyValue(ctx, config)
}

func (n *natsStore) bucket() jetstream.KeyValue {
	return n.buckets[n.next.Add(1)%uint64(len(n.buckets))]
}

// subject is a key as NATS wants it: segments with dots between.
func subject(key string) string { return strings.ReplaceAll(strings.TrimPrefix(key, "/"), "/", ".") }

func (n *natsStore) Put(ctx context.Context, key, value string) error {
	_, err := n.bucket().PutString(ctx, subject(key), value)
	return err
}

func (n *natsStore) Publish(ctx context.Context, key, value string) error {
	return n.Put(ctx, key, value)
}

func (n *natsStore) Get(ctx context.Context, key string) error {
	if _, err := n.bucket().Get(ctx, subject(key)); err != nil && !errors.Is(err, jetstream.ErrKeyNotFound) {
		return err
	}
	return nil
}

// Append reads, and sets what it read and the item if nobody else has set it meanwhile, until that goes through.
func (n *natsStore) Append(ctx context.Context, key, item string) error {
	values := n.bucket()
	for {
		text, revision := item+"\n", uint64(0)
		entry, err := values.Get(ctx, subject(key))
		if err == nil {
			text, revision = string(entry.Value())+text, entry.Revision()
		} else if !errors.Is(err, jetstream.ErrKeyNotFound) {
			return err
		}
		_, err = values.Update(ctx, subject(key), []byte(text), revision)
		if !errors.Is(err, jetstream.ErrKeyExists) {
			return err
		}
	}
}

func (n *natsStore) Appended(ctx context.Context, key string) (int, error) {
	entry, err := n.bucket().Get(ctx, subject(key))
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return strings.Count(string(entry.Value()), "\n"), nil
}

// Stage puts each key below a prefix of its own, and purges it there, or purges it and puts it for good: NATS has no transactions.
func (n *natsStore) Stage(ctx context.Context, keys []string, value string, keep bool) error {
	values := n.bucket()
	prefix := "staged." + base64.RawURLEncoding.EncodeToString(fmt.Append(nil, n.next.Add(1))) + "."
	for _, key := range keys {
		if _, err := values.PutString(ctx, prefix+subject(key), value); err != nil {
			return err
		}
	}
	for _, key := range keys {
		if err := values.Purge(ctx, prefix+subject(key)); err != nil {
			return err
		}
		if !keep {
			continue
		}
		if _, err := values.PutString(ctx, subject(key), value); err != nil {
			return err
		}
	}
	return nil
}

func (n *natsStore) Watch(ctx context.Context, prefix string, each func(value string)) (func(), error) {
	connection, err := nats.Connect(n.address)
	if err != nil {
		return nil, err
	}
	values, err := openBucket(ctx, connection, n.replicas)
	if err != nil {
		connection.Close()
		return nil, err
	}
	watcher, err := values.Watch(ctx, subject(prefix)+".>", jetstream.UpdatesOnly())
	if err != nil {
		connection.Close()
		return nil, err
	}
	go func() {
		for entry := range watcher.Updates() {
			if entry != nil {
				each(string(entry.Value()))
			}
		}
	}()
	return connection.Close, nil
}

func (n *natsStore) Close() {
	for _, connection := range n.connections {
		connection.Close()
	}
}
