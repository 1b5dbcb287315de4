"""Tokens that say who calls."""

from __future__ import annotations

import re
from collections.abc import Callable

_FORM = re.compile(r"[\x21-\x7e]+")


def token_source(given: str | Callable[[], str | None] | None) -> Callable[[], str | None] | None:
    """What tells the token of the moment. Raises `ValueError` for what no header can hold."""
    if given is None or given == "":
        return None
    if isinstance(given, str):
        token = _checked(given)
        return lambda: token
    ask = given

    def newest() -> str | None:
        token = ask()
        return _checked(token) if token else None

    return newest


def _checked(token: str) -> str:
    # The token itself is not told: messages end up in logs.
    if _FORM.fullmatch(token) is None:
        raise ValueError("the token holds characters that no token has, such as a line break at its end")
    return token
