package main

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/redis/go-redis/v9"
)

type redisStore struct {
	client *redis.Client
	staged atomic.Uint64
}

func openRedis(ctx context.Context, address string, load load) (store, error) {
	client := redis.NewClient(&redis.Options{Addr: address, PoolSize: load.inFlight, MinIdleConns: load.inFlight})
	return &redisStore{client: client}, client.Ping(ctx).Err()
}

func (r *redisStore) Put(ctx context.Context, key, value string) error {
	return r.client.Set(ctx, key, value, 0).Err()
}

// Publish also tells subscribers, who hear nothing of a SET.
func (r *redisStore) Publish(ctx context.Context, key, value string) error {
	_, err := r.client.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		pipe.Set(ctx, key, value, 0)
		pipe.Publish(ctx, channel(key), value)
		return nil
	})
	return err
}

func channel(key string) string { return "changes:" + key }

func (r *redisStore) Get(ctx context.Context, key string) error {
	if err := r.client.Get(ctx, key).Err(); err != nil && !errors.Is(err, redis.Nil) {
		return err
	}
	return nil
}

func (r *redisStore) Append(ctx context.Context, key, item string) error {
	return r.client.RPush(ctx, key, item).Err()
}

func (r *redisStore) Appended(ctx context.Context, key string) (int, error) {
	length, err := r.client.LLen(ctx, key).Result()
	return int(length), err
}

// Stage writes to a hash of its own, which is then deleted, or read and set in one transaction.
func (r *redisStore) Stage(ctx context.Context, keys []string, value string, keep bool) error {
	hash := fmt.Sprintf("staged:%d", r.staged.Add(1))
	fields := make([]any, 0, 2*len(keys))
	for _, key := range keys {
		fields = append(fields, key, value)
	}
	if err := r.client.HSet(ctx, hash, fields...).Err(); err != nil {
		return err
	}
	if !keep {
		return r.client.Del(ctx, hash).Err()
	}
	staged, err := r.client.HGetAll(ctx, hash).Result()
	if err != nil {
		return err
	}
	_, err = r.client.TxPipelined(ctx, func(pipe redis.Pipeliner) error {
		pipe.MSet(ctx, staged)
		pipe.Del(ctx, hash)
		return nil
	})
	return err
}

func (r *redisStore) Watch(ctx context.Context, prefix string, each func(value string)) (func(), error) {
	subscription := r.client.PSubscribe(ctx, channel(prefix)+"/*")
	if _, err := subscription.Receive(ctx); err != nil {
		return nil, err
	}
	messages := subscription.Channel(redis.WithChannelSize(100_000))
	go func() {
		for message := range messages {
			each(message.Payload)
		}
	}()
	return func() { subscription.Close() }, nil
}

func (r *redisStore) Close() { r.client.Close() }
