"""Reading the values of nodes whose keys were listed, in batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from hyperloom import _limits

if TYPE_CHECKING:
    from hyperloom._node import Node


def batches(keys: Sequence[Node]) -> Iterator[list[str]]:
    """The paths of nodes whose keys were listed, so many at once as fit into an answer with their values."""
    paths: list[str] = []
    size = 0
    for key in keys:
        if key.version == 0:
            continue
        full = len(paths) >= _limits.BATCH_GET_PATHS_MAX or size + key.value_bytes > _limits.BATCH_GET_BYTES
        if full and paths:
            yield paths
            paths, size = [], 0
        paths.append(key.path)
        size += key.value_bytes
    if paths:
        yield paths
