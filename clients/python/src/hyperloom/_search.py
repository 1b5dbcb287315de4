"""Which nodes hold some text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from hyperloom._agent import Agent
from hyperloom._connection import Connection
from hyperloom._gen.v1 import search_pb2
from hyperloom._methods import SEARCH
from hyperloom._node import Node
from hyperloom._paged import Page, Paged

SearchTarget: TypeAlias = 'Literal["everything", "paths", "values"]'
"""Where to look; `everything` is paths and values."""


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A node that holds the text."""

    node: Node
    """Without its value."""
    excerpt: str
    """A part of the value around the text; empty where only the path holds it."""
    excerpt_match: int
    """Where the text begins in the excerpt, in characters."""
    excerpt_match_length: int
    field: str
    """The field of a message, such as `origin.url`; empty for other values."""


def search(
    connection: Connection, agent: Agent, request: search_pb2.SearchRequest, timeout: float | None
) -> Paged[SearchHit]:
    """Pages of what was found, which counts as read."""

    async def fetch(page_token: str) -> Page[SearchHit]:
        request.page_token = page_token
        answer = await connection.call(SEARCH, request, timeout)
        for hit in answer.hits:
            agent.note(hit.node.path, answer.revision)
        hits = tuple(
            SearchHit(
                Node(hit.node, answer.revision), hit.excerpt, hit.excerpt_match, hit.excerpt_match_length, hit.field
            )
            for hit in answer.hits
        )
        return Page(hits, answer.next_page_token, answer.revision)

    return Paged(fetch)
