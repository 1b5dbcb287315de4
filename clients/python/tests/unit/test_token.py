"""A token is told at each call, and one that no header can hold is refused without being told."""

from __future__ import annotations

import pytest

from hyperloom._token import token_source


def test_the_newest_token_is_asked_for_at_each_call() -> None:
    tokens = iter(["first", "second", None])
    source = token_source(lambda: next(tokens))
    assert source is not None
    assert [source(), source(), source()] == ["first", "second", None]


def test_no_token_is_none() -> None:
    assert token_source(None) is None
    assert token_source("") is None


@pytest.mark.parametrize("wrong", ["secret\n", "sec ret", "sécret"])
def test_what_no_header_can_hold_is_refused_without_being_told(wrong: str) -> None:
    with pytest.raises(ValueError, match="characters that no token has") as refused:
        token_source(wrong)
    assert "sec" not in str(refused.value)
