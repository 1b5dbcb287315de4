package hyperloom_test

import (
	"testing"

	"hyperloom.dev/go/hyperloom"
	acmev1 "hyperloom.dev/go/internal/acme/v1"
)

func TestGeneratedMessagesAreASchema(t *testing.T) {
	ctx, client, tree := world(t)
	forest := "schemas_" + tree[len("/test_"):]
	must(t, second(client.Forests().Create(ctx, forest)))
	client = client.In(forest)
	schemas, definition := client.Schemas(), hyperloom.SchemaOf(&acmev1.ResearchNote{}, &acmev1.Session{})
	registered, unchanged, err := schemas.Register(ctx, "acme", definition, 0)
	must(t, err)
	equal(t, unchanged, false)
	equal(t, registered.Version, 1)
	equal(t, registered.Author, "tester")
	bound := map[string]string{}
	for _, binding := range registered.Bindings {
		bound[binding.Path] = binding.MessageType
	}
	equal(t, bound["/{session}/notes/{note}"], "acme.v1.ResearchNote")
	is(t, second(client.Put(ctx, "/s/notes/n", "text")), hyperloom.ErrSchemaViolation)
	_, unchanged, err = schemas.Register(ctx, "acme", definition, 1)
	must(t, err)
	equal(t, unchanged, true)
	read, err := schemas.Get(ctx, "acme", 0, 0)
	must(t, err)
	equalSlices(t, read.Definition.DescriptorSet, definition.DescriptorSet...)
}

func TestAJSONSchemaHasVersions(t *testing.T) {
	ctx, client, tree := world(t)
	forest := "schemas_" + tree[len("/test_"):]
	must(t, second(client.Forests().Create(ctx, forest)))
	client = client.In(forest)
	schemas := client.Schemas()
	counters := func(rule string) hyperloom.SchemaDefinition {
		return hyperloom.SchemaDefinition{JSON: `{"type":"integer",` + rule + `}`, Path: "/{session}/counters/{name}"}
	}
	first, _, err := schemas.Register(ctx, "counters", counters(`"maximum":10`), 0)
	must(t, err)
	must(t, second(client.Put(ctx, "/s/counters/x", 9)))
	tried, err := schemas.Validate(ctx, "counters", counters(`"maximum":5`))
	must(t, err)
	equal(t, tried.Schema, nil)
	equal(t, tried.Reason, hyperloom.ReasonSchemaStored)
	equal(t, tried.Objections[0].Rule, "maximum")
	equal(t, tried.Objections[0].Subject, "/s/counters/x")
	_, _, err = schemas.Register(ctx, "counters", counters(`"maximum":5`), 0)
	is(t, err, hyperloom.ReasonSchemaStored)
	_, _, err = schemas.Register(ctx, "counters", counters(`"maximum":50`), 2)
	is(t, err, hyperloom.ErrPreconditionFailed)
	tried, err = schemas.Validate(ctx, "counters", counters(`"maximum":50`))
	must(t, err)
	equal(t, tried.Schema.Version, 2)
	newest, _, err := schemas.Register(ctx, "counters", counters(`"maximum":50`), 1)
	must(t, err)
	equal(t, newest.Version, 2)
	old, err := schemas.Get(ctx, "counters", 1, 0)
	must(t, err)
	equal(t, old.Definition.JSON, counters(`"maximum":10`).JSON)
	old, err = schemas.Get(ctx, "counters", 0, first.Revision)
	must(t, err)
	equal(t, old.Version, 1)
	is(t, second(schemas.Get(ctx, "others", 0, 0)), hyperloom.ErrNotFound)
	must(t, second(schemas.SetUnboundPaths(ctx, hyperloom.UnboundRefused)))
	listed, err := schemas.List(ctx, 0)
	must(t, err)
	equal(t, listed.UnboundPaths, hyperloom.UnboundRefused)
	equal(t, len(listed.Schemas), 1)
	is(t, second(client.Put(ctx, "/s/elsewhere", 1)), hyperloom.ReasonUnboundPath)
	must(t, second(schemas.SetUnboundPaths(ctx, hyperloom.UnboundFree)))
	must(t, second(client.Put(ctx, "/s/elsewhere", 1)))
}
