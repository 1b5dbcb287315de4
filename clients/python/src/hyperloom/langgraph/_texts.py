"""Long texts and bytes lie in nodes of their own, named by what they hold, so that each is stored once a thread."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, Final

TEXT_BYTES_MIN: Final = 256
"""Texts from here on are taken out of the JSON that holds them: a name costs 30 bytes."""

PIECE_BYTES_MAX: Final = 1024 * 1024
"""A node takes 2 MiB, and JSON escapes may double a text."""

MARK: Final = "~"
"""The only key of an object that stands for a text."""


def digest_of(piece: bytes) -> str:
    """The name of a piece: 16 bytes of its SHA-256 in base64url."""
    return base64.urlsafe_b64encode(hashlib.sha256(piece).digest()[:16]).decode().rstrip("=")


class Taken:
    """What was taken out of values that are about to be stored."""

    __slots__ = ("pieces", "texts")

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self.pieces: dict[str, bytes] = {}

    def text(self, text: str, encoded: bytes) -> dict[str, Any]:
        """Takes a text out; what stands for it in the JSON."""
        if len(encoded) <= PIECE_BYTES_MAX:
            return {MARK: self._note(text, encoded)}
        digests = [self._note(piece.decode(), piece) for piece in _cut(encoded)]
        return {MARK: digests}

    def bytes_of(self, data: bytes) -> list[str]:
        """Takes bytes out; the names of their pieces."""
        digests: list[str] = []
        for start in range(0, len(data), PIECE_BYTES_MAX):
            piece = data[start : start + PIECE_BYTES_MAX]
            digests.append(digest_of(piece))
            self.pieces[digests[-1]] = piece
        return digests

    def update(self, other: Taken) -> None:
        """Adds what another has."""
        self.texts.update(other.texts)
        self.pieces.update(other.pieces)

    def _note(self, text: str, encoded: bytes) -> str:
        digest = digest_of(encoded)
        self.texts[digest] = text
        return digest


def _cut(encoded: bytes) -> Iterator[bytes]:
    """In pieces of at most 1 MiB, between code points."""
    start = 0
    while start < len(encoded):
        end = min(start + PIECE_BYTES_MAX, len(encoded))
        while end < len(encoded) and encoded[end] & 0xC0 == 0x80:
            end -= 1
        yield encoded[start:end]
        start = end


def is_message(marked: Any) -> bool:
    """Whether a mark stands for a message of LangChain: its class and its arguments."""
    return isinstance(marked, list) and len(marked) == 2 and isinstance(marked[1], dict)


def texts_in(stored: Any) -> Iterator[str]:
    """The texts that a piece of stored JSON names."""
    if isinstance(stored, dict):
        if len(stored) == 1 and MARK in stored:
            marked = stored[MARK]
            if isinstance(marked, str):
                yield marked
            elif is_message(marked):
                yield from texts_in(marked[1])
            elif isinstance(marked, list):
                yield from marked
            else:
                yield from texts_in(marked[MARK])
            return
        for value in stored.values():
            if isinstance(value, (dict, list)):
                yield from texts_in(value)
    elif isinstance(stored, list):
        for value in stored:
            if isinstance(value, (dict, list)):
                yield from texts_in(value)


def text_of(marked: str | list[str], texts: Mapping[str, str]) -> str:
    """The text that a mark names."""
    if isinstance(marked, str):
        return texts[marked]
    return "".join(texts[digest] for digest in marked)
