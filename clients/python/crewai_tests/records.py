"""Records for tests."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from crewai.memory.types import MemoryRecord

EMBEDDING = [0.5, 0.25, -0.125, 1.0]


def record(content: str, scope: str = "/", embedding: list[float] | None = EMBEDDING, **fields: Any) -> MemoryRecord:
    """A memory."""
    return MemoryRecord(content=content, scope=scope, embedding=embedding, **fields)


def contents(records: list[MemoryRecord]) -> list[str]:
    """What is remembered."""
    return [each.content for each in records]


def found(results: list[tuple[MemoryRecord, float]]) -> list[str]:
    """What a search has found."""
    return [each.content for each, _ in results]


def day(number: int) -> datetime:
    """A day, without a zone, as CrewAI has it."""
    return datetime(2026, 1, number)
