package hyperloom_test

import (
	"testing"

	"google.golang.org/protobuf/proto"

	"hyperloom.dev/go/hyperloom"
	"hyperloom.dev/go/hyperloom/value"
	acmev1 "hyperloom.dev/go/internal/acme/v1"
)

const told = `{"claim":"water is wet","citations":"4611686018427387904"}`

func TestWhatIsPutAsJSONIsAMessageAndIsReadAsEither(t *testing.T) {
	ctx, client, notes := typedWorld(t)
	written := map[string]any{"claim": "water is wet", "citations": int64(1) << 62}
	published, err := client.Put(ctx, "/s/notes/n", value.MessageJSON(written))
	must(t, err)
	typed, err := notes.Get(ctx, fieldsAt, hyperloom.InForm(hyperloom.FormJSON)) // Which is nothing for typed nodes.
	must(t, err)
	equal(t, proto.Equal(typed.Value, &note{Claim: "water is wet", Citations: 1 << 62}), true)
	stored, err := client.Get(ctx, "/s/notes/n")
	must(t, err)
	equal(t, stored.Value.Kind(), value.KindMessage)
	equal(t, stored.Value.FormProblem(), value.NoProblem)
	inJSON := hyperloom.InForm(hyperloom.FormJSON)
	read, err := client.Get(ctx, "/s/notes/n", inJSON)
	must(t, err)
	equal(t, read.Value.String(), told)
	batch, err := client.BatchGet(ctx, []string{"/s/notes/n"}, inJSON)
	must(t, err)
	equal(t, batch[0].Value.String(), told)
	listed, err := client.List("/s/notes", hyperloom.Listing{}, inJSON).Collect(ctx)
	must(t, err)
	equal(t, listed[0].Value.String(), told)
	events, err := client.History(hyperloom.HistoryOptions{Path: "/s", Form: hyperloom.FormJSON}).Collect(ctx)
	must(t, err)
	equal(t, events[0].Changes[0].Value.String(), told)
	differences, err := client.Diff(published.Revision-1, published.Revision, "/s/notes/n", 0, hyperloom.FormJSON).Collect(ctx)
	must(t, err)
	equal(t, differences[0].After.Value.String(), told)
}

func TestSubscriptionsAndGhostsTellMessagesAsJSON(t *testing.T) {
	ctx, client, _ := typedWorld(t)
	options := hyperloom.SubscribeOptions{Form: hyperloom.FormJSON, Results: true, Start: hyperloom.FromNow()}
	subscription, err := client.Subscribe(ctx, options, "/s/notes/*")
	must(t, err)
	defer subscription.Close()
	ghost, err := client.Ghost(ctx, hyperloom.GhostOptions{})
	must(t, err)
	defer ghost.Close(ctx)
	must(t, second(ghost.Put(ctx, "/s/notes/n", value.MessageJSON(value.JSON(told)))))
	differences, err := ghost.Diff("", 0, hyperloom.FormJSON).Collect(ctx)
	must(t, err)
	equal(t, differences[len(differences)-1].After.Value.String(), told)
	must(t, second(ghost.Commit(ctx, hyperloom.CommitOptions{})))
	for item, err := range subscription.Items() {
		must(t, err)
		if event, ok := item.(*hyperloom.Event); ok {
			equal(t, event.Changes[0].Value.String(), told)
			equal(t, event.Changes[0].Result.Value.String(), told)
			break
		}
	}
}

func TestAMessageThatIsNotToldAsJSONSaysWhy(t *testing.T) {
	ctx, client, tree := world(t)
	must(t, second(client.Put(ctx, tree, &acmev1.ResearchNote{Claim: "x"})))
	read, err := client.Get(ctx, tree, hyperloom.InForm(hyperloom.FormJSON))
	must(t, err)
	equal(t, read.Value.Kind(), value.KindMessage)
	equal(t, read.Value.FormProblem(), value.Unbound)
	is(t, second(client.Put(ctx, tree, value.MessageJSON(value.JSON(`{}`)))), hyperloom.ReasonUnboundPath)
}

func TestJSONThatIsNoneOfTheMessageIsRefusedByItsFields(t *testing.T) {
	ctx, client, _ := typedWorld(t)
	err := second(client.Put(ctx, "/s/notes/n", value.MessageJSON(map[string]int{"claim": 7})))
	is(t, err, hyperloom.ErrSchemaViolation)
	problem := hyperloom.Of(err).Problems()[0]
	equal(t, problem.Operation, 0)
	equal(t, problem.Field, "claim")
}

func TestAReaderCanBePinnedToAVersionOfASchema(t *testing.T) {
	ctx, client, notes := typedWorld(t)
	must(t, second(notes.Put(ctx, fieldsAt, good("pinned"))))
	schemas, err := client.Schemas().List(ctx, 0)
	must(t, err)
	name := schemas.Schemas[0].Name
	known, unknown := hyperloom.Pins(map[string]uint64{name: 1}), hyperloom.Pins(map[string]uint64{name: 7})
	read, err := notes.Get(ctx, fieldsAt, known)
	must(t, err)
	equal(t, read.Value.GetClaim(), "pinned")
	both, err := client.Get(ctx, "/s/notes/n", known, hyperloom.InForm(hyperloom.FormJSON))
	must(t, err)
	equal(t, both.Value.Kind(), value.KindJSON)
	for _, options := range [][]hyperloom.ReadOption{
		{unknown, hyperloom.InForm(hyperloom.FormJSON)}, {hyperloom.InForm(hyperloom.FormJSON), unknown},
	} {
		is(t, second(client.Get(ctx, "/s/notes/n", options...)), hyperloom.ReasonSchemaNotFound)
	}
	is(t, second(notes.Collect(ctx, noteAt{}, unknown)), hyperloom.ReasonSchemaNotFound)
	subscription, err := notes.Subscribe(ctx, hyperloom.SubscribeOptions{Pins: map[string]uint64{name: 7}}, noteAt{})
	if err == nil {
		for _, err = range subscription.Items() {
		}
	}
	is(t, err, hyperloom.ReasonSchemaNotFound)
}
