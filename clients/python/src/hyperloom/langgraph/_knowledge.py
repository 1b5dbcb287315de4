"""What a saver remembers. Nothing of it is needed: it saves calls, and tells a deliberate fork from a second writer.

A thread's *incarnation* is the modified revision of its node `swept`: a sweep changes it, and so does whoever deletes
the thread and begins it anew. What was read or written under one incarnation stays as it is for as long as it lasts.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Iterator, MutableMapping
from typing import Any, Final, Generic, TypeVar

from hyperloom.langgraph._items import Item
from hyperloom.langgraph._record import Head, Record
from hyperloom.langgraph._values import Encoded

THREADS_MAX: Final = 1_000
"""Threads that a process works on at once, with room to spare."""

THREAD_BYTES_MAX: Final = 64 * 1024 * 1024
"""JSON and texts known of all threads; those that were not used for longest are forgotten first."""

REMEMBERED_MAX: Final = 10_000
"""Puts that have not been followed yet, and threads that were told to be empty; a hundred bytes each."""

ITEM_BYTES: Final = 200
"""What an item takes beside its JSON."""

CONTENT_BYTES_MAX: Final = 32 * 1024 * 1024
"""Texts and bytes by their digests, of all threads."""

K = TypeVar("K")
V = TypeVar("V")


class Recent(MutableMapping[K, V], Generic[K, V]):
    """A map that forgets what was not used for longest."""

    def __init__(self, maximum: int) -> None:
        self._maximum = maximum
        self._kept: OrderedDict[K, V] = OrderedDict()

    def __getitem__(self, key: K) -> V:
        value = self._kept[key]
        self._kept.move_to_end(key)
        return value

    def __setitem__(self, key: K, value: V) -> None:
        self._kept[key] = value
        self._kept.move_to_end(key)
        if len(self._kept) > self._maximum:
            self._kept.popitem(last=False)

    def __delitem__(self, key: K) -> None:
        del self._kept[key]

    def __iter__(self) -> Iterator[K]:
        return iter(self._kept)

    def __len__(self) -> int:
        return len(self._kept)

    def oldest(self) -> K:
        """The one that goes next."""
        return next(iter(self._kept))


class Contents(Generic[V]):
    """Texts, or bytes, by digest. A digest names what it was made of, so they never change."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, V] = OrderedDict()
        self._sizes: dict[str, int] = {}
        self._size = 0

    def get(self, digest: str) -> V | None:
        """What it names, if that is known."""
        found = self._kept.get(digest)
        if found is not None:
            self._kept.move_to_end(digest)
        return found

    def add(self, digest: str, content: V, size: int) -> None:
        """Remembers it."""
        if digest not in self._kept:
            self._kept[digest] = content
            self._sizes[digest] = size
            self._size += size
        while self._size > CONTENT_BYTES_MAX and self._kept:
            oldest, _ = self._kept.popitem(last=False)
            self._size -= self._sizes.pop(oldest)


class KnownList:
    """Items of a list by their places, as far as they are known."""

    __slots__ = ("_ends", "_items", "_told", "_whole")

    def __init__(self) -> None:
        self._items: list[Item | None] = []
        self._whole = 0
        """All before this place are known."""
        # A long list is compared by this alone: of thousands of items, each look at one is a look at a place in memory
        # that no cache holds, which took as long as all else about comparing.
        self._told: list[Any] = []
        self._ends: list[int] = []

    def told(self, end: int) -> list[Any] | None:
        """What the messages before this place tell (`tell`), where all are known messages. Not to be changed."""
        if end == len(self._ends):
            return self._told
        return self._told[: self._ends[end - 1]] if 0 < end < len(self._ends) else None

    def part(self, start: int, end: int) -> list[Item] | None:
        """Those from `start` (with) to `end` (without), if all are known."""
        part = self._items[start:end]
        if end > self._whole and (len(part) < end - start or None in part):
            return None
        return part  # type: ignore[return-value]

    def missing(self, start: int, end: int) -> list[int]:
        """Places of this part that are not known."""
        if end <= self._whole:
            return []
        known = len(self._items)
        return [place for place in range(start, end) if place >= known or self._items[place] is None]

    def note(self, start: int, items: list[Item]) -> list[Item]:
        """Items from `start` on; those of them that were not known."""
        there = self._items
        if start == len(there):
            there.extend(items)
            new = items
        else:
            there.extend([None] * (start + len(items) - len(there)))
            new = []
            for place, item in enumerate(items, start):
                if there[place] is None:
                    there[place] = item
                    new.append(item)
        while self._whole < len(there) and there[self._whole] is not None:
            self._whole += 1
        self._tell()
        return new

    def _tell(self) -> None:
        for item in self._items[len(self._ends) : self._whole]:
            telling = None if item is None else item.telling
            if telling is None:
                return
            self._told.extend(telling)
            self._ends.append(len(self._told))

    def is_empty(self) -> bool:
        """Whether none is known."""
        return not self._items


class Tally:
    """How many bytes all that is known takes, about."""

    __slots__ = ("size",)

    def __init__(self) -> None:
        self.size = 0


class ThreadKnowledge:
    """What is known of one incarnation of a thread."""

    def __init__(self, incarnation: int, tally: Tally) -> None:
        self.incarnation = incarnation
        self._tally = tally
        """0: there is none yet."""
        self.heads: dict[str, Head] = {}
        """By the path of the namespace; what was known last, which others may have moved on."""
        self.records: Recent[tuple[str, str], Record] = Recent(64)
        """By the path of the namespace and the id: parents of what is put next."""
        self.values: dict[tuple[str, str, int], Encoded] = {}
        """By the path of the namespace, channel and number."""
        self.lists: dict[tuple[str, str, int], KnownList] = {}
        """By the same."""
        self.there: set[str] = set()
        """Digests of texts and bytes that are stored."""
        self.coming: dict[str, asyncio.Future[None]] = {}
        """Of those that are on their way: done when the publish that brings them is."""
        self.size = 0
        """About how many bytes all this takes."""

    def coming_of(self, digests: Iterable[str]) -> asyncio.Future[None] | None:
        """What brings any of them, if one is on its way."""
        if not self.coming:
            return None
        return next((self.coming[digest] for digest in digests if digest in self.coming), None)

    def note_value(self, key: tuple[str, str, int], encoded: Encoded, size: int) -> None:
        """A node of a channel."""
        self.values[key] = encoded
        self._grow(size)

    def note_items(self, key: tuple[str, str, int], start: int, items: list[Item]) -> None:
        """Items of a list from `start` on."""
        kept = self.lists.get(key)
        if kept is None:
            kept = self.lists[key] = KnownList()
        self._grow(sum(len(item.json) + ITEM_BYTES for item in kept.note(start, items)))

    def leave(self) -> None:
        """It is forgotten."""
        self._tally.size -= self.size

    def _grow(self, size: int) -> None:
        self.size += size
        self._tally.size += size


class Knowledge:
    """What a saver knows of all its threads."""

    def __init__(self) -> None:
        self._threads: Recent[str, ThreadKnowledge] = Recent(THREADS_MAX + 1)
        self._tally = Tally()
        self.texts: Contents[str] = Contents()
        self.pieces: Contents[bytes] = Contents()
        self._overtaken: Recent[tuple[str, str], str] = Recent(REMEMBERED_MAX)
        self._told_none: Recent[str, int] = Recent(REMEMBERED_MAX)

    def thread(self, path: str) -> ThreadKnowledge | None:
        """What is known of a thread."""
        return self._threads.get(path)

    def under(self, path: str, incarnation: int) -> ThreadKnowledge:
        """What is known of a thread under this incarnation; what was known under another one is forgotten."""
        known = self._threads.get(path)
        if known is None or known.incarnation != incarnation:
            self.forget(path)
            known = self._threads[path] = ThreadKnowledge(incarnation, self._tally)
            if len(self._threads) > THREADS_MAX:
                self.forget(self._threads.oldest())
        return known

    def forget(self, path: str) -> None:
        """Forgets a thread."""
        known = self._threads.pop(path, None)
        if known is not None:
            known.leave()

    def trim(self) -> None:
        """Forgets threads until what is left fits."""
        while self._tally.size > THREAD_BYTES_MAX and self._threads:
            self.forget(self._threads.oldest())

    def overtaken(self, namespace: str, checkpoint_id: str, head_id: str) -> None:
        """A checkpoint was put beside the newest on purpose, and did not become that: who put it goes on from it."""
        self._overtaken[namespace, checkpoint_id] = head_id

    def was_overtaken(self, namespace: str, checkpoint_id: str, head_id: str) -> bool:
        """Whether it was put so while this was the newest."""
        return self._overtaken.get((namespace, checkpoint_id)) == head_id

    def tell_none(self, namespace: str) -> None:
        """Somebody was told that there is no checkpoint: the next first one must be the first."""
        self._told_none[namespace] = self._told_none.get(namespace, 0) + 1

    def expects_none(self, namespace: str) -> bool:
        """Whether the next put without a parent comes from somebody who was told so."""
        return self._told_none.get(namespace, 0) > 0

    def began(self, namespace: str) -> None:
        """A put without a parent was made, or refused."""
        left = self._told_none.get(namespace, 0) - 1
        if left > 0:
            self._told_none[namespace] = left
        else:
            self._told_none.pop(namespace, None)


def named(found: Any) -> bool:
    """Whether a node holds JSON: a record that was not put yet has only writes below it."""
    return found is not None and found.kind == "json"
