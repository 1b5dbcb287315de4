"""The form in which both languages read values: JSON, LangChain's messages, and a few objects of LangGraph.

`encode` makes stored JSON (long texts taken out), or raises `NotSharedError` where any part of a value has no such
form; then the graph's serializer encodes it whole. `decode` is its inverse. The rules are in
docs/frameworks/langgraph-layout.md.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Mapping
from typing import Any, Final

from langchain_core import messages as core_messages
from langchain_core.load import load
from langchain_core.messages import BaseMessage
from langgraph.checkpoint.serde.types import _DeltaSnapshot

from hyperloom.langgraph._texts import MARK, TEXT_BYTES_MIN, Taken, is_message, text_of

_INTEGER_MAX: Final = 2**53 - 1
"""Beyond it JavaScript's numbers lose digits."""

_MESSAGES: Final[dict[type[BaseMessage], str]] = {
    getattr(core_messages, name): name
    for name in (
        "AIMessage",
        "ChatMessage",
        "FunctionMessage",
        "HumanMessage",
        "RemoveMessage",
        "SystemMessage",
        "ToolMessage",
    )
}
_CLASSES: Final = {name: cls for cls, name in _MESSAGES.items()}
# What a constructor puts there by itself.
_DEFAULTS: Final[dict[str, Any]] = {"status": "success"}


class NotSharedError(Exception):
    """A part of the value has no form that both languages read."""


def encode(value: Any, taken: Taken | None) -> Any:
    """The value as stored JSON; its long texts are added to `taken`. Without one they stay where they are."""
    kind = type(value)
    if kind is str:
        return _encode_text(value, taken)
    if value is None or kind is bool:
        return value
    if kind is int:
        if not -_INTEGER_MAX <= value <= _INTEGER_MAX:
            raise NotSharedError
        return value
    if kind is float:
        if not math.isfinite(value):
            raise NotSharedError
        return value
    if kind is list or kind is tuple:
        return [encode(item, taken) for item in value]
    if kind is dict:
        return _encode_object(value, taken)
    return _encode_known(value, kind, taken)


def _encode_text(text: str, taken: Taken | None) -> Any:
    if (taken is None or len(text) < TEXT_BYTES_MIN) and text.isascii():
        return text
    encoded = _utf8(text)
    return text if taken is None or len(encoded) < TEXT_BYTES_MIN else taken.text(text, encoded)


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise NotSharedError from None


def _encode_object(value: dict[Any, Any], taken: Taken | None) -> dict[str, Any]:
    stored: dict[str, Any] = {}
    for key, part in value.items():
        if type(key) is not str or key == "lc":
            # An object of the user's with this key would come back as something else.
            raise NotSharedError
        if not key.isascii():
            _utf8(key)
        stored[key] = encode(part, taken)
    return {MARK: stored} if taken is not None and len(stored) == 1 and MARK in stored else stored


def _encode_known(value: Any, kind: type, taken: Taken | None) -> Any:
    name = _MESSAGES.get(kind)
    if name is not None:
        if taken is not None:
            return {MARK: [name, _encode_message(value, taken)]}
        return {
            "lc": 1,
            "type": "constructor",
            "id": ["langchain_core", "messages", name],
            "kwargs": _encode_object(_arguments_of(value), taken),
        }
    if kind is _DeltaSnapshot:
        return {"lc": 2, "type": "delta_snapshot", "value": encode(value.value, taken)}
    if kind.__module__ == "langgraph.types":
        if kind.__name__ == "Send" and getattr(value, "timeout", None) is None:
            return {"lc": 2, "type": "send", "node": value.node, "args": encode(value.arg, taken)}
        if kind.__name__ == "Interrupt" and getattr(value, "response_schema", None) is None:
            stored = encode(value.value, taken)
            return {"lc": 2, "type": "interrupt", "value": stored, "id": encode(value.id, taken)}
    if isinstance(value, BaseException):
        # As LangGraph's own serializer does.
        return _encode_text(repr(value), taken)
    raise NotSharedError


def _encode_message(message: BaseMessage, taken: Taken) -> dict[str, Any]:
    """Its arguments, in one order, so that what is equal is told by its text."""
    if message.__pydantic_extra__:
        return _encode_object(dict(sorted(_arguments_of(message).items())), taken)
    # The names of a class's own fields need not be looked at.
    fields = message.__dict__
    return {name: encode(fields[name], taken) for name in sorted(fields) if _is_argument(name, fields[name])}


def _arguments_of(message: BaseMessage) -> dict[str, Any]:
    """What makes the message again, without what its constructor puts there by itself."""
    fields = {**message.__dict__, **(message.__pydantic_extra__ or {})}
    return {name: value for name, value in fields.items() if _is_argument(name, value)}


def _is_argument(name: str, value: Any) -> bool:
    if name == "content":
        return True
    if value is None or name == "type":
        return False
    if isinstance(value, str):
        return bool(value != _DEFAULTS.get(name, ""))
    return bool(value) or type(value) not in (list, dict)


def decode(stored: Any, texts: Mapping[str, str] | None) -> Any:
    """The value that stored JSON stands for. New objects every time. `KeyError` where a text is not given.

    Without `texts`: of JSON that no texts were taken out of.
    """
    if isinstance(stored, list):
        return [decode(item, texts) for item in stored]
    if not isinstance(stored, dict):
        return stored
    if texts is not None and len(stored) == 1 and MARK in stored:
        marked = stored[MARK]
        if isinstance(marked, dict):
            return {MARK: decode(marked[MARK], texts)}
        if is_message(marked):
            path = ["langchain_core", "messages", marked[0]]
            arguments = decode(marked[1], texts)
            return _construct({"lc": 1, "type": "constructor", "id": path, "kwargs": arguments})
        return text_of(marked, texts)
    value = {key: decode(part, texts) for key, part in stored.items()}
    lc = value.get("lc")
    if lc == 2:
        return _revive(value)
    if lc == 1 and value.get("type") == "constructor" and isinstance(value.get("id"), list):
        return _construct(value)
    return value


def _construct(value: dict[str, Any]) -> Any:
    path, arguments = value["id"], value.get("kwargs")
    cls = _CLASSES.get(path[-1]) if "messages" in path and str(path[0]).startswith("langchain") else None
    if cls is not None and isinstance(arguments, dict):
        return cls(**arguments)
    try:
        return load(value)
    except Exception:
        # Nothing that this version of LangChain knows: the graph sees what is stored.
        return value


def _revive(value: dict[str, Any]) -> Any:
    kind = value.get("type")
    if kind == "delta_snapshot" and "value" in value:
        return _DeltaSnapshot(value["value"])
    if kind == "undefined":
        return None
    if kind == "send" and "node" in value:
        return importlib.import_module("langgraph.types").Send(value["node"], value.get("args"))
    if kind == "interrupt" and "value" in value:
        return interrupt_of(value)
    if kind == "constructor" and isinstance(value.get("args"), list) and len(value["args"]) == 1:
        return _revive_javascript(value, value["args"][0])
    return value


def _revive_javascript(value: dict[str, Any], argument: Any) -> Any:
    """JavaScript's own objects, where Python has the same."""
    name = value.get("id")
    try:
        if name == ["Set"]:
            return set(argument)
        if name == ["Map"]:
            return dict(argument)
        if name == ["Uint8Array"]:
            return bytes(argument)
    except (TypeError, ValueError):
        return value
    return argument if name == ["Error"] and isinstance(argument, str) else value


def interrupt_of(value: Mapping[str, Any]) -> Any:
    """An interrupt, as either language stores it."""
    known = {"value": value["value"]}
    if value.get("id"):
        known["id"] = value["id"]
    return importlib.import_module("langgraph.types").Interrupt(**known)
