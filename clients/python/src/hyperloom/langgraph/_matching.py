"""Which items and namespaces of a store a request means. Pure; the rules are those of LangGraph's own stores."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from langgraph.store.base import ListNamespacesOp, MatchCondition

_OPERATORS = ("$eq", "$ne", "$gt", "$gte", "$lt", "$lte")


def fits(value: Mapping[str, Any], wanted: Mapping[str, Any] | None) -> bool:
    """Whether an item's value passes a filter: each key equals, or compares as its operators say."""
    return all(_fits(value.get(key), condition) for key, condition in (wanted or {}).items())


def _fits(found: Any, condition: Any) -> bool:
    if isinstance(condition, Mapping):
        if any(str(key).startswith("$") for key in condition):
            return all(_compares(found, operator, bound) for operator, bound in condition.items())
        return isinstance(found, Mapping) and fits(found, condition)
    if isinstance(condition, (list, tuple)):
        if not isinstance(found, (list, tuple)) or len(found) != len(condition):
            return False
        return all(_fits(one, other) for one, other in zip(found, condition, strict=True))
    return bool(found == condition)


def _compares(found: Any, operator: str, bound: Any) -> bool:
    if operator == "$eq":
        return bool(found == bound)
    if operator == "$ne":
        return bool(found != bound)
    if operator not in _OPERATORS:
        raise ValueError(f"a filter knows {', '.join(_OPERATORS)}, not {operator!r}")
    one, other = _number(found), _number(bound)
    if one is None or other is None:
        # What is no number is neither above nor below one; text compares with text, such as times in ISO 8601.
        if not (isinstance(found, str) and isinstance(bound, str)):
            return False
        return _ordered(operator, (found > bound) - (found < bound))
    return _ordered(operator, (one > other) - (one < other))


def _ordered(operator: str, sign: int) -> bool:
    if operator == "$gt":
        return sign > 0
    if operator == "$gte":
        return sign >= 0
    return sign < 0 if operator == "$lt" else sign <= 0


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return None if math.isnan(number) else number


def choose_namespaces(namespaces: Iterable[tuple[str, ...]], op: ListNamespacesOp) -> list[tuple[str, ...]]:
    """Those that match all conditions, cut to a depth, sorted, one page of them."""
    conditions = op.match_conditions or ()
    chosen = {each[: op.max_depth] for each in namespaces if all(_matches(each, one) for one in conditions)}
    return sorted(chosen)[op.offset : op.offset + op.limit]


def _matches(namespace: tuple[str, ...], condition: MatchCondition) -> bool:
    pattern = condition.path
    if len(namespace) < len(pattern):
        return False
    if condition.match_type == "prefix":
        part: Sequence[str] = namespace[: len(pattern)]
    elif condition.match_type == "suffix":
        part = namespace[len(namespace) - len(pattern) :]
    else:
        raise ValueError(f"a namespace matches by its prefix or its suffix, not by its {condition.match_type!r}")
    return all(wanted in ("*", found) for found, wanted in zip(part, pattern, strict=True))


def similarity(one: Sequence[float], other: Sequence[float]) -> float:
    """The cosine of the angle between two vectors; 0 where one of them is all zeros."""
    lengths = math.sqrt(math.fsum(x * x for x in one)) * math.sqrt(math.fsum(y * y for y in other))
    return math.fsum(x * y for x, y in zip(one, other, strict=True)) / lengths if lengths else 0.0
