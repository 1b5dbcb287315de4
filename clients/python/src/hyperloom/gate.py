"""Builders for gates: what must be fulfilled before a ghost's work reaches the trunk or its parent.

```python
async with client.ghost(gates=[gate.limit(["/session_1/plan/**"], operations_max=100), gate.review("safety")]) as ghost:
    ...
```
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

from hyperloom._gen.v1 import gate_pb2

Gate: TypeAlias = gate_pb2.Gate
"""One condition. Make it with the functions of this module."""

ViolationAction: TypeAlias = Literal["revert", "collect"]
"""What is done about values that do not fit their schemas: see `schema`."""


def limit(patterns: Sequence[str] = (), *, operations_max: int = 0, bytes_max: int = 0) -> Gate:
    """What the ghost may touch: patterns of paths, as in a subscription; operations and bytes in all (0: no limit).

    A diff that goes beyond it is refused when it is staged, with `GateLimitError`.
    """
    limits = gate_pb2.LimitGate(patterns=patterns, operations_max=operations_max, bytes_max=bytes_max)
    return Gate(limit=limits)


def review(reviewer: str) -> Gate:
    """A program or a person who must approve, by the name that it knows itself by. `commit` waits for it."""
    return Gate(review=gate_pb2.ReviewGate(reviewer=reviewer))


def schema(on_violation: ViolationAction) -> Gate:
    """What becomes of values that do not fit their schemas, which are refused without this gate.

    `revert`: the ghost goes back to its newest checkpoint at the first of them, with `GateRevertedError`; `speculate`
    does the work again. `collect`: they are staged, and the commit is refused with all of them until later diffs have
    put them right.
    """
    actions = {"revert": gate_pb2.VIOLATION_ACTION_REVERT, "collect": gate_pb2.VIOLATION_ACTION_COLLECT}
    if on_violation not in actions:
        raise ValueError(f"a schema gate's action is revert or collect, not {on_violation!r}")
    return Gate(schema=gate_pb2.SchemaGate(on_violation=actions[on_violation]))
