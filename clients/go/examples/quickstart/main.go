package main

import (
	"context"
	"errors"
	"fmt"
	"log"

	"hyperloom.dev/go/hyperloom"
)

func main() {
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	// HYPERLOOM_ADDRESS, or 127.0.0.1:7400.
	client, err := hyperloom.Connect("", hyperloom.Options{Author: "researcher"})
	if err != nil {
		return err
	}
	defer client.Close()

	// Write. Strings are text, []byte is bytes, everything else is JSON.
	goal := map[string]any{"goal": "compare three databases", "budget": 12}
	published, err := client.Put(ctx, "/session_1/task", goal)
	if err != nil {
		return err
	}
	fmt.Println("published at revision", published.Revision)

	// Read.
	task, err := client.Get(ctx, "/session_1/task")
	if err != nil {
		return err
	}
	fmt.Println(task.Path, "by", task.Author, "is", task.Value)

	// Watch: the state first, then every change, exactly once and in order, over lost connections too.
	changes, err := client.Subscribe(ctx, hyperloom.SubscribeOptions{}, "/session_1/**")
	if err != nil {
		return err
	}
	defer changes.Close()

	// Try something risky: nothing of it is seen by others before it is verified and committed.
	work := func(ctx context.Context, ghost *hyperloom.Ghost, attempt hyperloom.Attempt) error {
		summary := "TODO"
		if attempt.Number > 1 {
			summary = "etcd sorts its keys"
		}
		_, err := ghost.Put(ctx, "/session_1/summary", summary)
		return err
	}
	verify := func(ctx context.Context, ghost *hyperloom.Ghost) error {
		if _, err := client.Get(ctx, "/session_1/summary"); errors.Is(err, hyperloom.ReasonNodeNotFound) {
			fmt.Println("not on the trunk yet:", hyperloom.ReasonNodeNotFound)
		}
		summary, err := ghost.Get(ctx, "/session_1/summary")
		if err == nil && summary.Value.Text() == "TODO" {
			err = errors.New("the summary is a placeholder")
		}
		return err
	}
	done, err := client.Speculate(ctx, work, verify, hyperloom.Speculation{Retries: 3})
	if err != nil {
		return err
	}
	fmt.Println("committed at revision", done.Revision, "after", done.Attempts, "attempts; refused before:", done.Reasons)

	for item, err := range changes.Items() {
		if err != nil {
			return err
		}
		switch item := item.(type) {
		case *hyperloom.Snapshot:
			fmt.Println(len(item.Nodes), "nodes to begin with")
		case *hyperloom.Event:
			fmt.Println(item.Author, "changed", item.Changes[0].Path, "at revision", item.Revision)
			return nil
		}
	}
	return nil
}
