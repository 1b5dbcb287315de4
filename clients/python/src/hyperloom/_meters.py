"""What agents have moved, and what the full history would have taken."""

from __future__ import annotations

from dataclasses import dataclass

from hyperloom._gen.v1 import meter_pb2


@dataclass(frozen=True, slots=True)
class Volume:
    """An amount of content."""

    bytes: int
    tokens: int
    """By o200k_base."""
    estimated_tokens: int
    """How many of these are an estimate."""


@dataclass(frozen=True, slots=True)
class MeterPrice:
    """What content costs as a model's input, where an uncached token costs 1."""

    context: float
    """What was read and rendered, nothing cached."""
    context_cached: float
    """The same with what the provider's prompt cache saves."""
    full_history: float
    full_history_cached: float


@dataclass(frozen=True, slots=True)
class Meter:
    """What one agent has moved in one tree."""

    agent: str
    """Empty: those without a name, and those beyond the first 1,000."""
    tree: str
    """The first segment of the paths. Empty: no tree in particular, or too many of them."""
    publishes: int
    published: Volume
    read: Volume
    rendered: Volume
    full_history: Volume
    """What it would have read if it had been handed the whole history of the tree for each of its publishes."""
    price: MeterPrice


def meter_from(message: meter_pb2.Meter) -> Meter:
    price = message.price
    return Meter(
        agent=message.agent,
        tree=message.tree,
        publishes=message.publishes,
        published=_volume(message.published),
        read=_volume(message.read),
        rendered=_volume(message.rendered),
        full_history=_volume(message.full_history),
        price=MeterPrice(price.context, price.context_cached, price.full_history, price.full_history_cached),
    )


def _volume(message: meter_pb2.Volume) -> Volume:
    return Volume(message.bytes, message.tokens, message.estimated_tokens)
