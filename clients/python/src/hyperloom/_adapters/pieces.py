"""JSON in pieces that are named by what they hold, so that what two values have in common is stored once. Pure.

A value becomes a short text that names pieces, which name further ones: `{"~": …}` stands for something else.

- `{"~": "digest"}`: the JSON value that the piece holds; `{"~": ["digest", …]}`: a text, put together from pieces;
- `{"~": {"list": ["digest", …], "deep": n}}`: an array. The pieces hold its items, `n` = 0, or the names of pieces
  that do, and so on; each but the last of a level holds `ITEMS_PER_PIECE`. So what is added at the end of a long list
  costs what it is and the names on its way;
- `{"~": {"is": {…}}}`: the object inside, whose only key is `~`.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

MARK: Final = "~"
"""The only key of an object that stands for something else."""

TEXT_BYTES_MIN: Final = 256
"""Texts from here on are pieces: a name costs 30 bytes."""

VALUE_BYTES_MIN: Final = 1_024
"""Objects and arrays from here on are pieces."""

TEXT_PIECE_BYTES_MAX: Final = 512 * 1024
"""A node takes 2 MiB, and JSON's escapes may make three bytes of one."""

ITEMS_PER_PIECE: Final = 16
"""Of an array: so many are written again where one is added."""

DEPTH_MAX: Final = 200
"""Of objects in objects: Python's own limit is not far."""


class TooDeepError(ValueError):
    """Objects in objects without end, or nearly so."""


class Pieces:
    """Pieces that a value was cut into, by their names."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        """JSON by digest."""

    def cut(self, value: Any) -> str:
        """The JSON text that stands for a value, which names pieces. Raises `TypeError` or `ValueError` for what JSON
        cannot say."""
        return dumps(self._reduced(value, 0))

    def _reduced(self, value: Any, depth: int) -> Any:
        if depth > DEPTH_MAX:
            raise TooDeepError(f"it has more than {DEPTH_MAX} objects in objects")
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, Mapping):
            return self._object(value, depth)
        if isinstance(value, (list, tuple)):
            return self._array([self._reduced(item, depth + 1) for item in value])
        return value

    def _text(self, text: str) -> Any:
        if len(text) < TEXT_BYTES_MIN // 4:
            return text
        data = text.encode()
        if len(data) < TEXT_BYTES_MIN:
            return text
        return {MARK: [self._note(dumps(piece.decode())) for piece in _cut(data)]}

    def _object(self, value: Mapping[Any, Any], depth: int) -> Any:
        for key in value:
            if not isinstance(key, str):
                raise TypeError(f"keys must be texts, and {key!r} is a {type(key).__name__}")
        reduced = {key: self._reduced(part, depth + 1) for key, part in value.items()}
        if len(reduced) == 1 and MARK in reduced:
            return {MARK: {"is": reduced}}
        text = dumps(reduced)
        return {MARK: self._note(text)} if len(text) >= VALUE_BYTES_MIN else reduced

    def _array(self, items: Sequence[Any]) -> Any:
        if len(dumps(items)) < VALUE_BYTES_MIN:
            return list(items)
        names, deep = self._level(items), 0
        while len(names) > ITEMS_PER_PIECE:
            names, deep = self._level(names), deep + 1
        return {MARK: {"list": names, "deep": deep}}

    def _level(self, items: Sequence[Any]) -> list[str]:
        starts = range(0, len(items), ITEMS_PER_PIECE)
        return [self._note(dumps(list(items[start : start + ITEMS_PER_PIECE]))) for start in starts]

    def _note(self, text: str) -> str:
        digest = digest_of(text)
        self.texts[digest] = text
        return digest


def digest_of(text: str) -> str:
    """The name of a piece: 16 bytes of its SHA-256 in base64url."""
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()[:16]).decode().rstrip("=")


def dumps(value: Any) -> str:
    """JSON without spaces."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def joined(reduced: Any, pieces: Mapping[str, str]) -> Any:
    """The value that parsed JSON stands for. `KeyError` where a piece is not given. New objects every time."""
    if isinstance(reduced, list):
        return [joined(item, pieces) for item in reduced]
    if not isinstance(reduced, dict):
        return reduced
    if len(reduced) != 1 or MARK not in reduced:
        return {key: joined(part, pieces) for key, part in reduced.items()}
    marked = reduced[MARK]
    if isinstance(marked, str):
        return joined(json.loads(pieces[marked]), pieces)
    if isinstance(marked, list):
        return "".join(json.loads(pieces[digest]) for digest in marked)
    if "is" in marked:
        return {MARK: joined(marked["is"][MARK], pieces)}
    names = marked["list"]
    for _ in range(marked["deep"]):
        names = [name for digest in names for name in json.loads(pieces[digest])]
    return [joined(item, pieces) for digest in names for item in json.loads(pieces[digest])]


def named_in(reduced: Any) -> Iterator[tuple[str, int | None]]:
    """The pieces that parsed JSON names, each with what it holds: `None`: a value, which may name further ones; `-1`: a
    text; `0`: items; more: so many levels of names."""
    if isinstance(reduced, list):
        for item in reduced:
            yield from named_in(item)
    elif isinstance(reduced, dict):
        if len(reduced) != 1 or MARK not in reduced:
            for part in reduced.values():
                yield from named_in(part)
            return
        marked = reduced[MARK]
        if isinstance(marked, str):
            yield marked, None
        elif isinstance(marked, list):
            for digest in marked:
                yield digest, -1
        elif "is" in marked:
            yield from named_in(marked["is"][MARK])
        else:
            for digest in marked["list"]:
                yield digest, marked["deep"]


def named_by(text: str, holds: int | None) -> Iterator[tuple[str, int | None]]:
    """The pieces that a piece names, by what it holds (see `named_in`)."""
    if holds == -1:
        return
    if holds is None or holds == 0:
        yield from named_in(json.loads(text))
    else:
        for digest in json.loads(text):
            yield digest, holds - 1


def _cut(data: bytes) -> Iterator[bytes]:
    """In pieces, between code points."""
    start = 0
    while start < len(data):
        end = min(start + TEXT_PIECE_BYTES_MAX, len(data))
        while end < len(data) and data[end] & 0xC0 == 0x80:
            end -= 1
        yield data[start:end]
        start = end
