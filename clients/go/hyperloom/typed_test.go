package hyperloom_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"google.golang.org/protobuf/proto"

	"hyperloom.dev/go/hyperloom"
	"hyperloom.dev/go/hyperloom/operation"
	"hyperloom.dev/go/hyperloom/precondition"
	acmev1 "hyperloom.dev/go/internal/acme/v1"
)

// Messages of a team's own, as protoc-gen-go and protoc-gen-hyperloom make them, registered with a real broker together with the rules
// of protovalidate that the generated code here goes without.

type (
	noteAt = acmev1.ResearchNoteVariables
	note   = acmev1.ResearchNote
	notes  = hyperloom.Nodes[*note, noteAt]
)

// descriptorSet is what `buf build` makes of the messages with all that they import.
var descriptorSet = sync.OnceValues(func() ([]byte, error) {
	plugin := filepath.Join("clients", "protoc-gen-hyperloom", "testdata")
	build := exec.Command(filepath.Join("node_modules", ".bin", "buf"), "build", ".", "--as-file-descriptor-set",
		"--config", filepath.Join(plugin, "workspace.yaml"), "--path", filepath.Join(plugin, "acme"), "-o", "-")
	build.Dir = checkout()
	build.Stderr = os.Stderr
	return build.Output()
})

// typedWorld is a client of a forest of the test's own, in which the messages are registered, and its notes.
func typedWorld(t *testing.T) (context.Context, *hyperloom.Client, *notes) {
	t.Helper()
	ctx, client, tree := world(t)
	forest := "typed_" + tree[len("/test_"):]
	must(t, second(client.Forests().Create(ctx, forest)))
	client = client.In(forest)
	set, err := descriptorSet()
	must(t, err)
	_, _, err = client.Schemas().Register(ctx, "acme", hyperloom.SchemaDefinition{DescriptorSet: set}, 0)
	must(t, err)
	return ctx, client, hyperloom.Typed(client, acmev1.ResearchNoteNode)
}

func key(session, name string) noteAt { return noteAt{Session: session, Note: name} }

func good(claim string) *note {
	return &note{Claim: claim, Sources: []string{"https://example.com/1"}, Confidence: 0.5}
}

func bad() *note {
	return &note{Sources: []string{"https://example.com/1", "no uri"}, Confidence: 1.5}
}

var problems = []hyperloom.SchemaProblem{
	{Operation: 0, Field: "claim", Rule: "string.min_len", Message: "must be at least 1 characters"},
	{Operation: 0, Field: "sources[1]", Rule: "string.uri", Message: "must be a valid URI"},
	{
		Operation: 0, Field: "confidence", Rule: "double.gte_lte",
		Message: "must be greater than or equal to 0 and less than or equal to 1",
	},
}

func hasProblems(t *testing.T, err error, want []hyperloom.SchemaProblem) {
	t.Helper()
	is(t, err, hyperloom.ErrSchemaViolation)
	is(t, err, hyperloom.ErrInvalidRequest)
	if got := hyperloom.Of(err).Problems(); !reflect.DeepEqual(got, want) {
		t.Fatalf("got %+v, not %+v", got, want)
	}
}

func claimsOf(nodes []*hyperloom.TypedNode[*note, noteAt]) []string {
	claims := make([]string, len(nodes))
	for index, node := range nodes {
		claims[index] = node.Value.GetClaim()
	}
	return claims
}

func equalSlices[T comparable](t *testing.T, got []T, want ...T) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Fatalf("got %v, not %v", got, want)
	}
}

func TestAMessageIsReadAsItWasPut(t *testing.T) {
	ctx, _, notes := typedWorld(t)
	at := noteAt{Session: "s", Note: "n"}
	published, err := notes.Put(ctx, at, good("water is wet"))
	must(t, err)
	read, err := notes.Get(ctx, at)
	must(t, err)
	equal(t, proto.Equal(read.Value, good("water is wet")), true)
	equal(t, read.Variables, at)
	equal(t, read.Path, "/s/notes/n")
	equal(t, read.Author, "tester")
	equal(t, read.ModifiedRevision, published.Revision)
	path, err := notes.Path(at)
	must(t, err)
	equal(t, path, read.Path)
	none, err := notes.Find(ctx, noteAt{Session: "s", Note: "other"})
	must(t, err)
	equal(t, none, nil)
	must(t, second(notes.Delete(ctx, at)))
	_, err = notes.Get(ctx, at)
	is(t, err, hyperloom.ErrNotFound)
}

func TestUnknownFieldsOfAMessageSurviveAnOlderClient(t *testing.T) {
	ctx, _, notes := typedWorld(t)
	at, unknown := noteAt{Session: "s", Note: "n"}, []byte{0xa2, 0x06, 0x01, 'x'}
	value := good("x")
	value.ProtoReflect().SetUnknown(unknown)
	must(t, second(notes.Put(ctx, at, value)))
	read, err := notes.Get(ctx, at)
	must(t, err)
	read.Value.Confidence = 1
	must(t, second(notes.Put(ctx, at, read.Value)))
	read, err = notes.Get(ctx, at)
	must(t, err)
	equalSlices(t, read.Value.ProtoReflect().GetUnknown(), unknown...)
}

func TestVariablesThatMakeNoPathAreRefusedBeforeAnythingIsSent(t *testing.T) {
	ctx, client, notes := typedWorld(t)
	byName := hyperloom.Typed(client, hyperloom.NodeTypeFor[*note]())
	for _, wrong := range []string{"", "a/b", "..", "*", "a\x00", strings.Repeat("x", 256)} {
		at := key("s", wrong)
		is(t, second(notes.Put(ctx, at, good("x"))), hyperloom.ErrInvalidRequest)
		is(t, second(notes.Get(ctx, at)), hyperloom.ErrInvalidRequest)
		is(t, second(notes.Delete(ctx, at)), hyperloom.ErrInvalidRequest)
		is(t, second(byName.Get(ctx, hyperloom.Variables{"session": at.Session, "note": at.Note})), hyperloom.ErrInvalidRequest)
	}
	is(t, second(notes.Collect(ctx, noteAt{Session: "a/b"})), hyperloom.ErrInvalidRequest)
	is(t, second(notes.Subscribe(ctx, hyperloom.SubscribeOptions{}, noteAt{Session: ".."})), hyperloom.ErrInvalidRequest)
	err := second(byName.Put(ctx, hyperloom.Variables{"session": "s", "nots": "n"}, good("x")))
	is(t, err, hyperloom.ErrInvalidRequest)
	equal(t, hyperloom.Of(err).Message, "/{session}/notes/{note} has no variable nots; its variables: session, note")
	history, err := client.History(hyperloom.HistoryOptions{}).Collect(ctx)
	must(t, err)
	equal(t, len(history), 1) // The registration.
}

func TestAMessageWithoutAPathIsOfNoUse(t *testing.T) {
	ctx, client, _ := typedWorld(t)
	err := second(hyperloom.Typed(client, hyperloom.NodeTypeFor[*acmev1.Review]()).Get(ctx, nil))
	is(t, err, hyperloom.ErrInvalidRequest)
	equal(t, hyperloom.Of(err).Message, "acme.v1.Review has no option (hyperloom.v1.node).path, which says where it is kept")
	err = second(hyperloom.Typed(client, hyperloom.NodeTypeFor[proto.Message]()).Get(ctx, nil))
	is(t, err, hyperloom.ErrInvalidRequest)
	stale := hyperloom.NodeTypeOf[*note]("/{session}/{note}", func([]string) noteAt { return noteAt{} })
	err = second(hyperloom.Typed(client, stale).Get(ctx, noteAt{Session: "s", Note: "n"}))
	equal(t, hyperloom.Of(err).Message,
		"acme.v1.ResearchNote is at /{session}/notes/{note} now: generate its node type again, which says /{session}/{note}")
}

func TestAViolationNamesEachFieldAndRule(t *testing.T) {
	ctx, client, notes := typedWorld(t)
	at := noteAt{Session: "s", Note: "n"}
	err := second(notes.Put(ctx, at, bad()))
	hasProblems(t, err, problems)
	equal(t, hyperloom.Of(err).Metadata["path"], "/s/notes/n")
	equal(t, hyperloom.Of(err).Metadata["schema"], "acme")
	waiting := hyperloom.Diff{Operations: []operation.Operation{notes.Putting(at, bad())}, LockWait: 1}
	hasProblems(t, second(client.Publish(ctx, waiting)), problems)

	several := hyperloom.Diff{Operations: []operation.Operation{operation.Put("/s/free", "x"), notes.Putting(at, bad())}}
	second := slices.Clone(problems)
	for index := range second {
		second[index].Operation = 1
	}
	_, err = client.Publish(ctx, several)
	hasProblems(t, err, second)
	_, err = client.Put(ctx, "/s/notes/n", "text")
	is(t, err, hyperloom.ErrSchemaViolation)
	equal(t, hyperloom.Of(err).Problems()[0].Field, "")
	nothing, err := client.Find(ctx, "/s/free")
	must(t, err)
	equal(t, nothing, nil)
}

func TestATypedListingHasTheNodesWithItsVariables(t *testing.T) {
	ctx, client, notes := typedWorld(t)
	sessions, steps := hyperloom.Typed(client, acmev1.SessionNode), hyperloom.Typed(client, acmev1.Session_StepNode)
	for _, at := range []noteAt{key("s", "a"), key("s", "b"), key("t", "a"), key("t", "c")} {
		must(t, second(notes.Put(ctx, at, good(at.Session+at.Note))))
	}
	must(t, second(sessions.Put(ctx, acmev1.SessionVariables{Session: "s"}, &acmev1.Session{Goal: "find out"})))
	step := acmev1.Session_StepVariables{Session: "s", StepId: "1", Number: "2"}
	must(t, second(steps.Put(ctx, step, &acmev1.Session_Step{What: "ask"})))
	must(t, second(client.Put(ctx, "/s/notes/a/below", "not a note")))
	last, err := client.Put(ctx, "/s/other", "not a note")
	must(t, err)
	for where, want := range map[noteAt][]string{
		{}:                        {"sa", "sb", "ta", "tc"},
		{Session: "s"}:            {"sa", "sb"},
		{Note: "a"}:               {"sa", "ta"},
		{Session: "t", Note: "c"}: {"tc"},
		{Session: "t", Note: "b"}: {},
	} {
		found, err := notes.Collect(ctx, where)
		must(t, err)
		equalSlices(t, claimsOf(found), want...)
	}
	found, err := sessions.Collect(ctx, acmev1.SessionVariables{})
	must(t, err)
	equal(t, len(found), 1)
	must(t, second(notes.Put(ctx, key("u", "z"), good("late"))))
	old, err := notes.Collect(ctx, noteAt{}, hyperloom.AtRevision(last.Revision))
	must(t, err)
	equal(t, len(old), 4)
	byName := hyperloom.Typed(client, hyperloom.NodeTypeFor[*acmev1.Session_Step]())
	for each, err := range byName.List(ctx, hyperloom.Variables{"number": "2"}) {
		must(t, err)
		equal(t, each.Value.GetWhat(), "ask")
		equal(t, fmt.Sprint(each.Variables), "map[number:2 session:s step_id:1]")
		break
	}
}

func TestATypedSubscriptionTellsMessagesAndVariables(t *testing.T) {
	ctx, client, notes := typedWorld(t)
	must(t, second(notes.Put(ctx, key("s", "a"), good("first"))))
	must(t, second(notes.Put(ctx, key("t", "a"), good("elsewhere"))))
	watched, err := notes.Subscribe(ctx, hyperloom.SubscribeOptions{Previous: true}, noteAt{Session: "s"})
	must(t, err)
	defer watched.Close()
	must(t, second(notes.Put(ctx, key("s", "a"), good("second"))))
	must(t, second(notes.Put(ctx, key("t", "b"), good("elsewhere"))))
	must(t, second(notes.Delete(ctx, key("s", "a"))))
	must(t, second(client.Copy(ctx, "/t", "/s", 0)))
	must(t, second(client.Delete(ctx, "/s")))
	claim := func(node *hyperloom.TypedNode[*note, noteAt]) string {
		if node == nil {
			return "-"
		}
		return node.Value.GetClaim()
	}
	var told []string
	for item, err := range watched.Items() {
		must(t, err)
		if item.Snapshot != nil {
			equalSlices(t, claimsOf(item.Snapshot.Nodes), "first")
			continue
		}
		for _, change := range item.Event.Changes {
			above := map[bool]string{true: " above", false: " " + change.Variables.Note}[change.Above]
			told = append(told, change.Action+" "+change.Path+above+" "+claim(change.Previous)+" "+claim(change.Result))
		}
		if len(told) >= 6 {
			break
		}
	}
	equalSlices(t, told,
		"put /s/notes/a a first second",
		"delete /s/notes/a a second -",
		"copy /s above - -",
		"put /s/notes/a a - elsewhere",
		"put /s/notes/b b - elsewhere",
		"delete /s above - -",
	)
}

func TestOfTwoWhoHaveReadTheSameMessageOneWrites(t *testing.T) {
	ctx, _, notes := typedWorld(t)
	at := noteAt{Session: "s", Note: "n"}
	path, err := notes.Path(at)
	must(t, err)
	must(t, second(notes.Put(ctx, at, good("first"), precondition.Absent(path))))
	read, err := notes.Get(ctx, at)
	must(t, err)
	must(t, second(notes.Put(ctx, at, good("mine"), read.Unchanged())))
	is(t, second(notes.Put(ctx, at, good("yours"), read.Unchanged())), hyperloom.ErrPreconditionFailed)
	is(t, second(notes.Delete(ctx, at, read.Unchanged())), hyperloom.ErrPreconditionFailed)
}

func TestAGhostAndALockHaveTypedNodesOfTheirOwn(t *testing.T) {
	ctx, client, notes := typedWorld(t)
	at := noteAt{Session: "s", Note: "n"}
	must(t, second(notes.Put(ctx, at, good("before"))))
	ghost, err := client.Ghost(ctx, hyperloom.GhostOptions{})
	must(t, err)
	defer ghost.Close(ctx)
	inside := hyperloom.Typed(ghost, acmev1.ResearchNoteNode)
	base, err := inside.Get(ctx, at)
	must(t, err)
	must(t, second(inside.Put(ctx, at, good("one"), base.Unchanged())))
	staged, err := inside.Get(ctx, at)
	must(t, err)
	must(t, second(inside.Put(ctx, at, good("two"), staged.Unchanged())))
	is(t, second(inside.Put(ctx, at, good("three"), staged.Unchanged())), hyperloom.ErrPreconditionFailed)
	hasProblems(t, second(inside.Put(ctx, at, bad())), problems)
	found, err := inside.Collect(ctx, noteAt{})
	must(t, err)
	equalSlices(t, claimsOf(found), "two")
	outside, err := notes.Get(ctx, at)
	must(t, err)
	equal(t, outside.Value.GetClaim(), "before")
	must(t, second(ghost.Commit(ctx, hyperloom.CommitOptions{})))
	lock, err := client.Lock(ctx, hyperloom.LockOptions{}, "/s")
	must(t, err)
	is(t, second(notes.Put(ctx, at, good("outside"))), hyperloom.ErrLocked)
	must(t, second(hyperloom.Typed(lock, acmev1.ResearchNoteNode).Put(ctx, at, good("locked"))))
	must(t, lock.Release(ctx))
}

func TestWhatIsAnotherMessageIsToldAsThat(t *testing.T) {
	ctx, client, tree := world(t) // Without a schema anything may be there.
	forest := "untyped_" + tree[len("/test_"):]
	must(t, second(client.Forests().Create(ctx, forest)))
	client = client.In(forest)
	notes := hyperloom.Typed(client, acmev1.ResearchNoteNode)
	must(t, second(client.Put(ctx, "/s/notes/a", "text")))
	must(t, second(client.Put(ctx, "/s/notes/b", &acmev1.Session{Goal: "x"})))
	must(t, second(notes.Put(ctx, key("s", "c"), good("right"))))
	for name, held := range map[string]string{"a": "text", "b": "acme.v1.Session"} {
		err := second(notes.Get(ctx, key("s", name)))
		is(t, err, hyperloom.ErrTypeMismatch)
		equal(t, hyperloom.Of(err).Message, "/s/notes/"+name+" holds "+held+" where acme.v1.ResearchNote is due")
	}
	found, err := notes.Collect(ctx, noteAt{Session: "s"})
	must(t, err)
	equal(t, len(found), 3)
	is(t, found[0].Err, hyperloom.ErrTypeMismatch)
	is(t, found[1].Err, hyperloom.ErrTypeMismatch)
	equal(t, found[2].Value.GetClaim(), "right")
	sessions := hyperloom.Typed(client, acmev1.SessionNode)
	is(t, second(sessions.Get(ctx, acmev1.SessionVariables{Session: "s"})), hyperloom.ReasonNodeNotFound)
	none, err := sessions.Find(ctx, acmev1.SessionVariables{Session: "s"})
	must(t, err)
	equal(t, none, nil)
}
