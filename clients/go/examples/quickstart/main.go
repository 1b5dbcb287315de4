package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	hyperloomv1 "hyperloom.dev/go/gen/hyperloom/v1"
)

func main() {
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	address := os.Getenv("HYPERLOOM_ADDRESS")
	if address == "" {
		address = "127.0.0.1:7400"
	}
	connection, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer connection.Close()
	client := hyperloomv1.NewContextServiceClient(connection)

	// Write. A request id makes it safe to repeat: use a fresh one for each.
	published, err := client.Publish(ctx, &hyperloomv1.PublishRequest{
		Operations: []*hyperloomv1.Operation{put("/session_1/task", "compare three databases")},
		Author:     "researcher",
		RequestId:  fmt.Sprintf("researcher-%d", os.Getpid()),
	})
	if err != nil {
		return err
	}
	fmt.Println("published at revision", published.GetRevision())

	// Read.
	task, err := client.Get(ctx, &hyperloomv1.GetRequest{Path: "/session_1/task"})
	if err != nil {
		return err
	}
	fmt.Println(task.GetNode().GetPath(), "by", task.GetNode().GetAuthor(), task.GetNode().GetValue().GetText())

	// Watch: the state first, then every change.
	changes, err := client.Subscribe(ctx, &hyperloomv1.SubscribeRequest{Patterns: []string{"/session_1/**"}})
	if err != nil {
		return err
	}
	first, err := changes.Recv()
	if err != nil {
		return err
	}
	fmt.Println(len(first.GetSnapshot().GetNodes()), "nodes to begin with")

	// Try something risky in a ghost: nothing of it is seen by others before the commit.
	begun, err := client.BeginGhost(ctx, &hyperloomv1.BeginGhostRequest{Scope: "/session_1", Author: "researcher"})
	if err != nil {
		return err
	}
	staged, err := client.Publish(ctx, &hyperloomv1.PublishRequest{
		GhostId:    begun.GetGhost().GetId(),
		Edition:    begun.GetGhost().GetEdition(),
		Operations: []*hyperloomv1.Operation{put("/session_1/summary", "etcd sorts its keys")},
		Author:     "researcher",
	})
	if err != nil {
		return err
	}
	if _, err := client.Get(ctx, &hyperloomv1.GetRequest{Path: "/session_1/summary"}); err != nil {
		fmt.Println("not on the trunk yet:", reason(err))
	}
	committed, err := client.Commit(ctx, &hyperloomv1.CommitRequest{
		GhostId: begun.GetGhost().GetId(), Edition: staged.GetEdition(), Author: "researcher",
	})
	if err != nil {
		return err
	}
	fmt.Println("committed at revision", committed.GetRevision())

	for {
		item, err := changes.Recv()
		if err != nil {
			return err
		}
		if event := item.GetEvent(); event != nil {
			fmt.Println(event.GetAuthor(), "changed", event.GetChanges()[0].GetPath(), "at revision", event.GetRevision())
			return nil
		}
	}
}

func put(path, text string) *hyperloomv1.Operation {
	value := &hyperloomv1.Value{Kind: &hyperloomv1.Value_Text{Text: text}}
	return &hyperloomv1.Operation{Path: path, Action: &hyperloomv1.Operation_Put{Put: value}}
}

// reason tells why the broker refused a call. Decide by it, never by the message.
func reason(err error) string {
	for _, detail := range status.Convert(err).Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok {
			return info.GetReason()
		}
	}
	return ""
}
