"""Ids of users, sessions and the like as segments of paths: the rules that all adapters' layouts share."""

from __future__ import annotations

import re

SEGMENT_BYTES_MAX = 255
"""The broker's own limit for a segment of a path."""

NUMBER_DIGITS = 10
"""Numbers of items are padded to so many digits: the broker lists names by their bytes, and so in order."""

_ESCAPED = re.compile(r"[%/\x00-\x1f\x7f-\x9f]|^\*")
_ESCAPE = re.compile(rb"%([0-9A-F]{2})")


class InvalidNameError(ValueError):
    """An id that no path can hold. The message says which, and what to do."""


def segment_of(kind: str, name: str) -> str:
    """An id as one segment of a path; the empty one is `%` alone. `kind` is what the error calls it."""
    if not isinstance(name, str):
        raise InvalidNameError(f"{kind} must be a text, not {name!r}")
    if name in ("", ".", ".."):
        return name.replace(".", "%2E") or "%"
    segment = _ESCAPED.sub(_escape, name)
    try:
        size = len(segment.encode())
    except UnicodeEncodeError:
        raise InvalidNameError(f"{kind} {name!r} is no valid Unicode: it holds half a surrogate pair") from None
    if size > SEGMENT_BYTES_MAX:
        raise InvalidNameError(
            f"{kind} {name[:40]!r}… takes {size} bytes in a path, and {SEGMENT_BYTES_MAX} are the most: use a shorter "
            "one, such as a hash of it"
        )
    return segment


def filled_segment_of(kind: str, name: str) -> str:
    """The same, of an id that must not be empty."""
    if name == "":
        raise InvalidNameError(f"{kind} must not be empty")
    return segment_of(kind, name)


def name_of(segment: str) -> str:
    """The id that a segment stands for."""
    if segment == "%":
        return ""
    return _ESCAPE.sub(lambda found: bytes.fromhex(found[1].decode()), segment.encode()).decode()


def root_of(root: str) -> str:
    """The path that an adapter's subtrees lie below; empty for the top."""
    if root and not root.startswith("/"):
        raise InvalidNameError(f"root must be empty or a path such as '/chats', not {root!r}")
    return root.rstrip("/")


def item_name(number: int) -> str:
    """The node of an item, by its number from 0."""
    return str(number).zfill(NUMBER_DIGITS)


def _escape(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found[0].encode())
