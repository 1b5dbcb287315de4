package hyperloom

import (
	"context"

	oteltrace "go.opentelemetry.io/otel/trace"
)

// activeTraceParent is the W3C trace context of the OpenTelemetry span in ctx; empty where there is none.
func activeTraceParent(ctx context.Context) string {
	span := oteltrace.SpanContextFromContext(ctx)
	if !span.IsValid() {
		return ""
	}
	return "00-" + span.TraceID().String() + "-" + span.SpanID().String() + "-" + span.TraceFlags().String()
}
