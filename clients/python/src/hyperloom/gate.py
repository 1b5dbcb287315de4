"""Builders for gates: what must be fulfilled before a ghost's work reaches the trunk or its parent.

```python
async with client.ghost(gates=[gate.limit(["/session_1/plan/**"], operations_max=100), gate.review("safety")]) as ghost:
    ...
```
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from hyperloom._gen.v1 import gate_pb2

ViolationAction: TypeAlias = Literal["revert", "collect"]
"""What is done about values that do not fit their schemas: see `schema`."""


@dataclass(frozen=True, slots=True)
class Gate:
    """One condition. Make it with the functions of this module."""

    kind: Literal["limit", "review", "schema"]
    patterns: tuple[str, ...] = ()
    """Of a gate that limits: what may be touched. Empty: all of the ghost's scope."""
    operations_max: int = 0
    """Of a gate that limits; 0: no such limit."""
    bytes_max: int = 0
    """Of a gate that limits; 0: no such limit."""
    reviewer: str = ""
    """Of a gate that asks for a review."""
    on_violation: ViolationAction | None = None
    """Of a gate about schemas."""


def limit(patterns: Sequence[str] = (), *, operations_max: int = 0, bytes_max: int = 0) -> Gate:
    """What the ghost may touch: patterns of paths, as in a subscription; operations and bytes in all (0: no limit).

    A diff that goes beyond it is refused when it is staged, with `GateLimitError`.
    """
    return Gate("limit", tuple(patterns), operations_max, bytes_max)


def review(reviewer: str) -> Gate:
    """A program or a person who must approve, by the name that it knows itself by. `commit` waits for it."""
    return Gate("review", reviewer=reviewer)


def schema(on_violation: ViolationAction) -> Gate:
    """What becomes of values that do not fit their schemas, which are refused without this gate.

    `revert`: the ghost goes back to its newest checkpoint at the first of them, with `GateRevertedError`; `speculate`
    does the work again. `collect`: they are staged, and the commit is refused with all of them until later diffs have
    put them right.
    """
    if on_violation not in _ACTIONS:
        raise ValueError(f"a schema gate's action is revert or collect, not {on_violation!r}")
    return Gate("schema", on_violation=on_violation)


def wire_gates(gates: Sequence[Gate]) -> Iterator[gate_pb2.Gate]:
    """For the package: gates as they travel."""
    for each in gates:
        if each.kind == "review":
            yield gate_pb2.Gate(review=gate_pb2.ReviewGate(reviewer=each.reviewer))
        elif each.kind == "schema" and each.on_violation is not None:
            yield gate_pb2.Gate(schema=gate_pb2.SchemaGate(on_violation=_ACTIONS[each.on_violation]))
        else:
            limits = gate_pb2.LimitGate(
                patterns=each.patterns, operations_max=each.operations_max, bytes_max=each.bytes_max
            )
            yield gate_pb2.Gate(limit=limits)


def gate_from(message: gate_pb2.Gate) -> Gate | None:
    """For the package: a gate as it was told; `None` for one of a newer broker, which this version does not know."""
    kind = message.WhichOneof("kind")
    if kind == "limit":
        limits = message.limit
        return limit(limits.patterns, operations_max=limits.operations_max, bytes_max=limits.bytes_max)
    if kind == "review":
        return review(message.review.reviewer)
    if kind == "schema":
        return schema("revert" if message.schema.on_violation == gate_pb2.VIOLATION_ACTION_REVERT else "collect")
    return None


_ACTIONS: dict[ViolationAction, gate_pb2.ViolationAction] = {
    "revert": gate_pb2.VIOLATION_ACTION_REVERT,
    "collect": gate_pb2.VIOLATION_ACTION_COLLECT,
}
