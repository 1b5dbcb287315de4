package hyperloom_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"hyperloom.dev/go/hyperloom"
	"hyperloom.dev/go/hyperloom/gate"
)

// sureIs is a JSON Schema whose second version wants numbers where the first wanted texts.
func sureIs(kind string) hyperloom.SchemaDefinition {
	text := fmt.Sprintf(`{"type":"object","required":["sure"],"properties":{"sure":{"type":"%s"}}}`, kind)
	return hyperloom.SchemaDefinition{JSON: text, Path: "/{session}/notes/{note}"}
}

var toNumbers = &hyperloom.Migration{Name: "notes", Definition: sureIs("number")}

type sure map[string]any

// migrationWorld is a forest of the test's own with the first version and two values.
func migrationWorld(t *testing.T) (context.Context, *hyperloom.Client) {
	t.Helper()
	ctx, client, tree := world(t)
	forest := "migrated_" + tree[len("/test_"):]
	must(t, second(client.Forests().Create(ctx, forest)))
	client = client.In(forest)
	_, _, err := client.Schemas().Register(ctx, "notes", sureIs("string"), 0)
	must(t, err)
	must(t, second(client.Put(ctx, "/s/notes/a", sure{"sure": "half"})))
	must(t, second(client.Put(ctx, "/s/notes/b", sure{"sure": "very"})))
	return ctx, client
}

func schemaVersion(t *testing.T, ctx context.Context, client *hyperloom.Client) uint64 {
	t.Helper()
	schema, err := client.Schemas().Get(ctx, "notes", 0, 0)
	must(t, err)
	return schema.Version
}

func TestACommitWritesTheValuesAndPutsTheVersionIntoForce(t *testing.T) {
	ctx, client := migrationWorld(t)
	ghost, err := client.Ghost(ctx, hyperloom.GhostOptions{Migration: toNumbers})
	must(t, err)
	defer ghost.Close(ctx)
	equal(t, ghost.Info.MigrationSchema, "notes")
	must(t, second(ghost.Put(ctx, "/s/notes/a", sure{"sure": 0.5})))
	err = second(ghost.Commit(ctx, hyperloom.CommitOptions{}))
	is(t, err, hyperloom.ReasonSchemaStored)
	equal(t, strings.Contains(hyperloom.Of(err).Violations[0].Field, "/s/notes/b"), true)
	equal(t, ghost.Over(), false)
	equal(t, schemaVersion(t, ctx, client), 1)
	must(t, second(ghost.Put(ctx, "/s/notes/b", sure{"sure": 0.9})))
	committed, err := ghost.Commit(ctx, hyperloom.CommitOptions{})
	must(t, err)
	equal(t, committed.SchemaVersion, 2)
	equal(t, committed.Operations, 2)
	equal(t, schemaVersion(t, ctx, client), 2)
	node, err := client.Get(ctx, "/s/notes/b")
	must(t, err)
	equal(t, node.ModifiedRevision, committed.Revision)
}

func TestASpeculationMigratesToo(t *testing.T) {
	ctx, client := migrationWorld(t)
	options := gated(gate.Revert)
	options.Migration = toNumbers
	values := []any{"half", 0.5}
	done, err := client.Speculate(ctx, func(ctx context.Context, ghost *hyperloom.Ghost, attempt hyperloom.Attempt) error {
		for node, err := range client.List("/s/notes", hyperloom.Listing{}).All(ctx) {
			if err == nil {
				err = second(ghost.Put(ctx, node.Path, sure{"sure": values[attempt.Number-1]}))
			}
			if err != nil {
				return err
			}
		}
		return nil
	}, nil, hyperloom.Speculation{Ghost: options})
	must(t, err)
	equal(t, done.Attempts, 2)
	equal(t, schemaVersion(t, ctx, client), 2)
}

func TestAMigrationDoesNotPassOverAVersionOfOthers(t *testing.T) {
	ctx, client := migrationWorld(t)
	expecting := *toNumbers
	expecting.ExpectedVersion = 7
	ghost, err := client.Ghost(ctx, hyperloom.GhostOptions{Migration: &expecting})
	must(t, err)
	defer ghost.Close(ctx)
	for _, name := range []string{"a", "b"} {
		must(t, second(ghost.Put(ctx, "/s/notes/"+name, sure{"sure": 1})))
	}
	is(t, second(ghost.Commit(ctx, hyperloom.CommitOptions{})), hyperloom.ErrPreconditionFailed)
	equal(t, schemaVersion(t, ctx, client), 1)
	inner, err := client.Ghost(ctx, hyperloom.GhostOptions{})
	must(t, err)
	defer inner.Close(ctx)
	is(t, second(inner.Ghost(ctx, hyperloom.GhostOptions{Migration: toNumbers})), hyperloom.ErrInvalidRequest)
}
