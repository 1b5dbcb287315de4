"""The session service: what `Runner(session_service=…)` takes."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, TypeVar

from google.adk.errors.input_validation_error import InputValidationError
from google.adk.events.event import Event
from google.adk.platform import time as platform_time
from google.adk.platform import uuid as platform_uuid
from google.adk.sessions.base_session_service import BaseSessionService, GetSessionConfig, ListSessionsResponse
from google.adk.sessions.session import Session

from hyperloom._adapters.link import Broker, Link
from hyperloom._adapters.names import root_of
from hyperloom._adapters.turns import Turns
from hyperloom.google_adk._encoding import deltas_of, event_of, merged, plain, stored_event
from hyperloom.google_adk._errors import telling
from hyperloom.google_adk._places import App, Place
from hyperloom.google_adk._store import Addition, Deltas, Found, SessionStore

Outcome = TypeVar("Outcome")


class HyperloomSessionService(BaseSessionService):
    """Keeps sessions in a Hyperloom broker: `Runner(…, session_service=HyperloomSessionService("127.0.0.1:7400"))`.

    An event is a node, and so is each key of state: an append stores what is new. What is told to be stored is durable.
    A session that another writer has moved on is refused with `StaleSessionError`, and nothing of the append is stored.

    `broker`: an address, or `None` for `HYPERLOOM_ADDRESS` or 127.0.0.1:7400: then the service has a connection of its
    own (`close()` ends it) and may be used in any thread and event loop. So it may with a client of `hyperloom.sync`.
    With a client of asyncio it belongs to that client's loop. With a ghost, all that runs store is seen outside only
    when the ghost is committed. `root`: the path that apps lie below, each as a subtree named by its name.

    Raises the kit's own errors for bad input, and `ServiceError`s.
    """

    def __init__(self, broker: Broker = None, *, root: str = "", author: str = "google-adk") -> None:
        with telling("make a session service"):
            self._root = root_of(root)
        self._link = link_of(broker, author)
        self._store = SessionStore(self._link.verbs)
        self._turns = Turns()

    async def create_session(
        self,
        *,
        app_name: str,
        user_id: str,
        state: dict[str, Any] | None = None,
        session_id: str | None = None,
    ) -> Session:
        """Raises `AlreadyExistsError` where there is one of that id. Without an id it gets one."""
        with telling("create a session"):
            place = self._place(app_name, user_id, (session_id or "").strip() or platform_uuid.new_uuid())
            deltas = deltas_of(state or {})
            found = await self._settle(self._create(place, platform_time.get_time(), deltas))
        return _session_of(found, [])

    async def _create(self, place: Place, now: float, deltas: Deltas) -> Found:
        known = await self._store.create(place, now, deltas)
        app_state, user_state = await self._store.shared_state(place.user, known.revision)
        return Found(place, known, app_state, user_state, plain(deltas.session))

    async def get_session(
        self,
        *,
        app_name: str,
        user_id: str,
        session_id: str,
        config: GetSessionConfig | None = None,
    ) -> Session | None:
        """A session as it was at one moment, or `None`. With `num_recent_events` no other events are read."""
        with telling(f"read session {session_id!r}"):
            place = self._place(app_name, user_id, session_id.strip())
            found = await self._run(self._store.read(place, None if config is None else config.num_recent_events))
            if found is None:
                return None
            events = [event_of(node) for node in found.events]
        if config is not None and config.after_timestamp is not None:
            events = [event for event in events if event.timestamp >= config.after_timestamp]
        return _session_of(found, events)

    async def list_sessions(self, *, app_name: str, user_id: str | None = None) -> ListSessionsResponse:
        """Sessions with their state and without their events, of one user or of all; the newest last."""
        with telling("list sessions"):
            app = App.of(self._root, app_name)
            work = self._store.of_app(app) if user_id is None else self._store.of_user(app.user(user_id))
            found = await self._run(work)
        found.sort(key=lambda each: (each.known.record.updated, each.place.user.id, each.place.id))
        return ListSessionsResponse(sessions=[_session_of(each, []) for each in found])

    async def delete_session(self, *, app_name: str, user_id: str, session_id: str) -> None:
        """Deletes a session with its state and events. What its user and app share stays; so does history."""
        with telling(f"delete session {session_id!r}"):
            await self._settle(self._store.delete(self._place(app_name, user_id, session_id.strip())))

    async def get_user_state(self, *, app_name: str, user_id: str) -> dict[str, Any]:
        """What all sessions of a user share, by keys without their prefix."""
        with telling(f"read the state of user {user_id!r}"):
            return await self._run(self._store.user_state(App.of(self._root, app_name).user(user_id)))

    async def append_event(self, session: Session, event: Event) -> Event:
        """Stores an event and what it changes in the state, in one step, and adds it to the session.

        An event is stored once: an append of one that is stored, by its id, changes nothing. Raises
        `SessionNotFoundError`, and `StaleSessionError` where others have appended since the session was read.
        """
        if event.partial:
            return event
        with telling(f"append to session {session.id!r}"):
            place = self._place(session.app_name, session.user_id, session.id)
            return await self._settle(self._append(place, session, event))

    async def _append(self, place: Place, session: Session, event: Event) -> Event:
        # Appends to one session object come one after the other, as each must know what the one before has made of it.
        async with self._turns.of(place.path):
            self._apply_temp_state(session, event)
            trimmed = self._trim_temp_delta_state(event)
            deltas = deltas_of(trimmed.actions.state_delta if trimmed.actions else {})
            appended = await self._store.append(
                place,
                Addition(
                    event=stored_event(trimmed),
                    event_id=trimmed.id,
                    timestamp=trimmed.timestamp,
                    deltas=deltas,
                    marker=session._storage_update_marker,
                    updated=session.last_update_time,
                ),
            )
            record = appended.known.record
            if appended.anew or record.last == trimmed.id:
                # Where others have appended behind it, the session object stays one that they have moved on.
                session.last_update_time = record.updated
                session._storage_update_marker = appended.known.marker
            if not appended.anew and any(each.id == trimmed.id for each in session.events):
                return trimmed
            return self._commit_event_to_session(session, trimmed)

    def close(self) -> None:
        """Closes the connection, where it is the service's own."""
        self._link.close()

    async def __aenter__(self) -> HyperloomSessionService:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.close)

    def _place(self, app_name: str, user_id: str, session_id: str) -> Place:
        return App.of(self._root, app_name).user(user_id).session(session_id)

    async def _run(self, work: Coroutine[Any, Any, Outcome]) -> Outcome:
        return await self._link.run(work)

    async def _settle(self, work: Coroutine[Any, Any, Outcome]) -> Outcome:
        return await self._link.settle(work)


def link_of(broker: Broker, author: str) -> Link:
    """The way to the broker. Raises `InputValidationError`."""
    try:
        return Link(broker, author, "a service")
    except TypeError as error:
        raise InputValidationError(str(error)) from error


def _session_of(found: Found, events: list[Event]) -> Session:
    session = Session(
        id=found.place.id,
        app_name=found.place.user.app.name,
        user_id=found.place.user.id,
        state=merged(found.app_state, found.user_state, found.session_state),
        events=events,
        last_update_time=found.known.record.updated,
    )
    session._storage_update_marker = found.known.marker
    return session
