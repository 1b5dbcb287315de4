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


class Item:
    """An item of a list, immutable."""

    __slots__ = ("_class", "_extra", "_fields", "_key", "_set", "_texts", "json", "taken")

    def __init__(self, stored: str, texts: Mapping[str, str], taken: Taken | None, value: Any) -> None:
        self.json = stored
        """The stored JSON."""
        self.taken = taken
        """Its texts, until they are stored."""
        self._texts = texts
        self._key: str | None = None
        self._class: type[BaseMessage] | None = None
        if isinstance(value, BaseMessage) and _is_plain(value.__dict__) and _is_plain(value.__pydantic_extra__):
            self._class = type(value)
            self._fields: dict[str, Any] = _copied(value.__dict__)
            self._extra = _copied(value.__pydantic_extra__)
            self._set = frozenset(value.__pydantic_fields_set__)

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

    def is_message(self, value: Any) -> bool:
        """Whether `value` is this very message, as far as can be told without encoding it."""
        return (
            type(value) is self._class
            and value.__dict__ == self._fields
            and (value.__pydantic_extra__ or None) == (self._extra or None)
        )

    def fresh(self) -> Any:
        """The item as an object of its own."""
        if self._class is None:
            return decode(json.loads(self.json), self._texts)
        message = self._class.__new__(self._class)
        setattribute = object.__setattr__
        setattribute(message, "__dict__", _copied(self._fields))
        setattribute(message, "__pydantic_fields_set__", set(self._set))
        setattribute(message, "__pydantic_extra__", _copied(self._extra))
        setattribute(message, "__pydantic_private__", None)
        return message


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
