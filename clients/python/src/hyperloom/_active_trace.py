"""The trace context of the active OpenTelemetry span, in programs that use OpenTelemetry."""

from __future__ import annotations

import sys
from typing import Any


def active_trace_parent() -> str | None:
    """As `traceparent` has it; `None` outside of spans.

    A program that has spans has imported OpenTelemetry: nobody else needs the package, or waits for its import.
    """
    api: Any = sys.modules.get("opentelemetry.trace")
    # Another thread may be in the middle of its import.
    current = getattr(api, "get_current_span", None)
    if current is None:
        return None
    span = current().get_span_context()
    if not span.is_valid:
        return None
    return f"00-{span.trace_id:032x}-{span.span_id:016x}-{int(span.trace_flags):02x}"
