"""Goal: sessions of the Agent Development Kit lose nothing to a second writer, and store nothing twice.

Method: several services, which are several processes, append to one session on a real broker.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from google.adk.errors._stale_session_error import StaleSessionError
from google.adk.errors.session_not_found_error import SessionNotFoundError
from google.adk.events.event import Event
from google.adk.events.event_actions import EventActions
from google.adk.sessions.session import Session

import hyperloom
from framework_tests.adk import Services, changing, said, texts
from hyperloom._verbs import Verbs
from hyperloom.google_adk import (
    HyperloomSessionService,
    ServiceUnavailableError,
)


async def test_the_second_of_two_writers_is_refused_and_nothing_of_it_is_stored(services: Services) -> None:
    mine, other = services(), services()
    session = await mine.create_session(app_name="app", user_id="ann", session_id="1")
    theirs = await other.get_session(app_name="app", user_id="ann", session_id="1")
    assert theirs is not None
    # The same timestamp: what counts is what has happened, not what clocks say.
    await other.append_event(theirs, said("theirs", timestamp=session.last_update_time))
    event = changing(own=1, app__a=1)
    with pytest.raises(StaleSessionError, match="get_session"):
        await mine.append_event(session, event)
    assert session.events == [] and "own" not in session.state
    read = await mine.get_session(app_name="app", user_id="ann", session_id="1")
    assert read is not None and texts(read) == ["theirs"] and read.state == {}
    await mine.append_event(read, event)
    found = await other.get_session(app_name="app", user_id="ann", session_id="1")
    assert found is not None and found.state == {"own": 1, "app:a": 1} and len(found.events) == 2


async def test_appends_to_one_session_object_at_once_all_take_effect(service: HyperloomSessionService) -> None:
    session = await service.create_session(app_name="app", user_id="ann", session_id="1")
    await asyncio.gather(*(service.append_event(session, said(str(number))) for number in range(30)))
    read = await service.get_session(app_name="app", user_id="ann", session_id="1")
    assert read == session and sorted(texts(read), key=lambda text: int(text or "")) == [str(n) for n in range(30)]


async def test_of_many_writers_each_loses_or_wins_wholly(services: Services) -> None:
    first = await services().create_session(app_name="app", user_id="ann", session_id="1")

    async def write(name: str) -> int:
        service, won = services(), 0
        for turn in range(10):
            session = await service.get_session(app_name="app", user_id="ann", session_id="1")
            assert session is not None
            try:
                await service.append_event(
                    session, said(f"{name} {turn}", actions=EventActions(state_delta={name: turn}))
                )
                won += 1
            except StaleSessionError:
                continue
        return won

    won = await asyncio.gather(*map(write, ("a", "b", "c")))
    read = await services().get_session(app_name="app", user_id="ann", session_id=first.id)
    assert read is not None and len(read.events) == sum(won) > 0
    for name in "abc":
        last = [text for text in texts(read) if text and text.startswith(f"{name} ")]
        assert read.state.get(name) == (int(last[-1].split()[1]) if last else None)


async def test_a_session_of_someone_elses_making_goes_by_its_time(service: HyperloomSessionService) -> None:
    made = await service.create_session(app_name="app", user_id="ann", session_id="1")
    plain = Session(app_name="app", user_id="ann", id="1", last_update_time=made.last_update_time)
    await service.append_event(plain, said("a"))
    old = Session(app_name="app", user_id="ann", id="1", last_update_time=made.last_update_time - 1)
    with pytest.raises(StaleSessionError):
        await service.append_event(old, said("b"))


async def lose(
    service: HyperloomSessionService, session: Session, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Appends an event, and nobody is told that it took effect."""
    publish = Verbs.publish

    async def losing(verbs: Verbs, *arguments: Any, **options: Any) -> Any:
        await publish(verbs, *arguments, **options)
        raise hyperloom.DeadlineExceededError("lost")

    with monkeypatch.context() as patched:
        patched.setattr(Verbs, "publish", losing)
        with pytest.raises(ServiceUnavailableError):
            await service.append_event(session, event)


async def stored(services: Services) -> list[str | None]:
    """The texts that a reader of its own finds."""
    return texts(await services().get_session(app_name="app", user_id="ann", session_id="1"))


async def test_an_append_whose_outcome_was_lost_is_not_done_twice(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = services()
    session = await service.create_session(app_name="app", user_id="ann", session_id="1")
    event = said("once")
    await lose(service, session, event, monkeypatch)
    await service.append_event(session, event)
    await service.append_event(session, said("then"))
    assert await stored(services) == texts(session) == ["once", "then"]


async def test_an_append_whose_outcome_was_lost_is_done_also_where_others_came_behind_it(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, other = services(), services()
    session = await mine.create_session(app_name="app", user_id="ann", session_id="1")
    event = said("mine", actions=EventActions(state_delta={"key": "mine"}))
    await lose(mine, session, event, monkeypatch)
    theirs = await other.get_session(app_name="app", user_id="ann", session_id="1")
    assert theirs is not None
    await other.append_event(theirs, said("theirs", actions=EventActions(state_delta={"key": "theirs"})))
    await mine.append_event(session, event)
    # This object has not seen what came behind it.
    with pytest.raises(StaleSessionError):
        await mine.append_event(session, said("more"))
    read = await mine.get_session(app_name="app", user_id="ann", session_id="1")
    assert read is not None and read.state == {"key": "theirs"}
    await mine.append_event(read, event)
    await mine.append_event(read, said("more"))
    assert await stored(services) == texts(read) == ["mine", "theirs", "more"]


async def test_an_event_that_is_delivered_again_is_stored_once(
    services: Services, client: hyperloom.Client, root: str
) -> None:
    service = services()
    session = await service.create_session(app_name="app", user_id="ann", session_id="1")
    first, second = said("first"), said("second")
    for event in (first, first, second, first, second):
        await service.append_event(session, event)
    assert await stored(services) == texts(session) == ["first", "second"]
    await asyncio.gather(*(service.append_event(session, said("third", id="third")) for _ in range(3)))
    assert await stored(services) == texts(session) == ["first", "second", "third"]
    await service.delete_session(app_name="app", user_id="ann", session_id="1")
    assert await client.find(f"{root}/app") is None
    with pytest.raises(SessionNotFoundError):
        await service.append_event(session, first)


async def test_a_session_from_before_events_had_nodes_for_their_ids_goes_on(
    services: Services, client: hyperloom.Client, root: str
) -> None:
    session = await services().create_session(app_name="app", user_id="ann", session_id="1")
    event = said("old")
    await services().append_event(session, event)
    await client.delete(f"{root}/app/google-adk/users/ann/sessions/1/log/ids")
    await services().append_event(session, event)
    await services().append_event(session, said("new"))
    assert await stored(services) == texts(session) == ["old", "new"]
