"""Records as their nodes hold them. Pure."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from crewai.memory.types import MemoryRecord
from pydantic_core import PydanticSerializationError

from hyperloom._node import Node
from hyperloom._values import json_bytes
from hyperloom.crewai._errors import NotStorableError, TooLargeError

RECORD_BYTES_MAX: Final = 2 * 1024 * 1024
"""The broker's own limit for a value."""

Vector = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """A record without its embedding, and what it is chosen by."""

    text: str
    """The node's JSON."""
    categories: tuple[str, ...]
    metadata: Mapping[str, Any]
    created_at: datetime
    """As it was put."""

    @property
    def moment(self) -> datetime:
        """When it was created; without a zone it is UTC, as CrewAI writes it."""
        return aware(self.created_at)

    def record(self, embedding: Vector | None) -> MemoryRecord:
        """As CrewAI knows it: an object of the caller's own."""
        record = MemoryRecord.model_validate(json.loads(self.text))
        record.embedding = None if embedding is None else embedding.tolist()
        return record

    def passes(self, categories: Collection[str] | None, metadata_filter: Mapping[str, Any] | None) -> bool:
        """Whether it has one of the categories and all of the metadata."""
        if categories and not any(category in self.categories for category in categories):
            return False
        return all(self.metadata.get(key) == value for key, value in (metadata_filter or {}).items())


def aware(moment: datetime) -> datetime:
    """A time that compares with all others."""
    return moment.replace(tzinfo=timezone.utc) if moment.tzinfo is None else moment


def record_text(record: MemoryRecord) -> str:
    """The node's JSON. Raises `NotStorableError` and `TooLargeError`."""
    try:
        fields = record.model_dump(mode="json", exclude={"embedding", "metadata"})
        text = json_bytes({**fields, "metadata": record.metadata}).decode()
    except (TypeError, ValueError, RecursionError, PydanticSerializationError) as error:
        raise NotStorableError(
            f"memory {record.id!r} cannot be stored as JSON: {error}. Make its metadata plain dicts, lists, texts and "
            "numbers"
        ) from error
    size = len(text.encode())
    if size > RECORD_BYTES_MAX:
        raise TooLargeError(
            f"memory {record.id!r} takes {size:,} bytes, and {RECORD_BYTES_MAX:,} are the most: remember it in parts, "
            "or only where it is"
        )
    return text


def stored_record(node: Node) -> StoredRecord | None:
    """From a node; `None` where something else lies there."""
    value = node.value if node.kind == "json" else None
    if not isinstance(value, dict) or not {"id", "content", "scope", "created_at"} <= value.keys():
        return None
    try:
        record = MemoryRecord.model_validate(value)
    except ValueError:
        return None
    return StoredRecord(node.json_text or "", tuple(record.categories), record.metadata, record.created_at)


def vector_of(record_id: str, embedding: object) -> Vector | None:
    """An embedding as it is stored: in 32 bits a number, as CrewAI's own stores do. `None` where there is none."""
    if embedding is None:
        return None
    try:
        with np.errstate(over="ignore"):
            vector = np.asarray(embedding, dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise NotStorableError(f"the embedding of memory {record_id!r} is no list of numbers: {error}") from error
    if vector.size == 0:
        return None
    if vector.ndim != 1 or not np.isfinite(vector).all():
        raise NotStorableError(f"the embedding of memory {record_id!r} must be a list of finite numbers")
    return vector


def vector_bytes(vector: Vector) -> bytes:
    """The node's bytes: numbers of 32 bits, the least byte first."""
    return vector.astype("<f4").tobytes()


def stored_vector(node: Node) -> Vector | None:
    """From a node; `None` where something else lies there."""
    value = node.value if node.kind == "bytes" else b""
    return np.frombuffer(value, dtype="<f4").astype(np.float32) if value and len(value) % 4 == 0 else None
