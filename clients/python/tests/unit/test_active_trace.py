"""The active OpenTelemetry span goes along with what is published, from asyncio and from any thread."""

from __future__ import annotations

import subprocess
import sys

from opentelemetry import trace
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags

from hyperloom._active_trace import active_trace_parent
from hyperloom._sync.loop import LoopThread

_TRACE_ID = 0x0AF7651916CD43DD8448EB211C80319C
_SPAN_ID = 0xB7AD6B7169203331


def _span(flags: int) -> NonRecordingSpan:
    return NonRecordingSpan(SpanContext(_TRACE_ID, _SPAN_ID, is_remote=False, trace_flags=TraceFlags(flags)))


def test_a_span_is_told_with_its_flags() -> None:
    assert active_trace_parent() is None
    with trace.use_span(_span(1)):
        assert active_trace_parent() == "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    with trace.use_span(_span(0)):
        assert active_trace_parent() == "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"
    assert active_trace_parent() is None


def test_who_blocks_is_asked_in_the_calling_thread() -> None:
    async def ask() -> str | None:
        return active_trace_parent()

    loop = LoopThread()
    with trace.use_span(_span(1)):
        assert loop.run(ask()) == "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    assert loop.run(ask()) is None
    loop.close()


def test_nobody_imports_opentelemetry_for_it() -> None:
    program = "import sys, hyperloom; sys.exit(any(name.startswith('opentelemetry') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
