"""Listings that are read page by page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, TypeVar

Entry = TypeVar("Entry")


@dataclass(frozen=True, slots=True)
class Page(Generic[Entry]):
    """One page: its items, the token of the next one (empty on the last), the trunk revision that all pages show."""

    items: tuple[Entry, ...]
    next_page_token: str
    revision: int
    age: timedelta | None = None
    """How old the view may be at most, as in `Node.age`. On the first page; all others show the same revision."""


class Paged(Generic[Entry]):
    """A listing: `async for` over its items, `pages()`, or `await all()`. Pages are fetched as they are needed."""

    def __init__(self, fetch: Callable[[str], Awaitable[Page[Entry]]]) -> None:
        self._fetch = fetch

    async def pages(self, page_token: str = "") -> AsyncIterator[Page[Entry]]:
        """The pages, from the one that a token names."""
        while True:
            page = await self._fetch(page_token)
            yield page
            page_token = page.next_page_token
            if not page_token:
                return

    async def page(self, page_token: str = "") -> Page[Entry]:
        """One page."""
        return await self._fetch(page_token)

    async def __aiter__(self) -> AsyncIterator[Entry]:
        async for page in self.pages():
            for item in page.items:
                yield item

    async def all(self) -> list[Entry]:
        """All items at once."""
        return [item async for item in self]
