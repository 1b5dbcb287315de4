"""Goal: what cannot be stored or read is refused in the kit's own kind of error, which says what to do.

Method: bad state, events, names and brokers, and what others have put where a session lies, on a real broker.
"""

from __future__ import annotations

from typing import Any

import pytest
from google.adk.errors.input_validation_error import InputValidationError

import hyperloom
from framework_tests.adk import changing, said, texts
from hyperloom.google_adk import (
    HyperloomSessionService,
    ServiceError,
    ServiceUnavailableError,
    SpoiledSessionError,
)


@pytest.mark.parametrize(
    "value", [object(), float("nan"), "\ud800", "x" * 2_100_000], ids=["object", "nan", "half", "large"]
)
async def test_state_that_cannot_be_stored_is_refused_before_anything_is(
    service: HyperloomSessionService, value: Any
) -> None:
    with pytest.raises(InputValidationError, match="'bad' in the state"):
        await service.create_session(app_name="app", user_id="ann", session_id="1", state={"bad": value})
    session = await service.create_session(app_name="app", user_id="ann", session_id="1")
    with pytest.raises(InputValidationError, match="'bad' in the state"):
        await service.append_event(session, changing(bad=value))
    read = await service.get_session(app_name="app", user_id="ann", session_id="1")
    assert read is not None and read.events == []


async def test_an_event_that_is_too_large_says_where_to_keep_it(service: HyperloomSessionService) -> None:
    session = await service.create_session(app_name="app", user_id="ann", session_id="1")
    with pytest.raises(InputValidationError, match="artifacts"):
        await service.append_event(session, said("x" * 2_100_000))


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ({"app_name": "", "user_id": "u", "session_id": "s"}, "the app name must not be empty"),
        ({"app_name": "a", "user_id": "u" * 256, "session_id": "s"}, "use a shorter one"),
        ({"app_name": "a", "user_id": "u", "session_id": "\ud800"}, "half a surrogate pair"),
        ({"app_name": "a", "user_id": "u", "session_id": "s", "state": {"k" * 256: 1}}, "the key of state"),
    ],
    ids=["empty", "long", "half", "key"],
)
async def test_bad_names_are_refused(service: HyperloomSessionService, names: dict[str, Any], told: str) -> None:
    with pytest.raises(InputValidationError, match=told):
        await service.create_session(**names)


def test_bad_brokers_and_roots_are_refused() -> None:
    broker: Any = 7400
    with pytest.raises(InputValidationError, match="not int"):
        HyperloomSessionService(broker)
    with pytest.raises(InputValidationError, match="root must be"):
        HyperloomSessionService(root="chats")


async def test_what_is_no_session_is_named(
    service: HyperloomSessionService, client: hyperloom.Client, root: str
) -> None:
    session = await service.create_session(app_name="app", user_id="ann", session_id="1")
    below = f"{root}/app/google-adk/users/ann/sessions/1"
    await client.put(f"{below}/log/events/0000000000", "mine")
    with pytest.raises(SpoiledSessionError, match="0000000000"):
        await service.get_session(app_name="app", user_id="ann", session_id="1")
    await client.put(f"{below}/session", "mine")
    with pytest.raises(SpoiledSessionError, match=f"delete {below}"):
        await service.append_event(session, said("x"))
    with pytest.raises(SpoiledSessionError, match=f"delete {below}"):
        await service.list_sessions(app_name="app")


async def test_a_locked_session_says_what_to_do(
    service: HyperloomSessionService, client: hyperloom.Client, root: str
) -> None:
    session = await service.create_session(app_name="app", user_id="ann", session_id="1")
    async with client.lock(f"{root}/app/google-adk/users/ann") as lock:
        with pytest.raises(ServiceError, match="write through that lock") as refused:
            await service.append_event(session, said("x"))
        assert isinstance(refused.value.__cause__, hyperloom.LockedError)
        await HyperloomSessionService(lock, root=root).append_event(session, said("y"))
    assert texts(await service.get_session(app_name="app", user_id="ann", session_id="1")) == ["y"]


async def test_an_unreachable_broker_is_told_with_what_to_do() -> None:
    async with hyperloom.connect("127.0.0.1:1", timeout=0.2) as client:
        service = HyperloomSessionService(client)
        with pytest.raises(ServiceUnavailableError, match="npx hyperloom serve"):
            await service.get_session(app_name="app", user_id="ann", session_id="1")
        with pytest.raises(ServiceUnavailableError, match="HYPERLOOM_ADDRESS"):
            await service.create_session(app_name="app", user_id="ann")
