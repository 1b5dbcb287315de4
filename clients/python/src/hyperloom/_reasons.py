"""What explains a revert or a rejection."""

from __future__ import annotations

from hyperloom import _limits


def reason_of(error: BaseException) -> str:
    """An exception as the reason of a revert."""
    text = str(error)
    return cut(text if text else type(error).__name__)


def cut(reason: str) -> str:
    """Cuts a reason to the bytes that the broker takes, at a whole character."""
    encoded = reason.encode(errors="replace")
    return encoded[: _limits.REASON_BYTES_MAX].decode(errors="ignore")
