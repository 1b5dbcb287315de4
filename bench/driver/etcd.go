package main

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"

	clientv3 "go.etcd.io/etcd/client/v3"
)

type etcdStore struct {
	address string
	clients []*clientv3.Client
	next    atomic.Uint64
}

func openEtcd(_ context.Context, address string, load load) (store, error) {
	target := &etcdStore{address: address}
	for range load.connections {
		client, err := clientv3.New(clientv3.Config{Endpoints: strings.Split(address, ",")})
		if err != nil {
			target.Close()
			return nil, err
		}
		target.clients = append(target.clients, client)
	}
	return target, nil
}

func (e *etcdStore) client() *clientv3.Client { return e.clients[e.next.Add(1)%uint64(len(e.clients))] }

func (e *etcdStore) Put(ctx context.Context, key, value string) error {
	_, err := e.client().Put(ctx, key, value)
	return err
}

func (e *etcdStore) Publish(ctx context.Context, key, value string) error {
	return e.Put(ctx, key, value)
}

func (e *etcdStore) Get(ctx context.Context, key string) error {
	_, err := e.client().Get(ctx, key)
	return err
}

// Append reads, and sets what it read and the item if nobody else has set it meanwhile, until that goes through.
func (e *etcdStore) Append(ctx context.Context, key, item string) error {
	client := e.client()
	for {
		read, err := client.Get(ctx, key)
		if err != nil {
			return err
		}
		text, revision := item+"\n", int64(0)
		if len(read.Kvs) > 0 {
			text, revision = string(read.Kvs[0].Value)+text, read.Kvs[0].ModRevision
		}
		unchanged := clientv3.Compare(clientv3.ModRevision(key), "=", revision)
		set, err := client.Txn(ctx).If(unchanged).Then(clientv3.OpPut(key, text)).Commit()
		if err != nil || set.Succeeded {
			return err
		}
	}
}

func (e *etcdStore) Appended(ctx context.Context, key string) (int, error) {
	read, err := e.client().Get(ctx, key)
	if err != nil || len(read.Kvs) == 0 {
		return 0, err
	}
	return strings.Count(string(read.Kvs[0].Value), "\n"), nil
}

// Stage puts below a prefix of its own in one transaction, and deletes that, or deletes it and puts the same for good in another.
func (e *etcdStore) Stage(ctx context.Context, keys []string, value string, keep bool) error {
	prefix := fmt.Sprintf("/staged/%d", e.next.Add(1))
	staged := make([]clientv3.Op, len(keys))
	final := make([]clientv3.Op, len(keys))
	for index, key := range keys {
		staged[index] = clientv3.OpPut(prefix+key, value)
		final[index] = clientv3.OpPut(key, value)
	}
	client := e.client()
	if _, err := client.Txn(ctx).Then(staged...).Commit(); err != nil {
		return err
	}
	end := []clientv3.Op{clientv3.OpDelete(prefix, clientv3.WithPrefix())}
	if keep {
		end = append(end, final...)
	}
	_, err := client.Txn(ctx).Then(end...).Commit()
	return err
}

func (e *etcdStore) Watch(ctx context.Context, prefix string, each func(value string)) (func(), error) {
	client, err := clientv3.New(clientv3.Config{Endpoints: []string{e.address}})
	if err != nil {
		return nil, err
	}
	watched := client.Watch(ctx, prefix+"/", clientv3.WithPrefix())
	go func() {
		for response := range watched {
			for _, event := range response.Events {
				each(string(event.Kv.Value))
			}
		}
	}()
	return func() { client.Close() }, nil
}

func (e *etcdStore) Close() {
	for _, client := range e.clients {
		client.Close()
	}
}
