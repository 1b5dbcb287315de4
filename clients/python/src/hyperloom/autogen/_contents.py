"""Contents of a memory as their nodes hold them. Pure."""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from autogen_core import Image
from autogen_core.memory import MemoryContent, MemoryMimeType

from hyperloom._node import Node
from hyperloom._values import Json, json_bytes
from hyperloom.autogen._errors import NotStorableError, TooLargeError

CONTENT_BYTES_MAX: Final = 2 * 1024 * 1024
"""The broker's own limit for a value."""

Vector: TypeAlias = "tuple[float, ...]"
Content: TypeAlias = "str | bytes | dict[str, Any] | Image"


@dataclass(frozen=True, slots=True)
class Stored:
    """A content with its embedding."""

    text: str
    """The node's JSON."""
    vector: Vector | None

    def content(self, score: float | None = None) -> MemoryContent:
        """As AutoGen knows it: an object of the caller's own. A search says how alike it is, in the metadata."""
        item = json.loads(self.text)["item"]
        metadata = item["metadata"]
        if score is not None:
            metadata = {**(metadata or {}), "score": score}
        return MemoryContent(
            content=_read(item["kind"], item["content"]), mime_type=_mime_type(item["mime_type"]), metadata=metadata
        )


def stored_content(node: Node) -> Stored | None:
    """From a node; `None` where something else lies there."""
    value = node.value if node.kind == "json" and isinstance(node.value, dict) else {}
    item = value.get("item")
    if not isinstance(item, dict) or not {"kind", "content", "mime_type", "metadata"} <= item.keys():
        return None
    return Stored(node.json_text or "", _unpacked(value.get("vector")))


def content_json(content: MemoryContent, vector: Sequence[float] | None) -> Json:
    """The node's JSON. Raises `NotStorableError` and `TooLargeError`."""
    kind, value = _written(content.content)
    mime_type: Any = content.mime_type
    item = {
        "kind": kind,
        "content": value,
        # A text stays a text: `MemoryMimeType.TEXT` does not equal "text/plain".
        "mime_type": mime_type.value if isinstance(mime_type, MemoryMimeType) else {"text": mime_type},
        "metadata": content.metadata,
    }
    try:
        text = json_bytes({"item": item} if vector is None else {"item": item, "vector": _packed(vector)})
    except (TypeError, ValueError, RecursionError) as error:
        raise NotStorableError(
            f"this content cannot be stored as JSON: {error}. Make it, and its metadata, plain dicts, lists, texts and "
            "numbers"
        ) from error
    if len(text) > CONTENT_BYTES_MAX:
        raise TooLargeError(
            f"this content takes {len(text):,} bytes, and {CONTENT_BYTES_MAX:,} are the most: keep large files and "
            "images elsewhere, and remember where they are"
        )
    return Json(text.decode())


def searchable(content: MemoryContent | str) -> str:
    """What is embedded of a content; empty: it has no text."""
    if isinstance(content, str):
        return content
    value = content.content
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, dict) else ""


def _written(content: Content) -> tuple[str, Any]:
    if isinstance(content, str):
        return "text", content
    if isinstance(content, bytes):
        return "bytes", base64.b64encode(content).decode()
    if isinstance(content, Image):
        return "image", content.to_base64()
    return "json", content


def _read(kind: str, value: Any) -> Content:
    if kind == "bytes":
        return base64.b64decode(value)
    if kind == "image":
        return Image.from_base64(value)
    read: Content = value
    return read


def _mime_type(stored: Any) -> MemoryMimeType | str:
    if isinstance(stored, dict):
        return str(stored["text"])
    try:
        return MemoryMimeType(stored)
    except ValueError:
        return str(stored)


def _packed(vector: Sequence[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


def _unpacked(stored: Any) -> Vector | None:
    if not isinstance(stored, str):
        return None
    data = base64.b64decode(stored)
    return struct.unpack(f"<{len(data) // 4}f", data[: len(data) // 4 * 4])
