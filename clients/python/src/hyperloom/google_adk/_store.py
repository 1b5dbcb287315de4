"""Sessions in the tree: made, read, listed, appended to, deleted. Each change is one diff, each read one revision."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from google.adk.errors.already_exists_error import AlreadyExistsError

from hyperloom import operation, precondition
from hyperloom._adapters.reading import read_below, read_nodes
from hyperloom._errors import PreconditionFailedError, RevisionError
from hyperloom._node import Node
from hyperloom._values import Json
from hyperloom._verbs import Verbs
from hyperloom.google_adk._errors import SpoiledSessionError, missing, stale
from hyperloom.google_adk._places import App, Place, User, key_of, key_path
from hyperloom.google_adk._record import Known, Record

KNOWN_MAX = 10_000
"""Sessions of which the newest record is kept in mind, so that an append takes one call. A record takes 300 bytes."""

ATTEMPTS_MAX = 64
"""Of what others come before every time."""


@dataclass(frozen=True, slots=True)
class Deltas:
    """Changed keys of state, without their prefixes."""

    app: Mapping[str, Json] = field(default_factory=dict)
    user: Mapping[str, Json] = field(default_factory=dict)
    session: Mapping[str, Json] = field(default_factory=dict)

    def operations(self, place: Place) -> list[operation.Operation]:
        """A node a key, so that writers of different keys never meet."""
        scopes = (
            (place.user.app.state, self.app),
            (place.user.state, self.user),
            (place.state, self.session),
        )
        return [operation.put(key_path(state, key), value) for state, delta in scopes for key, value in delta.items()]


@dataclass(frozen=True, slots=True)
class Found:
    """A session as it was read."""

    place: Place
    known: Known
    app_state: Mapping[str, Any]
    user_state: Mapping[str, Any]
    session_state: Mapping[str, Any]
    events: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Addition:
    """An event that is to be appended, and what the caller knows of the session."""

    event: Json
    event_id: str
    timestamp: float
    deltas: Deltas
    marker: str | None
    """Of the record that the caller has seen; `None`: goes by `updated`."""
    updated: float

    def is_behind(self, known: Known) -> bool:
        """Whether others have appended since the caller read."""
        return known.record.updated > self.updated if self.marker is None else known.marker != self.marker

    def is_newest_of(self, known: Known) -> bool:
        """Whether the newest event is this one. One without an id is none that is known again."""
        return self.event_id != "" and known.record.last == self.event_id


@dataclass(frozen=True, slots=True)
class Appended:
    """What an append has come to."""

    known: Known
    """The session's record by now."""
    anew: bool
    """False: the event was stored before, by an append whose outcome may have been lost."""


class SessionStore:
    """The work of one session service."""

    def __init__(self, verbs: Verbs) -> None:
        self._verbs = verbs
        self._known: OrderedDict[str, Known] = OrderedDict()

    async def create(self, place: Place, now: float, deltas: Deltas) -> Known:
        """Raises `AlreadyExistsError`."""
        record = Record(0, now, now, "")
        operations = [operation.put(place.record, record.json), *deltas.operations(place)]
        try:
            published = await self._verbs.publish(
                operations, preconditions=[precondition.absent(place.record)], label="create a session"
            )
        except PreconditionFailedError:
            raise AlreadyExistsError(f"Session with id {place.id} already exists.") from None
        return self._note(place, Known(record, published.revision, 1))

    async def read(self, place: Place, newest: int | None) -> Found | None:
        """A session with its newest events, or with all; all of it as it was at one revision."""
        for _ in range(ATTEMPTS_MAX):
            try:
                return await self._read(place, newest)
            except RevisionError:
                # It was compacted between the calls.
                continue
        raise SpoiledSessionError(f"{place.path} could not be read at one revision: compact the forest less often")

    async def _read(self, place: Place, newest: int | None) -> Found | None:
        nodes = await read_below(self._verbs, place.path, depth=2)
        record = next((node for node in nodes if node.path == place.record), None)
        if record is None:
            return None
        known = self._note(place, Known.of(record, self._verbs.is_ghost))
        # A ghost has no other writer, as a rule, and no revisions.
        at = 0 if self._verbs.is_ghost else record.revision
        (app_state, user_state), events = await asyncio.gather(
            self.shared_state(place.user, at), self._events(place, known.record.count, newest, at)
        )
        return Found(place, known, app_state, user_state, state_of(_under(nodes, place.state)), tuple(events))

    async def _events(self, place: Place, count: int, newest: int | None, at_revision: int) -> list[Node]:
        if newest is None:
            return await read_below(self._verbs, place.events, at_revision=at_revision)
        numbers = range(max(0, count - newest), count)
        return await read_nodes(self._verbs, [place.event(number) for number in numbers], at_revision)

    async def shared_state(self, user: User, revision: int) -> tuple[dict[str, Any], dict[str, Any]]:
        """What all sessions of an app and of a user share, as of a revision; 0: the newest, or in a ghost."""
        app_state, user_state = await asyncio.gather(
            read_below(self._verbs, user.app.state, at_revision=revision),
            read_below(self._verbs, user.state, at_revision=revision),
        )
        return state_of(app_state), state_of(user_state)

    async def user_state(self, user: User) -> dict[str, Any]:
        """What all sessions of a user share."""
        return state_of(await read_below(self._verbs, user.state))

    async def of_user(self, user: User) -> list[Found]:
        """A user's sessions without their events."""
        nodes, app_state, user_state = await asyncio.gather(
            read_below(self._verbs, user.sessions, depth=3),
            read_below(self._verbs, user.app.state),
            read_below(self._verbs, user.state),
        )
        return self._founds(user, nodes, state_of(app_state), state_of(user_state))

    async def of_app(self, app: App) -> list[Found]:
        """All users' sessions without their events."""
        nodes, app_nodes = await asyncio.gather(
            read_below(self._verbs, app.users, depth=5), read_below(self._verbs, app.state)
        )
        app_state = state_of(app_nodes)
        users: dict[str, list[Node]] = {}
        for node in nodes:
            users.setdefault(node.path[len(app.users) + 1 :].partition("/")[0], []).append(node)
        found: list[Found] = []
        for segment, below in users.items():
            user = app.user(key_of(f"/{segment}"))
            found += self._founds(user, below, app_state, state_of(_under(below, user.state)))
        return found

    def _founds(
        self, user: User, nodes: list[Node], app_state: Mapping[str, Any], user_state: Mapping[str, Any]
    ) -> list[Found]:
        """The sessions among nodes."""
        sessions: dict[str, list[Node]] = {}
        for node in _under(nodes, user.sessions):
            sessions.setdefault(node.path[len(user.sessions) + 1 :].partition("/")[0], []).append(node)
        found: list[Found] = []
        for segment, below in sessions.items():
            place = user.session(key_of(f"/{segment}"))
            record = next((node for node in below if node.path == place.record), None)
            if record is not None:
                known = Known.of(record, self._verbs.is_ghost)
                found.append(Found(place, known, app_state, user_state, state_of(_under(below, place.state))))
        return found

    async def delete(self, place: Place) -> None:
        """With its state and events. No error where there is none."""
        self._known.pop(place.path, None)
        await self._verbs.publish([operation.delete(place.path)], label="delete a session")

    async def append(self, place: Place, addition: Addition) -> Appended:
        """Raises `SessionNotFoundError`, and `StaleSessionError` where others have appended since the caller read."""
        known, there = self._known.get(place.path), False
        if known is None or addition.is_behind(known) or addition.is_newest_of(known):
            known, there = await self._look(place, addition.event_id)
        for _ in range(ATTEMPTS_MAX):
            # What was stored before there were nodes of ids is known by the record alone.
            if there or addition.is_newest_of(known):
                return Appended(known, anew=False)
            if addition.is_behind(known):
                raise stale(place)
            appended = await self._append(place, addition, known)
            if appended is not None:
                return Appended(appended, anew=True)
            known, there = await self._look(place, addition.event_id)
        raise stale(place)

    async def _append(self, place: Place, addition: Addition, known: Known) -> Known | None:
        """`None`: somebody else has written since, or the event is there."""
        self._known.pop(place.path, None)
        record = known.record.after(addition.event_id, addition.timestamp)
        operations = [operation.put(place.event(known.record.count), addition.event)]
        preconditions = [known.unchanged(place.record)]
        if addition.event_id:
            operations.append(operation.put(place.event_id(addition.event_id), known.record.count))
            preconditions.append(precondition.absent(place.event_id(addition.event_id)))
        operations += [operation.put(place.record, record.json), *addition.deltas.operations(place)]
        try:
            published = await self._verbs.publish(operations, preconditions=preconditions, label="append an event")
        except PreconditionFailedError:
            return None
        return self._note(place, Known(record, published.revision, known.version + 1))

    async def _look(self, place: Place, event_id: str) -> tuple[Known, bool]:
        """The record, and whether the event of this id is stored, both at one moment."""
        paths = [place.record, *([place.event_id(event_id)] if event_id else [])]
        nodes = {node.path: node for node in await self._verbs.batch_get(paths)}
        if place.record not in nodes:
            raise missing(place)
        known = Known.of(nodes[place.record], self._verbs.is_ghost)
        return self._note(place, known), len(nodes) > 1

    def _note(self, place: Place, known: Known) -> Known:
        self._known[place.path] = known
        self._known.move_to_end(place.path)
        if len(self._known) > KNOWN_MAX:
            self._known.popitem(last=False)
        return known


def state_of(nodes: list[Node]) -> dict[str, Any]:
    """Keys and values. Texts that other programs have put count as well as JSON."""
    state: dict[str, Any] = {}
    for node in nodes:
        if node.kind in ("json", "text"):
            state[key_of(node.path)] = node.value
        elif node.kind is not None:
            raise SpoiledSessionError(
                f"{node.path} holds {node.kind}, and state is JSON or text: something else was put there; delete it"
            )
    return state


def _under(nodes: list[Node], path: str) -> list[Node]:
    return [node for node in nodes if node.path.startswith(f"{path}/")]
