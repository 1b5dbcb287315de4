"""Items of lists as this process knows them: stored once, compared with what a graph puts, handed out as new objects.

A growing list of messages is read and put whole, again and again; so comparing and handing out an item that is known
must cost next to nothing. Nothing that is handed out is shared with what is known: a graph may change it in place.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any, Final, TypeVar

from langchain_core.messages import BaseMessage

from hyperloom.langgraph._shared import decode, encode
from hyperloom.langgraph._texts import Taken
from hyperloom.langgraph._values import dumps

_new = object.__new__
_set_attribute = object.__setattr__


class Item:
    """An item of a list, immutable."""

    __slots__ = (
        "_extra",
        "_key",
        "_names",
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
        elif isinstance(value, BaseMessage):
            with suppress(_NotPlainError):
                self._keep(value)

    def _keep(self, message: BaseMessage) -> None:
        """Raises `_NotPlainError`."""
        fields, extra = message.__dict__, _told(message.__pydantic_extra__)
        # A tuple is a place in memory, a dict is many: that is what comparing a long conversation takes its time for.
        self.told = tuple([value if type(value) in _ATOMS else _told(value) for value in fields.values()])
        self._names = _same(tuple(fields))
        self._set = _same(frozenset(message.__pydantic_fields_set__))
        self._extra = extra
        self.extra = extra or None
        self.kind = type(message)
        # It is never decoded again.
        self._texts = _NO_TEXTS

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

    @property
    def telling(self) -> tuple[Any, ...] | None:
        """What `tell` tells of a message that is this one; `None` where that does not tell it."""
        return None if self.kind is None or self.kind is str else (self.kind, self.extra, *self.told)

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
        fields = {
            name: value if type(value) in _ATOMS else _copied(value)
            for name, value in zip(self._names, self.told, strict=True)
        }
        _set_attribute(message, "__dict__", fields)
        _set_attribute(message, "__pydantic_fields_set__", set(self._set))
        _set_attribute(message, "__pydantic_extra__", _copied(self._extra))
        _set_attribute(message, "__pydantic_private__", None)
        return message


def tell(values: Sequence[Any]) -> list[Any] | None:
    """What messages hold, one after the other; `None` where something else is among them.

    Two lists tell the same only where their messages do: each begins with its class, which no message holds.
    """
    told: list[Any] = []
    add = told.extend
    try:
        for each in values:
            add((type(each), each.__pydantic_extra__ or None))
            add(each.__dict__.values())
    except AttributeError:
        return None
    return told


_EMPTY: Final[dict[type, Any]] = {dict: {}, list: []}
"""One of each for all that is told: it takes no place in memory, and is never handed out."""

_NO_TEXTS: Final[Mapping[str, str]] = {}

_ATOMS: Final = frozenset((str, int, float, bool, type(None)))

NAMES_KEPT: Final = 1_000
"""Of fields, by the classes of messages and by what is set in them: a handful, where nobody invents fields."""

Names = TypeVar("Names", "tuple[str, ...]", "frozenset[str]")


@lru_cache(NAMES_KEPT)
def _same(names: Names) -> Names:
    """One object for all that are equal: nearly all messages have the same."""
    return names


class _NotPlainError(Exception):
    """A message holds something that is not JSON."""


def _told(value: Any) -> Any:
    """Raises `_NotPlainError`."""
    shared = None if value else _EMPTY.get(type(value))
    return _copied(value) if shared is None else shared


def _copied(value: Any) -> Any:
    """Of what JSON can say; texts and numbers are not copied. Raises `_NotPlainError` for all else."""
    kind = type(value)
    if kind in _ATOMS:
        return value
    if kind is dict:
        return {key: part if type(part) in _ATOMS else _copied(part) for key, part in value.items()}
    if kind is list or kind is tuple:
        return [part if type(part) in _ATOMS else _copied(part) for part in value]
    raise _NotPlainError
