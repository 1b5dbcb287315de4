"""What is remembered of users: an entry is a node, found by the words that it shares with a query."""

from __future__ import annotations

import asyncio
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Final

from hyperloom import operation
from hyperloom._adapters.names import segment_of
from hyperloom._adapters.reading import read_below, read_nodes
from hyperloom._contexts import Contexts
from hyperloom._node import Node
from hyperloom._values import Json

SEARCHES_AT_ONCE: Final = 16
"""Each is for one text, as each word of a query has a search of its own."""

SEARCHES_MAX: Final = 64
"""For a query of more texts all is read: each search goes through all as well."""

WORD_BYTES_MAX: Final = 256
"""The broker searches for texts of up to so many bytes."""

ENTRY_DEPTH: Final = 3
"""So far below a user's memory entries lie, at most."""

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
        puts = (operation.put(self._entry(path, session, segment), value) for segment, value in entries.items())
        for batch in _batches(chain(first, puts)):
            await self._verbs.publish(batch, label="remember")

    async def delete(self, *paths: str) -> None:
        """Forgets entries, or all below a path. No error where there is none."""
        await self._verbs.publish([operation.delete(path) for path in paths], label="forget")

    async def holding(self, path: str, query: str) -> list[Node]:
        """Entries in which some word of the query occurs, and perhaps others."""
        texts = sorted(_searched(query))
        if len(texts) > SEARCHES_MAX:
            return await read_below(self._verbs, path, depth=ENTRY_DEPTH)
        found: set[str] = set()
        for start in range(0, len(texts), SEARCHES_AT_ONCE):
            part = texts[start : start + SEARCHES_AT_ONCE]
            found.update(*await asyncio.gather(*(self._holding(path, text) for text in part)))
        return await read_nodes(self._verbs, sorted(found))

    async def _holding(self, path: str, text: str) -> set[str]:
        return {hit.node.path async for hit in self._verbs.search(text, path=path, target="values", page_size=1_000)}


def _batches(operations: Iterable[operation.Operation]) -> Iterator[list[operation.Operation]]:
    """Operations cut into what one diff can hold."""
    batch: list[operation.Operation] = []
    size = 0
    for each in operations:
        size += each.ByteSize()
        if batch and (len(batch) >= OPERATIONS_PER_DIFF or size > BYTES_PER_DIFF):
            yield batch
            batch, size = [], each.ByteSize()
        batch.append(each)
    if batch:
        yield batch


def _searched(query: str) -> set[str]:
    """Texts of which one is in each value that holds a word of the query.

    The broker goes by single characters, whatever their case: it does not know that `İ` in small letters is two of
    them, nor that an accent may be a character of its own.
    """
    texts: set[str] = set()
    for word in _words(query):
        texts |= {word.lower()} if word.isascii() else {word, word.lower(), unicodedata.normalize("NFD", word)}
    return {text.encode()[:WORD_BYTES_MAX].decode(errors="ignore") for text in texts}


def words_of(text: str) -> set[str]:
    """Words, whatever the case of their letters."""
    return {word.lower() for word in _words(text)}


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", unicodedata.normalize("NFC", text))


def score(query_words: Iterable[str], text: str) -> int:
    """How many words of the query are in a text, by the rules of the kit's own memory.

    Scripts that are written without spaces are matched anywhere; Latin words between them count as words.
    """
    words = words_of(text)
    for word in [each for each in words if not each.isascii()]:
        words.update(_SCRIPT_RUN.findall(word))
    lower = unicodedata.normalize("NFC", text).lower()
    return sum(1 for word in query_words if word in words or (not word.isascii() and word in lower))
