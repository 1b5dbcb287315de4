"""Where a session lies: the paths of docs/frameworks/openai-agents-layout.md. Both languages must make the same."""

from __future__ import annotations

from agents.exceptions import UserError

from hyperloom._adapters.names import InvalidNameError, filled_segment_of, root_of


def session_path(root: str, session_id: str) -> str:
    """The subtree of a session. Raises `UserError`."""
    try:
        return f"{root_of(root)}/{filled_segment_of('the session id', session_id)}/openai-agents"
    except InvalidNameError as error:
        raise UserError(str(error)) from error
