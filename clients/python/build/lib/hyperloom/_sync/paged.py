"""Listings that are read page by page, blocking."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

from hyperloom import _paged
from hyperloom._paged import Page
from hyperloom._sync.loop import LoopThread

Entry = TypeVar("Entry")


class Paged(Generic[Entry]):
    """A listing: `for` over its items, `pages()`, or `all()`. Pages are fetched as they are needed."""

    def __init__(self, loop: LoopThread, inner: _paged.Paged[Entry]) -> None:
        self._loop = loop
        self._inner = inner

    def page(self, page_token: str = "") -> Page[Entry]:
        """One page."""
        return self._loop.run(self._inner.page(page_token))

    def pages(self, page_token: str = "") -> Iterator[Page[Entry]]:
        """The pages, from the one that a token names."""
        while True:
            page = self.page(page_token)
            yield page
            page_token = page.next_page_token
            if not page_token:
                return

    def __iter__(self) -> Iterator[Entry]:
        for page in self.pages():
            yield from page.items

    def all(self) -> list[Entry]:
        """All items at once."""
        return list(self)
