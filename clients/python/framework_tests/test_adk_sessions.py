"""Goal: sessions of the Agent Development Kit keep what the kit's contract says.

Method: the service's own methods against a real broker; several services are several processes. What the kit's own
contract tests ask of every service is here too, in our words: its releases do not carry them.
"""

from __future__ import annotations

from typing import Any

import pytest
from google.adk.errors._stale_session_error import StaleSessionError
from google.adk.errors.already_exists_error import AlreadyExistsError
from google.adk.errors.session_not_found_error import SessionNotFoundError
from google.adk.events.event import Event
from google.adk.events.event_actions import EventActions
from google.adk.sessions.base_session_service import GetSessionConfig
from google.genai import types
from pydantic import BaseModel

import hyperloom
from framework_tests.adk import Services, changing, said, texts
from hyperloom.google_adk import (
    HyperloomSessionService,
)
from tests.support import BrokerProcess


async def test_a_session_comes_back_as_it_was(service: HyperloomSessionService, services: Services) -> None:
    made = await service.create_session(
        app_name="app", user_id="ann", state={"a": 1, "app:b": [None, "x"], "user:c": {"d": 12345678901234567890}}
    )
    assert made.state == {"a": 1, "app:b": [None, "x"], "user:c": {"d": 12345678901234567890}}
    for text in ("hello\u2028 ☃", "again"):
        await service.append_event(made, said(text))
    read = await services().get_session(app_name="app", user_id="ann", session_id=made.id)
    assert read == made
    assert texts(read) == ["hello\u2028 ☃", "again"]
    assert read is not None and read.last_update_time == made.events[-1].timestamp


async def test_all_of_an_event_is_kept(service: HyperloomSessionService) -> None:
    session = await service.create_session(app_name="app", user_id="ann")
    event = Event(
        author="agent",
        invocation_id="run",
        content=types.Content(
            role="model",
            parts=[
                types.Part.from_bytes(data=b"\x00\xff", mime_type="image/png"),
                types.Part(function_call=types.FunctionCall(id="1", name="look", args={"n": [1, None]})),
            ],
        ),
        turn_complete=True,
        partial=False,
        actions=EventActions(artifact_delta={"file": 0}, transfer_to_agent="other", escalate=True),
        long_running_tool_ids={"1"},
        error_code="code",
        error_message="message",
        interrupted=True,
        branch="a.b",
        grounding_metadata=types.GroundingMetadata(
            web_search_queries=["q"], search_entry_point=types.SearchEntryPoint(sdk_blob=b"blob")
        ),
        usage_metadata=types.GenerateContentResponseUsageMetadata(prompt_token_count=1, total_token_count=2),
        custom_metadata={"key": {"deep": True}},
    )
    await service.append_event(session, event)
    read = await service.get_session(app_name="app", user_id="ann", session_id=session.id)
    assert read is not None and read.events == [event] and read == session


async def test_state_is_shared_by_its_prefix(service: HyperloomSessionService) -> None:
    first = await service.create_session(app_name="app", user_id="ann", session_id="1", state={"app:a": 1, "user:u": 1})
    await service.append_event(first, changing(app__a=2, user__u=2, own=2, temp__t=2))
    assert first.state == {"app:a": 2, "user:u": 2, "own": 2, "temp:t": 2}
    second = await service.create_session(app_name="app", user_id="ann", session_id="2")
    assert second.state == {"app:a": 2, "user:u": 2}
    other = await service.create_session(app_name="app", user_id="bob", session_id="1")
    assert other.state == {"app:a": 2}
    elsewhere = await service.create_session(app_name="other", user_id="ann", session_id="1")
    assert elsewhere.state == {}
    read = await service.get_session(app_name="app", user_id="ann", session_id="1")
    assert read is not None and read.state == {"app:a": 2, "user:u": 2, "own": 2}
    assert read.events[0].actions.state_delta == {"app:a": 2, "user:u": 2, "own": 2}
    assert await service.get_user_state(app_name="app", user_id="ann") == {"u": 2}
    assert await service.get_user_state(app_name="app", user_id="nobody") == {}


async def test_a_key_that_becomes_none_is_there_with_none(service: HyperloomSessionService) -> None:
    session = await service.create_session(app_name="app", user_id="ann", state={"a": {"deep": 1}, "b": 2})
    await service.append_event(session, changing(a=None, b={"c": None}))
    read = await service.get_session(app_name="app", user_id="ann", session_id=session.id)
    assert read is not None and read.state == session.state == {"a": None, "b": {"c": None}}


async def test_models_in_the_state_are_stored_as_their_json(service: HyperloomSessionService) -> None:
    class Trip(BaseModel):
        city: str

    session = await service.create_session(app_name="app", user_id="ann", state={"trip": Trip(city="Oslo")})
    assert session.state == {"trip": {"city": "Oslo"}}


@pytest.mark.parametrize("name", ["a/b", "..", ".", "*", "**", "%2F", "a\nb", "äöü 😀", "user@example.com", "a" * 255])
async def test_any_id_and_any_key_is_one_of_its_own(service: HyperloomSessionService, name: str) -> None:
    session = await service.create_session(
        app_name=name, user_id=name, session_id=name, state={name: 1, f"app:{name}": 2}
    )
    await service.append_event(session, said("x"))
    read = await service.get_session(app_name=name, user_id=name, session_id=name)
    assert read == session
    listed = await service.list_sessions(app_name=name)
    assert [(each.user_id, each.id, each.state) for each in listed.sessions] == [(name, name, session.state)]


async def test_the_empty_user_and_the_empty_key_are_allowed(service: HyperloomSessionService) -> None:
    session = await service.create_session(app_name="app", user_id="", state={"": 1, "user:": 2})
    read = await service.get_session(app_name="app", user_id="", session_id=session.id)
    assert read is not None and read.state == {"": 1, "user:": 2}
    assert len((await service.list_sessions(app_name="app", user_id="")).sessions) == 1


async def test_ids_are_made_and_trimmed(service: HyperloomSessionService) -> None:
    made = await service.create_session(app_name="app", user_id="ann", session_id="  ")
    assert made.id.strip() == made.id != ""
    padded = await service.create_session(app_name="app", user_id="ann", session_id=" padded ")
    assert padded.id == "padded"
    assert await service.get_session(app_name="app", user_id="ann", session_id=" padded ") == padded
    await service.delete_session(app_name="app", user_id="ann", session_id=" padded ")
    assert await service.get_session(app_name="app", user_id="ann", session_id="padded") is None


async def test_an_id_that_is_taken_is_refused(service: HyperloomSessionService) -> None:
    await service.create_session(app_name="app", user_id="ann", session_id="1", state={"a": 1})
    with pytest.raises(AlreadyExistsError):
        await service.create_session(app_name="app", user_id="ann", session_id="1", state={"user:a": 2})
    assert await service.get_user_state(app_name="app", user_id="ann") == {}


async def test_configs_choose_events_and_read_nothing_else(service: HyperloomSessionService, root: str) -> None:
    session = await service.create_session(app_name="app", user_id="ann", session_id="1")
    for number in range(1, 6):
        await service.append_event(session, said(f"{number}", timestamp=float(number)))

    async def events(**config: Any) -> list[str | None]:
        found = await service.get_session(
            app_name="app", user_id="ann", session_id="1", config=GetSessionConfig(**config)
        )
        assert found is not None and found._storage_update_marker == session._storage_update_marker
        return texts(found)

    assert await events(num_recent_events=3) == ["3", "4", "5"]
    assert await events(num_recent_events=0) == []
    assert await events(num_recent_events=9) == ["1", "2", "3", "4", "5"]
    assert await events(after_timestamp=4.0) == ["4", "5"]
    assert await events(after_timestamp=50.0) == []
    assert await events(after_timestamp=0.0) == ["1", "2", "3", "4", "5"]
    assert await events(after_timestamp=2.0, num_recent_events=3) == ["3", "4", "5"]
    assert await events(after_timestamp=4.0, num_recent_events=3) == ["4", "5"]


async def test_few_recent_events_of_a_long_session_cost_what_they_are(
    broker: BrokerProcess, root: str, client: hyperloom.Client
) -> None:
    author = root.strip("/")
    async with HyperloomSessionService(broker.address, root=root, author=author) as service:
        session = await service.create_session(app_name="app", user_id="ann", session_id="1")
        for number in range(60):
            await service.append_event(session, said(f"{number} " + "x" * 2_000))

        async def bytes_read() -> int:
            meters = (await client.status(meters=True)).meters
            return sum(meter.read.bytes for meter in meters if meter.agent == author)

        before = await bytes_read()
        config = GetSessionConfig(num_recent_events=2)
        found = await service.get_session(app_name="app", user_id="ann", session_id="1", config=config)
        assert found is not None and len(found.events) == 2
        assert 4_000 < await bytes_read() - before < 10_000
        before = await bytes_read()
        assert len((await service.list_sessions(app_name="app")).sessions) == 1
        assert len((await service.list_sessions(app_name="app", user_id="ann")).sessions) == 1
        assert await bytes_read() - before < 2_000


async def test_an_append_costs_what_is_new(
    service: HyperloomSessionService, client: hyperloom.Client, root: str
) -> None:
    session = await service.create_session(app_name="app", user_id="ann", session_id="1", state={"big": "x" * 10_000})
    await service.append_event(session, said("a"))
    revision = int(str(session._storage_update_marker).split(".")[0])
    appended = await service.append_event(session, changing(small=1, app__a=2))
    event = next(iter([event async for event in client.history(root, after_revision=revision)]))
    base = f"{root}/app/google-adk"
    below = f"{base}/users/ann/sessions/1"
    assert [change.path for change in event.changes] == [
        f"{below}/log/events/0000000001",
        f"{below}/log/ids/{appended.id}",
        f"{below}/session",
        f"{base}/state/a",
        f"{below}/state/small",
    ]


async def test_sessions_are_listed_oldest_first_with_their_state(service: HyperloomSessionService) -> None:
    for number, user in enumerate(("ann", "ann", "bob")):
        state = {"number": number, "user:name": user, "app:a": 1}
        session = await service.create_session(app_name="app", user_id=user, session_id=f"{number}", state=state)
        await service.append_event(session, said("x", timestamp=session.last_update_time + 10 - number))
    listed = (await service.list_sessions(app_name="app")).sessions
    assert [(each.user_id, each.id) for each in listed] == [("bob", "2"), ("ann", "1"), ("ann", "0")]
    assert [each.state for each in listed] == [
        {"number": 2, "user:name": "bob", "app:a": 1},
        {"number": 1, "user:name": "ann", "app:a": 1},
        {"number": 0, "user:name": "ann", "app:a": 1},
    ]
    assert all(each.events == [] for each in listed)
    assert [each.id for each in (await service.list_sessions(app_name="app", user_id="ann")).sessions] == ["1", "0"]
    assert (await service.list_sessions(app_name="nothing")).sessions == []
    assert (await service.list_sessions(app_name="app", user_id="nobody")).sessions == []
    # A listed session can be appended to.
    await service.append_event(listed[0], said("y"))


async def test_a_deleted_session_takes_its_own_along_and_nothing_else(service: HyperloomSessionService) -> None:
    one = await service.create_session(app_name="app", user_id="ann", session_id="1", state={"a": 1, "user:u": 1})
    await service.append_event(one, said("x"))
    await service.create_session(app_name="app", user_id="ann", session_id="2")
    await service.delete_session(app_name="app", user_id="ann", session_id="1")
    await service.delete_session(app_name="app", user_id="ann", session_id="1")
    assert await service.get_session(app_name="app", user_id="ann", session_id="1") is None
    assert [each.id for each in (await service.list_sessions(app_name="app")).sessions] == ["2"]
    with pytest.raises(SessionNotFoundError):
        await service.append_event(one, said("y"))
    again = await service.create_session(app_name="app", user_id="ann", session_id="1")
    assert again.state == {"user:u": 1}
    with pytest.raises(StaleSessionError):
        await service.append_event(one, said("z"))
    assert texts(await service.get_session(app_name="app", user_id="ann", session_id="1")) == []


async def test_partial_events_are_not_stored(service: HyperloomSessionService) -> None:
    session = await service.create_session(app_name="app", user_id="ann", session_id="1")
    event = said("half", partial=True)
    assert await service.append_event(session, event) is event
    assert session.events == []
    assert texts(await service.get_session(app_name="app", user_id="ann", session_id="1")) == []


async def test_a_session_in_a_ghost_is_seen_when_it_is_committed(client: hyperloom.Client, root: str) -> None:
    outside = HyperloomSessionService(client, root=root)
    session = await outside.create_session(app_name="app", user_id="ann", session_id="1")
    await outside.append_event(session, said("before"))
    async with client.ghost() as ghost:
        inside = HyperloomSessionService(ghost, root=root)
        staged = await inside.get_session(app_name="app", user_id="ann", session_id="1")
        assert staged is not None
        for text in ("a", "b"):
            await inside.append_event(staged, said(text, actions=EventActions(state_delta={"app:last": text})))
        assert await inside.get_session(app_name="app", user_id="ann", session_id="1") == staged
        new = await inside.create_session(app_name="app", user_id="ann", session_id="2")
        await inside.append_event(new, said("new"))
        assert texts(await outside.get_session(app_name="app", user_id="ann", session_id="1")) == ["before"]
        await ghost.commit()
    assert texts(await outside.get_session(app_name="app", user_id="ann", session_id="1")) == ["before", "a", "b"]
    assert texts(await outside.get_session(app_name="app", user_id="ann", session_id="2")) == ["new"]


async def test_texts_that_other_programs_put_into_the_state_are_read(
    service: HyperloomSessionService, client: hyperloom.Client, root: str
) -> None:
    await client.put(f"{root}/app/google-adk/state/theme", "dark")
    session = await service.create_session(app_name="app", user_id="ann")
    assert session.state == {"app:theme": "dark"}
