"""Items of lists as this process knows them: stored once, compared with what a graph puts, handed out as new objects.

A growing list of messages is read and put whole, again and again; so comparing and handing out an item that is known
must cost next to nothing. Nothing that is handed out is shared with what is known: a graph may change it in place.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from langchain_core.messages import BaseMessage

from hyperloom.langgraph._shared import decode, encode
from hyperloom.langgraph._texts import Taken
from hyperloom.langgraph._values import dumps

_new = object.__new__
_set_attribute = object.__setattr__


class Item:
    """An item of a list, immutable."""

    __slots__ = (
        "_dicts",
        "_extra",
        "_fields",
        "_inner",
        "_key",
        "_lists",
        "_set",
        "_texts",
        "extra",
        "json",
        "kind",
        "taken",
        "told",
    )

    def __init__(self, stored: str, texts: Mapping[str, str], taken: Taken | None, value: Any) -> None:
        self.json = stored
        """The stored JSON."""
        self.taken = taken
        """Its texts, until they are stored."""
        self._texts = texts
        self._key: str | None = None
        self.kind: type | None = None
        """Set where a value can be told to be this item without encoding it: its class, and what it holds."""
        self.told: Any = None
        self.extra: Any = None
        if type(value) is str:
            self.kind = str
            self.told = value
        elif isinstance(value, BaseMessage) and _is_plain(value.__dict__) and _is_plain(value.__pydantic_extra__):
            self._keep(value)

    def _keep(self, message: BaseMessage) -> None:
        self.kind = type(message)
        fields: dict[str, Any] = _copied(message.__dict__)
        self._fields = fields
        # Most of what a message holds is empty: making that anew costs less than copying it.
        self._dicts = tuple(name for name, value in fields.items() if value == {} and type(value) is dict)
        self._lists = tuple(name for name, value in fields.items() if value == [] and type(value) is list)
        self._inner = tuple(name for name, value in fields.items() if value and type(value) in (dict, list))
        self._extra = _copied(message.__pydantic_extra__)
        self._set = frozenset(message.__pydantic_fields_set__)
        # A tuple is a place in memory, a dict is many: that is what comparing a long conversation takes its time for.
        self.told = tuple(map(_shared_if_empty, fields.values()))
        self.extra = self._extra or None

    @staticmethod
    def of(value: Any) -> Item:
        """What a graph puts. Raises `NotSharedError`."""
        taken = Taken()
        return Item(dumps(encode(value, taken)), taken.texts, taken, value)

    @staticmethod
    def stored(stored: Any, texts: Mapping[str, str]) -> Item:
        """What was read; `texts` has those that it names."""
        return Item(dumps(stored), texts, None, decode(stored, texts))

    @property
    def key(self) -> str:
        """Equal for items that are equal as JSON."""
        if self._key is None:
            self._key = json.dumps(json.loads(self.json), sort_keys=True)
        return self._key

    def is_known(self, value: Any) -> bool:
        """Whether `value` is this very message or text, as far as can be told without encoding it."""
        kind = type(value)
        if kind is not self.kind:
            return False
        if kind is str:
            return bool(value == self.told)
        # The fields of a class have their order.
        return bool(tuple(value.__dict__.values()) == self.told and (value.__pydantic_extra__ or None) == self.extra)

    def fresh(self) -> Any:
        """The item as an object of its own."""
        kind = self.kind
        if kind is None:
            return decode(json.loads(self.json), self._texts)
        if kind is str:
            return self.told
        message: Any = _new(kind)
        fields = self._fields.copy()
        for name in self._dicts:
            fields[name] = {}
        for name in self._lists:
            fields[name] = []
        for name in self._inner:
            fields[name] = _copied(fields[name])
        _set_attribute(message, "__dict__", fields)
        _set_attribute(message, "__pydantic_fields_set__", set(self._set))
        _set_attribute(message, "__pydantic_extra__", _copied(self._extra))
        _set_attribute(message, "__pydantic_private__", None)
        return message


_EMPTY_DICT: dict[str, Any] = {}
_EMPTY_LIST: list[Any] = []


def _shared_if_empty(value: Any) -> Any:
    if value == {} and type(value) is dict:
        return _EMPTY_DICT
    return _EMPTY_LIST if value == [] and type(value) is list else value


def _is_plain(value: Any) -> bool:
    """Whether it is nothing but JSON."""
    if isinstance(value, dict):
        return all(map(_is_plain, value.values()))
    if isinstance(value, (list, tuple)):
        return all(map(_is_plain, value))
    return value is None or type(value) in (str, int, float, bool)


def _copied(value: Any) -> Any:
    """Of what JSON can say; texts and numbers are not copied."""
    kind = type(value)
    if kind is dict:
        return {key: _copied(part) if type(part) in (dict, list, tuple) else part for key, part in value.items()}
    if kind is list or kind is tuple:
        return [_copied(part) for part in value]
    return value
