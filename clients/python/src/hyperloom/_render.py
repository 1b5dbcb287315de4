"""State as text for a model's prompt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, TypeAlias

from hyperloom._basis import BasisEntry, basis_entry_from
from hyperloom._gen.v1 import render_pb2
from hyperloom._kinds import age_from

RenderFormat: TypeAlias = 'Literal["text", "json"]'
"""`text` is headed text, `json` an object a line."""

Tokenizer: TypeAlias = 'Literal["o200k", "cl100k"]'
"""How tokens are counted."""


@dataclass(frozen=True, slots=True)
class RenderPart:
    """A part of what is shown."""

    pattern: str
    """Which nodes, as in `subscribe`."""
    priority: int = 0
    """Where the budget does not take all parts, those with the higher number are kept."""
    token_budget: int = 0
    """The most tokens of this part at the beginning of the layout. 0: as many as the budget takes."""


RenderParts: TypeAlias = "str | RenderPart | Sequence[str | RenderPart]"
"""One part or several; a text is a pattern."""


@dataclass(frozen=True, slots=True)
class RenderedContext:
    """A context."""

    text: str
    """Ends with a line break, or is empty."""
    revision: int
    """What it shows: pass it as `since_revision` for what comes next."""
    base_revision: int
    """The layout: pass it for a text with the same beginning."""
    sequence: int
    """In a ghost: the last staged diff that it shows."""
    tokens: int
    """What the text takes."""
    layout_tokens: int
    """What the whole layout takes, with what `since_revision` leaves out."""
    base_bytes: int
    """Bytes at the beginning that are the layout's own; changes come behind them."""
    left_out: int
    """Nodes and changes that were left out for the budget; the text says so too."""
    left_out_tokens: int
    rebased_tokens: int
    """What a new layout would take, estimated."""
    basis: tuple[BasisEntry, ...]
    """What was shown. It is noted as read."""
    age: timedelta | None = None
    """How old what it shows may be at most; see `Node.age`."""


def part_messages(parts: RenderParts) -> list[render_pb2.RenderPart]:
    """The parts as they travel."""
    several = [parts] if isinstance(parts, (str, RenderPart)) else parts
    plain = [RenderPart(each) if isinstance(each, str) else each for each in several]
    return [
        render_pb2.RenderPart(pattern=each.pattern, priority=each.priority, token_budget=each.token_budget)
        for each in plain
    ]


def rendered_from(message: render_pb2.RenderContextResponse) -> RenderedContext:
    return RenderedContext(
        text=message.text,
        revision=message.revision,
        base_revision=message.base_revision,
        sequence=message.sequence,
        tokens=message.tokens,
        layout_tokens=message.layout_tokens,
        base_bytes=message.base_bytes,
        left_out=message.left_out,
        left_out_tokens=message.left_out_tokens,
        rebased_tokens=message.rebased_tokens,
        basis=tuple(map(basis_entry_from, message.basis)),
        age=age_from(message),
    )
