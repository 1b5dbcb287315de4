"""What is remembered of users: an entry is a node, found by the words that it shares with a query."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from hyperloom import operation
from hyperloom._adapters.names import segment_of
from hyperloom._adapters.reading import read_below, read_nodes
from hyperloom._contexts import Contexts
from hyperloom._node import Node
from hyperloom._values import Json

QUERY_WORDS_MAX: Final = 16
"""Words of a query that are looked for, each by a search of its own: the longest, which tell the most."""

WORD_BYTES_MAX: Final = 256
"""The broker searches for texts of up to so many bytes."""

OPERATIONS_PER_DIFF: Final = 9_000
"""The broker takes 10,000."""

BYTES_PER_DIFF: Final = 8 * 1024 * 1024
"""A message may have 16 MiB."""

_SCRIPT_RUN: Final = re.compile(r"[\x00-\x7f]+|[^\x00-\x7f]+")


class MemoryStore:
    """The work of one memory service."""

    def __init__(self, verbs: Contexts) -> None:
        self._verbs = verbs

    async def add(self, path: str, session: str, entries: Mapping[str, Json]) -> None:
        """Adds entries of a session by their ids. Those that are there stay: an event never changes."""
        there = await self._ids(path, session)
        await self._put(path, session, {key: value for key, value in entries.items() if key not in there})

    async def replace(self, path: str, session: str, entries: Mapping[str, Json]) -> None:
        """Makes these the entries of a session: what is new is put, what is not among them goes."""
        there = await self._ids(path, session)
        gone = [operation.delete(self._entry(path, session, each)) for each in there if each not in entries]
        await self._put(path, session, {key: value for key, value in entries.items() if key not in there}, gone)

    async def overwrite(self, path: str, session: str, entries: Mapping[str, Json]) -> None:
        """Puts entries, also in the place of those with the same ids."""
        await self._put(path, session, entries)

    async def _ids(self, path: str, session: str) -> set[str]:
        below = self._session(path, session)
        nodes = await read_below(self._verbs, below, keys_only=True)
        return {node.path[len(below) + 1 :] for node in nodes}

    def _session(self, path: str, session: str) -> str:
        return f"{path}/{segment_of('the session id', session)}"

    def _entry(self, path: str, session: str, segment: str) -> str:
        return f"{self._session(path, session)}/{segment}"

    async def _put(
        self, path: str, session: str, entries: Mapping[str, Json], first: Sequence[operation.Operation] = ()
    ) -> None:
        operations = list(first)
        size = 0
        for segment, value in entries.items():
            size += len(value.text)
            if operations and (len(operations) >= OPERATIONS_PER_DIFF or size > BYTES_PER_DIFF):
                await self._verbs.publish(operations, label="remember")
                operations, size = [], len(value.text)
            operations.append(operation.put(self._entry(path, session, segment), value))
        if operations:
            await self._verbs.publish(operations, label="remember")

    async def delete(self, *paths: str) -> None:
        """Forgets entries, or all below a path. No error where there is none."""
        await self._verbs.publish([operation.delete(path) for path in paths], label="forget")

    async def holding(self, path: str, query: str) -> list[Node]:
        """Entries in which some word of the query occurs."""
        words = sorted(words_of(query), key=len, reverse=True)[:QUERY_WORDS_MAX]
        found = await asyncio.gather(*(self._holding(path, word) for word in words))
        return await read_nodes(self._verbs, sorted(set[str]().union(*found)))

    async def _holding(self, path: str, word: str) -> set[str]:
        text = word.encode()[:WORD_BYTES_MAX].decode(errors="ignore")
        return {hit.node.path async for hit in self._verbs.search(text, path=path, target="values", page_size=1_000)}


def words_of(text: str) -> set[str]:
    """Words, whatever the case of their letters."""
    return {word.lower() for word in re.findall(r"\w+", text)}


def score(query_words: Iterable[str], text: str) -> int:
    """How many words of the query are in a text, by the rules of the kit's own memory.

    Scripts that are written without spaces are matched anywhere; Latin words between them count as words.
    """
    words = words_of(text)
    for word in [each for each in words if not each.isascii()]:
        words.update(_SCRIPT_RUN.findall(word))
    lower = text.lower()
    return sum(1 for word in query_words if word in words or (not word.isascii() and word in lower))
