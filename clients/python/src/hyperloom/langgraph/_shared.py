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
# What a constructor puts there by itself, by class and field.
_DEFAULTS: Final[dict[type[BaseMessage], dict[str, Any]]] = {
    cls: {
        name: field.get_default(call_default_factory=True)
        for name, field in cls.model_fields.items()
        if not field.is_required()
    }
    for cls in _MESSAGES
}
_TASKS: Final = "__pregel_tasks"
"""LangGraph's channel of what is sent to nodes."""


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
    fields, kind = message.__dict__, type(message)
    return {name: encode(fields[name], taken) for name in sorted(fields) if _is_argument(kind, name, fields[name])}


def _arguments_of(message: BaseMessage) -> dict[str, Any]:
    """What makes the message again, without what its constructor puts there by itself."""
    fields, kind = {**message.__dict__, **(message.__pydantic_extra__ or {})}, type(message)
    return {name: value for name, value in fields.items() if _is_argument(kind, name, value)}


def _is_argument(kind: type[BaseMessage], name: str, value: Any) -> bool:
    if name == "type":
        return False
    if value is not None and (not isinstance(value, (str, list, dict)) or (value and value != "success")):
        return True
    # What the class puts there by itself goes without saying, nothing else: an empty list is not the lack of one.
    defaults = _DEFAULTS[kind]
    return name not in defaults or bool(defaults[name] != value)


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
            return _construct(path, marked[1], texts)
        return text_of(marked, texts)
    if stored.get("lc") == 1 and stored.get("type") == "constructor" and isinstance(stored.get("id"), list):
        return _construct(stored["id"], stored.get("kwargs"), texts)
    value = {key: decode(part, texts) for key, part in stored.items()}
    return _revive(value) if value.get("lc") == 2 else value


def _construct(path: list[Any], stored: Any, texts: Mapping[str, str] | None) -> Any:
    """The object that its class and stored arguments stand for."""
    arguments = decode(stored, texts)
    cls = _CLASSES.get(path[-1]) if "messages" in path and str(path[0]).startswith("langchain") else None
    value = {"lc": 1, "type": "constructor", "id": path, "kwargs": arguments}
    try:
        if cls is not None and isinstance(arguments, dict):
            return cls(**arguments)
        return load(value)
    except Exception:
        mended = None if cls is None or not isinstance(stored, dict) else _mended(cls, stored, texts)
        # Otherwise nothing that this version of LangChain knows: the graph sees what is stored.
        return value if mended is None else mended


def _mended(cls: type[BaseMessage], stored: dict[str, Any], texts: Mapping[str, str] | None) -> Any:
    """A message that JavaScript makes and Python would not; `None` where it cannot be had."""
    arguments = decode(_defined(stored), texts)
    for calls in ("tool_calls", "invalid_tool_calls"):
        for call in arguments.get(calls) or ():
            if isinstance(call, dict):
                call.setdefault("id", None)
    for name, field in cls.model_fields.items():
        # Before it was kept, an empty text was left out.
        if field.is_required():
            arguments.setdefault(name, "")
    try:
        return cls(**arguments)
    except Exception:
        return None


def _defined(stored: Any) -> Any:
    """The same without members that are JavaScript's undefined."""
    if isinstance(stored, list):
        return [_defined(each) for each in stored]
    if not isinstance(stored, dict):
        return stored
    undefined = {"lc": 2, "type": "undefined"}
    return {name: _defined(each) for name, each in stored.items() if each != undefined}


def with_sends(channel: str, value: Any) -> Any:
    """What is read of a channel: in that of LangGraph's tasks, JavaScript tells each as a plain object."""
    if channel != _TASKS:
        return value
    if isinstance(value, list):
        return [with_sends(channel, each) for each in value]
    if isinstance(value, dict) and value.keys() == {"node", "args"}:
        return importlib.import_module("langgraph.types").Send(value["node"], value["args"])
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
