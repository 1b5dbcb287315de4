"""Reads of any size, in as many calls as they take."""

from __future__ import annotations

from collections.abc import Sequence

from hyperloom._errors import NotFoundError, ResourceExhaustedError
from hyperloom._node import Node
from hyperloom._verbs import Verbs

PATHS_PER_READ_MAX = 1_000
"""The broker takes so many in one read."""

NODES_PER_PAGE = 10_000
"""The broker puts so many into a page."""


async def read_nodes(verbs: Verbs, paths: Sequence[str], at_revision: int = 0) -> list[Node]:
    """Nodes by their paths, in that order; those that do not exist are left out. Without a revision each call may see
    a newer state."""
    nodes: list[Node] = []
    start, size = 0, PATHS_PER_READ_MAX
    while start < len(paths):
        part = paths[start : start + size]
        try:
            nodes.extend(await verbs.batch_get(part, at_revision=at_revision))
        except ResourceExhaustedError:
            # Larger than one answer may be.
            if len(part) == 1:
                raise
            size = len(part) // 2
            continue
        start += len(part)
    return nodes


async def read_below(
    verbs: Verbs, path: str, *, depth: int = 1, at_revision: int = 0, keys_only: bool = False
) -> list[Node]:
    """What lies below a node, all at one revision; nothing where there is no such node."""
    try:
        listing = verbs.list(path, depth=depth, at_revision=at_revision, keys_only=keys_only, page_size=NODES_PER_PAGE)
        return await listing.all()
    except NotFoundError as error:
        if error.reason == "NODE_NOT_FOUND":
            return []
        raise
