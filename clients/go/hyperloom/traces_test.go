package hyperloom_test

import (
	"context"
	"fmt"
	"testing"

	"go.opentelemetry.io/otel/trace"

	"hyperloom.dev/go/hyperloom"
	"hyperloom.dev/go/hyperloom/operation"
)

type spanKey struct{}

func span(number int) string { return fmt.Sprintf("00-%032x-b7ad6b7169203331-01", number) }

func TestWhatIsPublishedAndDoneInASpanBelongsToItsTrace(t *testing.T) {
	ctx, _, tree := world(t)
	client, err := hyperloom.Connect(shared.address, hyperloom.Options{
		Author: "tester",
		TraceParent: func(ctx context.Context) string {
			active, _ := ctx.Value(spanKey{}).(string)
			return active
		},
	})
	must(t, err)
	t.Cleanup(func() { must(t, client.Close()) })
	in := func(number int) context.Context { return context.WithValue(ctx, spanKey{}, span(number)) }

	untraced, err := client.Put(ctx, tree+"/a", 1)
	must(t, err)
	must(t, second(client.Put(in(1), tree+"/a", 2)))
	ghost, err := client.Ghost(ctx, hyperloom.GhostOptions{Scope: tree})
	must(t, err)
	must(t, second(ghost.Put(in(1), tree+"/a", 3)))
	must(t, second(ghost.Commit(in(2), hyperloom.CommitOptions{})))
	diff := hyperloom.Diff{Operations: []operation.Operation{operation.Put(tree+"/a", 4)}, TraceParent: span(3)}
	must(t, second(client.Publish(in(1), diff)))

	events, err := client.History(hyperloom.HistoryOptions{Path: tree, AfterRevision: untraced.Revision - 1}).Collect(ctx)
	must(t, err)
	var traces []string
	for _, event := range events {
		traces = append(traces, event.TraceParent)
	}
	equal(t, fmt.Sprint(traces), fmt.Sprint([]string{"", span(1), span(2), span(3)}))
}

func TestTheActiveSpanGoesAlongByItself(t *testing.T) {
	ctx, client, tree := world(t)
	in := func(flags trace.TraceFlags) context.Context {
		return trace.ContextWithSpanContext(ctx, trace.NewSpanContext(trace.SpanContextConfig{
			TraceID: trace.TraceID{15: 7}, SpanID: trace.SpanID{7: 8}, TraceFlags: flags,
		}))
	}
	untraced, err := client.Put(ctx, tree+"/a", 1)
	must(t, err)
	must(t, second(client.Put(in(trace.FlagsSampled), tree+"/a", 2)))
	must(t, second(client.Put(in(0), tree+"/a", 3)))

	events, err := client.History(hyperloom.HistoryOptions{Path: tree, AfterRevision: untraced.Revision - 1}).Collect(ctx)
	must(t, err)
	var traces []string
	for _, event := range events {
		traces = append(traces, event.TraceParent)
	}
	prefix := "00-00000000000000000000000000000007-0000000000000008-"
	equal(t, fmt.Sprint(traces), fmt.Sprint([]string{"", prefix + "01", prefix + "00"}))
}
