"""Records and messages as they are stored: JSON, as Pydantic AI's own type adapters write it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from pydantic import TypeAdapter, ValidationError
from pydantic_ai.conversation_store import ConversationEntry, ConversationRecord
from pydantic_ai.exceptions import UserError
from pydantic_ai.messages import ModelMessagesTypeAdapter, ModelRequest, ModelResponse
from pydantic_core import PydanticSerializationError

from hyperloom._node import Node
from hyperloom._values import Json
from hyperloom.pydantic_ai._errors import SpoiledConversationError

VALUE_BYTES_MAX: Final = 2 * 1024 * 1024
"""The broker's own limit for a value."""

_RECORDS: Final = TypeAdapter(ConversationRecord)


@dataclass(frozen=True, slots=True)
class Tail:
    """The line whose end may be continued, and how many entries it has."""

    line: str
    count: int


@dataclass(frozen=True, slots=True)
class Stored:
    """What the node of a record holds."""

    record: ConversationRecord
    tail: Tail | None


def stored_record(record: ConversationRecord, tail: Tail | None) -> Json:
    """Raises `UserError`."""
    try:
        value = _RECORDS.dump_python(record, mode="json")
        text = _dumps({"record": value, "tail": None if tail is None else {"line": tail.line, "count": tail.count}})
    except (PydanticSerializationError, ValueError, RecursionError) as error:
        raise UserError(
            f"conversation {record.conversation_id!r} cannot be stored as JSON: {error}. Keep plain data in the "
            "metadata of deferred tool calls"
        ) from error
    return _fitting(text, f"the record of conversation {record.conversation_id!r}", "defer fewer or smaller tool calls")


def read_record(node: Node) -> Stored:
    """Raises `SpoiledConversationError`."""
    try:
        value = node.value
        tail = value["tail"]
        record = _RECORDS.validate_python(value["record"], strict=False)
        return Stored(record, None if tail is None else Tail(tail["line"], tail["count"]))
    except (ValidationError, KeyError, TypeError) as error:
        raise _spoiled(node, "record of a conversation") from error


def stored_entry(entry: ConversationEntry, index: int) -> Json:
    """Raises `UserError`."""
    if not isinstance(entry.message, (ModelRequest, ModelResponse)):
        raise UserError(
            f"new message {index} is a {type(entry.message).__name__}, and a conversation has ModelRequests and "
            "ModelResponses"
        )
    try:
        message = ModelMessagesTypeAdapter.dump_json([entry.message])[1:-1].decode()
        head = _dumps({"id": entry.id, "parent_id": entry.parent_id, "kind": entry.kind})
    except (PydanticSerializationError, ValueError, RecursionError) as error:
        raise UserError(
            f"new message {index} cannot be stored as JSON: {error}. Keep plain data in metadata and in tools' results"
        ) from error
    text = f'{head[:-1]},"message":{message}}}'
    return _fitting(text, f"new message {index}", "keep large files elsewhere, and let the message name them by URL")


def read_entries(nodes: list[Node]) -> list[ConversationEntry]:
    """Entries from nodes. Raises `SpoiledConversationError`."""
    entries: list[ConversationEntry] = []
    for node in nodes:
        try:
            value = json.loads(node.json_text or "")
            # One after the other, so that the error can say which.
            message = ModelMessagesTypeAdapter.validate_json(f"[{_dumps(value['message'])}]")[0]
            entries.append(ConversationEntry(id=value["id"], parent_id=value["parent_id"], message=message))
        except (ValidationError, ValueError, KeyError, TypeError) as error:
            raise _spoiled(node, "message of a conversation") from error
    return entries


def _dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _fitting(text: str, what: str, advice: str) -> Json:
    size = len(text.encode())
    if size > VALUE_BYTES_MAX:
        raise UserError(f"{what} takes {size:,} bytes, and {VALUE_BYTES_MAX:,} are the most: {advice}")
    return Json(text)


def _spoiled(node: Node, what: str) -> SpoiledConversationError:
    return SpoiledConversationError(
        f"{node.path} holds no {what}: something else was put there, or a newer Pydantic AI wrote it. Update, or "
        "delete the node"
    )
