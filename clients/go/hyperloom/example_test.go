package hyperloom_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"hyperloom.dev/go/hyperloom"
	"hyperloom.dev/go/hyperloom/gate"
	"hyperloom.dev/go/hyperloom/operation"
	"hyperloom.dev/go/hyperloom/precondition"
	acmev1 "hyperloom.dev/go/internal/acme/v1"
)

func Example() {
	ctx := context.Background()
	client, err := hyperloom.Connect("", hyperloom.Options{Author: "researcher"})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	if _, err := client.Put(ctx, "/example_1/task", "compare three databases"); err != nil {
		log.Fatal(err)
	}
	task, err := client.Get(ctx, "/example_1/task")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(task.Value, "by", task.Author)
	// Output: compare three databases by researcher
}

func ExampleClient_Publish() {
	ctx := context.Background()
	client, err := hyperloom.Connect("", hyperloom.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	diff := hyperloom.Diff{
		Operations: []operation.Operation{
			operation.Put("/example_2/intent", "measure"),
			operation.Append("/example_2/notes", []string{"etcd keeps one sorted key space"}),
			operation.Increment("/example_2/steps", 1),
		},
		Preconditions: []precondition.Precondition{precondition.Absent("/example_2/intent")},
		Label:         "begin to measure",
	}
	_, err = client.Publish(ctx, diff)
	fmt.Println(err)
	_, err = client.Publish(ctx, diff)
	fmt.Println(errors.Is(err, hyperloom.ErrPreconditionFailed))
	// Output:
	// <nil>
	// true
}

func ExampleClient_List() {
	ctx := context.Background()
	client, err := hyperloom.Connect("", hyperloom.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	for _, name := range []string{"b", "a", "c"} {
		if _, err := client.Put(ctx, "/example_3/"+name, name); err != nil {
			log.Fatal(err)
		}
	}
	for node, err := range client.List("/example_3", hyperloom.Listing{}).All(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(node.Path)
	}
	// Output:
	// /example_3/a
	// /example_3/b
	// /example_3/c
}

func ExampleClient_Ghost() {
	ctx := context.Background()
	client, err := hyperloom.Connect("", hyperloom.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	ghost, err := client.Ghost(ctx, hyperloom.GhostOptions{
		Label: "refactor",
		Scope: "/example_4/plan",
		Gates: []gate.Gate{gate.Limit(gate.Limits{OperationsMax: 10})},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer ghost.Close(ctx) // Without a commit, this reverts it.
	ghost.Put(ctx, "/example_4/plan/step_1", "split the table")
	ghost.Checkpoint(ctx, "before step 2")
	ghost.Put(ctx, "/example_4/plan/step_2", "drop the index")
	ghost.Rewind(ctx, "before step 2", "the index is needed")
	committed, err := ghost.Commit(ctx, hyperloom.CommitOptions{})
	fmt.Println(committed.Operations, err)
	// Output: 1 <nil>
}

func ExampleClient_WithLock() {
	ctx := context.Background()
	planner, err := hyperloom.Connect("", hyperloom.Options{Author: "planner"})
	if err != nil {
		log.Fatal(err)
	}
	defer planner.Close()
	critic := planner.As("critic")

	err = planner.WithLock(ctx, hyperloom.LockOptions{Wait: time.Minute}, func(held context.Context, lock *hyperloom.Lock) error {
		// The context carries the lock's token, and is cancelled when the lock is lost.
		if _, err := planner.Put(held, "/example_5/plan/goal", "measure first"); err != nil {
			return err
		}
		_, err := critic.Put(ctx, "/example_5/plan/goal", "guess")
		var refused *hyperloom.Error
		if errors.As(err, &refused) && errors.Is(err, hyperloom.ErrLocked) {
			fmt.Println(refused.Metadata["path"], "is held by", refused.Metadata["holder"])
		}
		return nil
	}, "/example_5/plan")
	fmt.Println(err)
	// Output:
	// /example_5/plan/goal is held by planner
	// <nil>
}

func ExampleClient_Race() {
	ctx := context.Background()
	client, err := hyperloom.Connect("", hyperloom.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	answer := func(text string) hyperloom.Work {
		return func(ctx context.Context, ghost *hyperloom.Ghost, _ hyperloom.Attempt) error {
			_, err := ghost.Put(ctx, "/example_6/answer", text)
			return err
		}
	}
	verify := func(ctx context.Context, ghost *hyperloom.Ghost) error {
		node, err := ghost.Get(ctx, "/example_6/answer")
		if err == nil && node.Value.Text() == "?" {
			err = errors.New("no answer")
		}
		return err
	}
	won, err := client.Race(ctx, hyperloom.RaceOptions{Verify: verify, AttemptsMax: 100},
		hyperloom.Alternative{Label: "guess", Work: answer("?")},
		hyperloom.Alternative{Label: "measure", Work: answer("42")})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(won.Label, "has won")
	// Output: measure has won
}

func ExampleTyped() {
	ctx := context.Background()
	client, err := hyperloom.Connect("", hyperloom.Options{Author: "researcher"})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	// ResearchNote is a message of one's own with option (hyperloom.v1.node).path = "/{session}/notes/{note}".
	notes := hyperloom.Typed(client, acmev1.ResearchNoteNode)
	at := acmev1.ResearchNoteVariables{Session: "example_9", Note: "water"}
	if _, err := notes.Put(ctx, at, &acmev1.ResearchNote{Claim: "water is wet"}); err != nil {
		log.Fatal(err)
	}
	// Compare-and-set.
	note, err := notes.Get(ctx, at)
	if err != nil {
		log.Fatal(err)
	}
	note.Value.Confidence = 0.9
	if _, err := notes.Put(ctx, at, note.Value, note.Unchanged()); err != nil {
		log.Fatal(err)
	}
	// Those of one session; variables that are left empty are open.
	for each, err := range notes.List(ctx, acmev1.ResearchNoteVariables{Session: "example_9"}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(each.Variables.Note, each.Value.GetClaim(), each.Value.GetConfidence())
	}
	// Output: water water is wet 0.9
}
