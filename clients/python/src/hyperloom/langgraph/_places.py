"""Where the items of a store lie, and what their nodes hold. Pure."""

from __future__ import annotations

import base64
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from langgraph.store.base import Item, SearchItem

from hyperloom.langgraph._errors import InvalidIdError, NotStorableError
from hyperloom.langgraph._names import name_of, segment_of
from hyperloom.langgraph._values import dumps


@dataclass(frozen=True, slots=True)
class Place:
    """An item's namespace and key."""

    namespace: tuple[str, ...]
    key: str

    def below(self, root: str) -> str:
        """The path of the item's node."""
        return f"{root}{path_of(self.namespace)}/{segment_of('key', _text('key', self.key))}"

    @staticmethod
    def of(path: str) -> Place:
        """From a path, without its root."""
        *namespace, key = map(name_of, path.split("/")[1:])
        return Place(tuple(namespace), key)


def path_of(namespace: Sequence[str]) -> str:
    """The path of a namespace, below a root; empty for the empty one."""
    return "".join(f"/{segment_of('namespace label', _text('namespace label', label))}" for label in namespace)


def _text(kind: str, name: object) -> str:
    if not isinstance(name, str):
        raise InvalidIdError(f"a {kind} is a text, not {name!r} of type {type(name).__name__}")
    return name


@dataclass(frozen=True, slots=True)
class StoredItem:
    """An item as its node holds it."""

    value: dict[str, Any]
    created: str
    updated: str
    ttl: float | None = None
    """Minutes."""
    expires: str | None = None

    @staticmethod
    def of(stored: Mapping[str, Any]) -> StoredItem:
        """From the node's JSON."""
        return StoredItem(
            stored["value"], stored["created"], stored["updated"], stored.get("ttl"), stored.get("expires")
        )

    @staticmethod
    def new(value: dict[str, Any], before: StoredItem | None, ttl: float | None, now: datetime) -> StoredItem:
        """What is put; it keeps the time at which an item before it was made."""
        created = time_text(now) if before is None else before.created
        return StoredItem(value, created, time_text(now), ttl, _expiry(ttl, now))

    def read(self, now: datetime) -> StoredItem:
        """The same, its time to live begun anew."""
        return StoredItem(self.value, self.created, self.updated, self.ttl, _expiry(self.ttl, now))

    def is_over(self, now: datetime) -> bool:
        """Whether its time to live has passed."""
        return self.expires is not None and datetime.fromisoformat(_offset(self.expires)) <= now

    def json(self, place: Place) -> str:
        """The node's JSON."""
        stored: dict[str, Any] = {"value": self.value, "created": self.created, "updated": self.updated}
        if self.ttl is not None:
            stored |= {"ttl": self.ttl, "expires": self.expires}
        try:
            text = dumps(stored)
            text.encode()
        except (TypeError, ValueError, RecursionError) as error:
            raise not_plain(place.namespace, place.key, error) from error
        return text

    def item(self, place: Place) -> Item:
        """As LangGraph knows it."""
        return Item(
            value=self.value,
            key=place.key,
            namespace=place.namespace,
            created_at=datetime.fromisoformat(_offset(self.created)),
            updated_at=datetime.fromisoformat(_offset(self.updated)),
        )

    def found(self, place: Place, score: float | None) -> SearchItem:
        """As a search finds it."""
        return SearchItem(
            place.namespace,
            place.key,
            self.value,
            datetime.fromisoformat(_offset(self.created)),
            datetime.fromisoformat(_offset(self.updated)),
            score,
        )


def not_plain(namespace: tuple[str, ...], key: str, error: Exception) -> NotStorableError:
    """What is told of a value that JSON cannot say."""
    where = f"item {key!r} in namespace {namespace!r}"
    return NotStorableError(f"{where} must be plain JSON, such as dicts, lists, texts and numbers: {error}")


def time_text(moment: datetime) -> str:
    """UTC, with milliseconds, as JavaScript writes it."""
    return moment.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _offset(text: str) -> str:
    """Python 3.10 does not read a `Z`."""
    return f"{text[:-1]}+00:00" if text.endswith("Z") else text


def _expiry(ttl: float | None, now: datetime) -> str | None:
    return None if ttl is None else time_text(now + timedelta(minutes=ttl))


def vectors_json(vectors: Mapping[str, Sequence[float]]) -> str:
    """The node of an item's vectors."""
    packed = {
        path: base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode() for path, vector in vectors.items()
    }
    return dumps({"dims": len(next(iter(vectors.values()))), "vectors": packed})


def vectors_of(stored: Mapping[str, Any]) -> list[tuple[float, ...]]:
    """The vectors of an item's node."""
    packed = (base64.b64decode(text) for text in stored["vectors"].values())
    return [struct.unpack(f"<{len(data) // 4}f", data) for data in packed]
