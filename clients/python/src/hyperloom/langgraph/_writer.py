"""Puts checkpoints and pending writes: one context diff each, of what is not there yet.

Every put has the namespace's head as its precondition, so the puts of a namespace are a chain. Which head a put may
come upon says `_allowed`; any other writer is refused, instead of silently forking the thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

from langgraph.checkpoint.base import ChannelVersions, Checkpoint
from langgraph.checkpoint.serde.base import SerializerProtocol

from hyperloom import operation, precondition
from hyperloom._errors import PreconditionFailedError
from hyperloom._values import Json
from hyperloom.langgraph._draft import VALUES_BYTES_MAX, Draft, PlannedValue
from hyperloom.langgraph._errors import ThreadConflictError, TooLargeError
from hyperloom.langgraph._items import Item
from hyperloom.langgraph._knowledge import ThreadKnowledge, named
from hyperloom.langgraph._lists import ITEM_BYTES_MAX, LIST_BYTES_MIN, Match, match, plan
from hyperloom.langgraph._names import Namespace, Thread
from hyperloom.langgraph._pending import NODE_BYTES_MAX, Call
from hyperloom.langgraph._puts import Content, JsonPut, add_puts, bytes_bound
from hyperloom.langgraph._reader import ATTEMPTS_MAX, GoneError, Reader, begins_with, items_of
from hyperloom.langgraph._record import Head, Record, Run, record_json, record_text, runs_of
from hyperloom.langgraph._shared import NotSharedError
from hyperloom.langgraph._texts import Taken
from hyperloom.langgraph._values import dumps, encode_value, is_shared
from hyperloom.operation import Operation
from hyperloom.precondition import Precondition

INLINE_JSON_BYTES_MAX: Final = 40
"""A value of so little JSON lies in the record itself."""

DIFF_BYTES_MAX: Final = 4 * 1024 * 1024
"""Texts and bytes beyond it go ahead, in diffs of their own."""


class Put(NamedTuple):
    """A checkpoint that is to be stored."""

    namespace: Namespace
    parent_id: str | None
    handed_out_at: str | None
    """The head while the parent was asked for by its id: then the put is to follow it."""
    checkpoint: Checkpoint
    metadata: Mapping[str, Any]
    new_versions: ChannelVersions
    serde: SerializerProtocol


class Writer:
    """Writes for one saver."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._client = reader.client
        self._knowledge = reader.knowledge

    async def put(self, put: Put) -> None:
        """Stores a checkpoint. Raises `ThreadConflictError` where another writer has moved the thread on."""
        namespace = put.namespace
        known = self._knowledge.thread(namespace.thread.path)
        head = known.heads.get(namespace.path) if known is not None else None
        expects_none = put.parent_id is None and self._knowledge.expects_none(namespace.path)
        try:
            for _ in range(ATTEMPTS_MAX):
                is_known = known is not None and head is not None and self._allowed(put, head, expects_none)
                if is_known and known is not None and await self._attempt(put, known, head):
                    return
                # What was known is not so any more, or was not known.
                known, head = await self._head(namespace)
                if not self._allowed(put, head, expects_none):
                    break
                if head is None and await self._attempt(put, known, head):
                    return
        finally:
            if put.parent_id is None:
                self._knowledge.began(namespace.path)
        head_id = None if head is None else head.id
        raise ThreadConflictError(namespace.thread.id, namespace.name, put.parent_id, head_id)

    async def _head(self, namespace: Namespace) -> tuple[ThreadKnowledge, Head | None]:
        return self._reader.take_in(namespace, await self._reader.nodes([namespace.head, namespace.thread.swept]))

    def _allowed(self, put: Put, head: Head | None, expects_none: bool) -> bool:
        if put.metadata.get("source") == "fork":
            return True
        if put.parent_id is None:
            return head is None or not expects_none
        if head is None:
            return True
        if head.id == put.parent_id or head.id == put.handed_out_at:
            return True
        return self._knowledge.was_overtaken(put.namespace.path, put.parent_id, head.id)

    async def _attempt(self, put: Put, known: ThreadKnowledge, head: Head | None) -> bool:
        """Whether it was stored. Where it was not, what was known of the thread is forgotten."""
        namespace, checkpoint = put.namespace, put.checkpoint
        parent = None if put.parent_id is None else await self._parent(known, namespace, put.parent_id)
        draft = Draft(1 if head is None else head.next, {} if head is None else dict(head.tails))
        try:
            for channel in checkpoint["channel_versions"]:
                await self._draft_channel(put, known, draft, channel, parent)
        except GoneError:
            self._knowledge.forget(namespace.thread.path)
            return False
        draft.shrink()
        record = record_json(checkpoint, put.parent_id, put.metadata, draft.channels)
        leads = head is None or put.parent_id == head.id or checkpoint["id"] > head.id
        if head is not None and draft.next == head.next:
            draft.next += 1
        new_head = Head(checkpoint["id"] if head is None or leads else head.id, draft.next, draft.tails)
        puts = self._puts(namespace, draft, checkpoint["id"], record, new_head)
        if head is None:
            conditions = [precondition.absent(namespace.head), *_incarnation(namespace.thread, known)]
        else:
            # A sweep puts every head anew: whose head is as it was may rely on what he knows of the thread.
            conditions = [precondition.modified_revision(namespace.head, head.revision)]
        label = f"{put.metadata.get('source', '')} {put.metadata.get('step', '')}".strip()[:100]
        revision = await self._publish(namespace.thread, known, draft.taken, puts, conditions, label)
        if revision is None:
            return False
        current = self._knowledge.under(namespace.thread.path, known.incarnation or revision)
        kept = {**record, "versions": dict(checkpoint["channel_versions"])}
        self._note(current, namespace, draft, Record.of(checkpoint["id"], kept), new_head._replace(revision=revision))
        if not leads and head is not None:
            self._knowledge.overtaken(namespace.path, checkpoint["id"], head.id)
        return True

    async def _parent(self, known: ThreadKnowledge, namespace: Namespace, parent_id: str) -> Record | None:
        record = known.records.get((namespace.path, parent_id))
        if record is None:
            path = namespace.record(parent_id)
            node = (await self._reader.nodes([path])).get(path)
            stored = self._reader.stored(known, namespace, parent_id, node)
            record = None if stored is None else stored.record
        return record

    async def _draft_channel(
        self, put: Put, known: ThreadKnowledge, draft: Draft, channel: str, parent: Record | None
    ) -> None:
        """One channel's entry, and what it takes to store it."""
        entry = None if parent is None else parent.channels.get(channel)
        if channel not in put.new_versions:
            version = put.checkpoint["channel_versions"][channel]
            if parent is not None and channel in parent.versions and parent.versions[channel] == version:
                if entry is not None:
                    draft.channels[channel] = entry
                return
            if put.parent_id is None and put.metadata.get("source") != "fork":
                return
        if channel not in put.checkpoint["channel_values"]:
            return
        value = put.checkpoint["channel_values"][channel]
        if isinstance(value, list) and is_shared(put.serde):
            runs: Sequence[Run] = ()
            before: Sequence[Item] = ()
            same = 0
            if entry is not None and "list" in entry:
                runs = runs_of(entry)
                same = begins_with(value, known, put.namespace, channel, runs)
                if same == 0:
                    await self._reader.know(known, put.namespace, {channel: entry})
                    before = items_of(known, put.namespace, channel, entry)
            if self._draft_list(draft, channel, value, runs, before, same):
                return
        self._draft_value(draft, put, channel, value)

    def _draft_list(
        self, draft: Draft, channel: str, value: list[Any], runs: Sequence[Run], before: Sequence[Item], same: int
    ) -> bool:
        """Whether the value is stored as a list. `before`: the items of the parent's runs, if that is one; or `same`:
        so many they are, and the value is known to begin with them."""
        try:
            matched = Match(same, list(map(Item.of, value[same:]))) if same else match(value, before)
        except (NotSharedError, RecursionError):
            return False
        new = [each for each in matched.rest if isinstance(each, Item)]
        if any(len(item.json) * 4 > ITEM_BYTES_MAX and len(item.json.encode()) > ITEM_BYTES_MAX for item in new):
            return False
        size = sum(len(item.json) + 1 for item in new)
        # Segments cannot go ahead of the put, as the bytes of a value can.
        if (not runs and size < LIST_BYTES_MIN) or draft.listed + size > VALUES_BYTES_MAX:
            return False
        draft.listed += size
        planned = plan(matched, runs, before, draft.tails.get(channel), draft.next)
        if planned.added:
            if planned.number == draft.next:
                draft.number()
            draft.tails[channel] = (planned.number, planned.start + len(planned.added))
        for item in planned.added:
            if item.taken is not None:
                draft.taken.update(item.taken)
        draft.lists[channel] = planned
        draft.channels[channel] = planned.entry
        return True

    def _draft_value(self, draft: Draft, put: Put, channel: str, value: Any) -> None:
        taken = Taken()
        what = f"channel {channel!r} of thread {put.namespace.thread.id!r}"
        encoded = encode_value(value, put.serde, taken, what)
        if "json" in encoded and not taken.texts:
            text = dumps(encoded["json"])
            if len(text.encode()) <= INLINE_JSON_BYTES_MAX:
                draft.channels[channel] = {"is": encoded["json"]}
                return
        number = draft.number()
        draft.channels[channel] = {"at": number}
        draft.values.append(PlannedValue(channel, number, value, encoded, dumps(encoded)))
        draft.taken.update(taken)

    def _puts(
        self, namespace: Namespace, draft: Draft, checkpoint_id: str, record: Mapping[str, Any], head: Head
    ) -> list[JsonPut]:
        puts = [(namespace.channel(each.channel, each.number), each.json) for each in draft.values]
        for channel, planned in draft.lists.items():
            for start, text in planned.segments():
                puts.append((namespace.items(channel, planned.number, start), text))
        text = record_text(record)
        if len(text) * 4 > NODE_BYTES_MAX and len(text.encode()) > NODE_BYTES_MAX:
            raise TooLargeError(
                f"checkpoint {checkpoint_id} of thread {namespace.thread.id!r} has {len(text):,} characters of "
                f"metadata, versions and small values, and a node takes {NODE_BYTES_MAX:,} bytes: keep large data in "
                "the state"
            )
        puts.append((namespace.record(checkpoint_id), text))
        puts.append((namespace.head, head.json))
        return puts

    async def _publish(
        self,
        thread: Thread,
        known: ThreadKnowledge,
        taken: Taken,
        puts: Sequence[JsonPut],
        conditions: Sequence[Precondition],
        label: str = "",
    ) -> int | None:
        """The revision; `None` where a condition did not hold, and the thread was forgotten."""
        if known.coming:
            await self._until_arrived(thread, known, taken)
        bringing: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        missing = [digest for digest in (*taken.texts, *taken.pieces) if digest not in known.there]
        known.coming.update(dict.fromkeys(missing, bringing))
        try:
            contents: Sequence[Content] = _missing(thread, known, taken)
            # As a rule it fits whatever the letters are.
            if bytes_bound(contents) + bytes_bound(puts) > DIFF_BYTES_MAX:
                contents = await self._send_ahead(contents, puts)
            all_puts = puts if known.incarnation > 0 else [(thread.swept, "0"), *puts]
            done = await self._client.publish_in_place(partial(add_puts, contents, all_puts), conditions, label)
        except PreconditionFailedError:
            self._knowledge.forget(thread.path)
            return None
        finally:
            for digest in missing:
                if known.coming.get(digest) is bringing:
                    del known.coming[digest]
            bringing.set_result(None)
        current = self._knowledge.under(thread.path, known.incarnation or done.revision)
        current.there.update(taken.texts, taken.pieces)
        for digest, text in taken.texts.items():
            self._knowledge.texts.add(digest, text, len(text))
        for digest, piece in taken.pieces.items():
            self._knowledge.pieces.add(digest, piece, len(piece))
        return done.revision

    async def _until_arrived(self, thread: Thread, known: ThreadKnowledge, taken: Taken) -> ThreadKnowledge:
        """What is known of the thread once nothing of this is on its way any more.

        LangGraph puts an input and the writes of it at the same time, and both name its messages: who comes second
        waits, rather than send them again.
        """
        while coming := known.coming_of((*taken.texts, *taken.pieces)):
            await asyncio.wait([coming])
        # The thread has begun meanwhile; what is for one that is not there relies on nothing in it.
        newest = self._knowledge.thread(thread.path) if known.incarnation == 0 else None
        return known if newest is None else newest

    async def _send_ahead(self, contents: Sequence[Content], puts: Sequence[JsonPut]) -> Sequence[Content]:
        """Publishes what would make the diff too large before it; the others, which go along."""
        size = sum(operation.put(path, Json(text)).ByteSize() for path, text in puts)
        along: list[Content] = []
        ahead: list[Operation] = []
        ahead_size = 0
        for path, content in contents:
            put = operation.put(path, content)
            put_size = put.ByteSize()
            if size + put_size <= DIFF_BYTES_MAX:
                along.append((path, content))
                size += put_size
                continue
            if ahead and ahead_size + put_size > DIFF_BYTES_MAX:
                await self._client.publish(ahead)
                ahead, ahead_size = [], 0
            ahead.append(put)
            ahead_size += put_size
        if ahead:
            await self._client.publish(ahead)
        return along

    def _note(self, known: ThreadKnowledge, namespace: Namespace, draft: Draft, record: Record, head: Head) -> None:
        """What was stored is known."""
        for each in draft.values:
            known.note_value((namespace.path, each.channel, each.number), each.encoded, len(each.json))
        for channel, planned in draft.lists.items():
            if planned.added:
                for item in planned.added:
                    item.taken = None
                known.note_items((namespace.path, channel, planned.number), planned.start, planned.added)
        if record.parent is not None:
            # Who comes next goes on from this one: what is kept for nothing makes Python's collector slow.
            known.records.pop((namespace.path, record.parent), None)
        known.records[namespace.path, record.id] = record
        known.heads[namespace.path] = head
        self._knowledge.trim()

    async def put_writes(
        self,
        namespace: Namespace,
        checkpoint_id: str,
        writes: Sequence[tuple[str, Any]],
        task_id: str,
        task_path: str,
        serde: SerializerProtocol,
    ) -> None:
        """Stores pending writes of a task. What it wrote before stays, but for special channels."""
        call = Call(writes, serde, f"thread {namespace.thread.id!r}")
        path = namespace.task(checkpoint_id, task_id)
        known = self._knowledge.thread(namespace.thread.path)
        if known is None:
            known, _ = await self._head(namespace)
        before: Mapping[str, Any] | None = None
        condition = precondition.absent(path)
        while True:
            text = call.merged(before, task_path)
            if text is None:
                return
            known = await self._until_arrived(namespace.thread, known, call.taken)
            is_relying = known.incarnation == 0 or not known.there.isdisjoint((*call.taken.texts, *call.taken.pieces))
            conditions = [condition, *(_incarnation(namespace.thread, known) if is_relying else ())]
            if await self._publish(namespace.thread, known, call.taken, [(path, text)], conditions) is not None:
                return
            found = await self._reader.nodes([path, namespace.head, namespace.thread.swept])
            known, _ = self._reader.take_in(namespace, found)
            before = found[path].value if named(found.get(path)) else None
            condition = (
                precondition.absent(path)
                if before is None
                else precondition.modified_revision(path, found[path].modified_revision)
            )


def _missing(thread: Thread, known: ThreadKnowledge, taken: Taken) -> list[Content]:
    """The texts and bytes that are not there yet."""
    there = known.there
    contents: list[Content] = [(thread.text(each), text) for each, text in taken.texts.items() if each not in there]
    if taken.pieces:
        contents += [(thread.piece(each), piece) for each, piece in taken.pieces.items() if each not in there]
    return contents


def _incarnation(thread: Thread, known: ThreadKnowledge) -> list[Precondition]:
    """Of what is known of a thread under it, nothing was taken away; or there is nothing yet."""
    if known.incarnation == 0:
        return [precondition.absent(thread.swept)]
    return [precondition.modified_revision(thread.swept, known.incarnation)]
