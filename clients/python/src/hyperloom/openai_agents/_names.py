"""Where a session lies: the paths of docs/openai-agents-layout.md. Both languages must make the same."""

from __future__ import annotations

import re

from agents.exceptions import UserError

SEGMENT_BYTES_MAX = 255
"""The broker's own limit for a segment of a path."""

NUMBER_DIGITS = 10
"""Numbers of items are padded to so many digits: the broker lists names by their bytes, and so in order."""

_ESCAPED = re.compile(r"[%/\x00-\x1f\x7f-\x9f]|^\*")


def session_path(root: str, session_id: str) -> str:
    """The subtree of a session."""
    if root and not root.startswith("/"):
        raise UserError(f"root must be empty or a path such as '/chats', not {root!r}")
    return f"{root.rstrip('/')}/{segment_of(session_id)}/openai-agents"


def item_name(number: int) -> str:
    """The node of an item, by its number from 0."""
    return str(number).zfill(NUMBER_DIGITS)


def segment_of(session_id: str) -> str:
    """A session id as one segment of a path."""
    if not isinstance(session_id, str) or session_id == "":
        raise UserError(f"a session id must be a text that is not empty, not {session_id!r}")
    if session_id in (".", ".."):
        return session_id.replace(".", "%2E")
    segment = _ESCAPED.sub(_escape, session_id)
    try:
        size = len(segment.encode())
    except UnicodeEncodeError:
        raise UserError(f"the session id {session_id!r} is no valid Unicode: it holds half a surrogate pair") from None
    if size > SEGMENT_BYTES_MAX:
        raise UserError(
            f"the session id {session_id[:40]!r}… takes {size} bytes in a path, and {SEGMENT_BYTES_MAX} are the most: "
            "use a shorter one, such as a hash of it"
        )
    return segment


def _escape(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found[0].encode())
