package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	hyperloomv1 "hyperloom.dev/go/gen/hyperloom/v1"
	"hyperloom.dev/go/hyperloom"
)

// hyperloomStore makes single calls with the generated client, and publishes through the SDK, which lets those share a stream.
type hyperloomStore struct {
	address  string
	channels []*grpc.ClientConn
	services []hyperloomv1.ContextServiceClient
	next     atomic.Uint64
	// One for each broker.
	clients []*hyperloom.Client
	atLeast uint64
}

// Servers of NATS that elect who leads them, and a machine with no time for them, take seconds.
const again = `{"methodConfig":[{"name":[{}],"retryPolicy":{"maxAttempts":%d,"initialBackoff":"0.5s","maxBackoff":"2s",
	"backoffMultiplier":2,"retryableStatusCodes":["UNAVAILABLE"]}}]}`

func openHyperloom(_ context.Context, address string, load load) (store, error) {
	target := &hyperloomStore{address: address, atLeast: uint64(load.atLeast)}
	addresses := strings.Split(address, ",")
	for _, each := range addresses {
		client, err := connect(each)
		if err != nil {
			target.Close()
			return nil, err
		}
		target.clients = append(target.clients, client)
	}
	dial := []grpc.DialOption{grpc.WithTransportCredentials(insecure.NewCredentials())}
	if load.attempts > 1 {
		dial = append(dial, grpc.WithDefaultServiceConfig(fmt.Sprintf(again, load.attempts)))
	}
	for index := range load.connections {
		channel, err := grpc.NewClient(addresses[index%len(addresses)], dial...)
		if err != nil {
			target.Close()
			return nil, err
		}
		target.channels = append(target.channels, channel)
		target.services = append(target.services, hyperloomv1.NewContextServiceClient(channel))
	}
	return target, nil
}

func connect(address string) (*hyperloom.Client, error) {
	return hyperloom.Connect(address, hyperloom.Options{Author: "bench", NoBasis: true})
}

func (h *hyperloomStore) service() hyperloomv1.ContextServiceClient {
	return h.services[h.next.Add(1)%uint64(len(h.services))]
}

func (h *hyperloomStore) client() *hyperloom.Client {
	return h.clients[h.next.Add(1)%uint64(len(h.clients))]
}

func put(path, value string) *hyperloomv1.Operation {
	text := &hyperloomv1.Value{Kind: &hyperloomv1.Value_Text{Text: value}}
	return &hyperloomv1.Operation{Path: path, Action: &hyperloomv1.Operation_Put{Put: text}}
}

func (h *hyperloomStore) Put(ctx context.Context, key, value string) error {
	operations := []*hyperloomv1.Operation{put(key, value)}
	_, err := h.service().Publish(ctx, &hyperloomv1.PublishRequest{Operations: operations, Author: "bench"})
	return err
}

func (h *hyperloomStore) Publish(ctx context.Context, key, value string) error {
	_, err := h.client().Put(ctx, key, value)
	return err
}

func (h *hyperloomStore) Get(ctx context.Context, key string) error {
	request := &hyperloomv1.GetRequest{Path: key}
	if h.atLeast > 0 {
		request.View = &hyperloomv1.ReadView{Consistency: &hyperloomv1.ReadView_AtLeastRevision{AtLeastRevision: h.atLeast}}
	}
	_, err := h.service().Get(ctx, request)
	if status.Code(err) == codes.NotFound {
		return nil
	}
	return err
}

// Call asks whether the broker serves.
func (h *hyperloomStore) Call(ctx context.Context) error {
	channel := h.channels[h.next.Add(1)%uint64(len(h.channels))]
	_, err := healthv1.NewHealthClient(channel).Check(ctx, &healthv1.HealthCheckRequest{})
	return err
}

func (h *hyperloomStore) Append(ctx context.Context, key, item string) error {
	_, err := h.client().Append(ctx, key, item+"\n")
	return err
}

func (h *hyperloomStore) Appended(ctx context.Context, key string) (int, error) {
	node, err := h.client().Get(ctx, key)
	if errors.Is(err, hyperloom.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return strings.Count(node.Value.Text(), "\n"), nil
}

func (h *hyperloomStore) Stage(ctx context.Context, keys []string, value string, keep bool) error {
	service := h.service()
	begun, err := service.BeginGhost(ctx, &hyperloomv1.BeginGhostRequest{Author: "bench"})
	if err != nil {
		return err
	}
	ghost := begun.GetGhost().GetId()
	operations := make([]*hyperloomv1.Operation, len(keys))
	for index, key := range keys {
		operations[index] = put(key, value)
	}
	staged := &hyperloomv1.PublishRequest{GhostId: ghost, Operations: operations, Author: "bench"}
	if _, err := service.Publish(ctx, staged); err != nil {
		return err
	}
	if keep {
		_, err = service.Commit(ctx, &hyperloomv1.CommitRequest{GhostId: ghost})
		return err
	}
	target := &hyperloomv1.RevertRequest_GhostId{GhostId: ghost}
	_, err = service.Revert(ctx, &hyperloomv1.RevertRequest{Target: target})
	return err
}

func (h *hyperloomStore) Watch(ctx context.Context, prefix string, each func(value string)) (func(), error) {
	client, err := connect(h.address)
	if err != nil {
		return nil, err
	}
	subscription, err := client.Subscribe(ctx, hyperloom.SubscribeOptions{Start: hyperloom.FromNow()}, prefix+"/**")
	if err != nil {
		client.Close()
		return nil, err
	}
	go func() {
		for item, err := range subscription.Items() {
			if err != nil {
				return
			}
			event, isEvent := item.(*hyperloom.Event)
			if !isEvent {
				continue
			}
			for _, change := range event.Changes {
				each(change.Value.Text())
			}
		}
	}()
	return func() {
		subscription.Close()
		client.Close()
	}, nil
}

func (h *hyperloomStore) Close() {
	for _, client := range h.clients {
		client.Close()
	}
	for _, channel := range h.channels {
		channel.Close()
	}
}
