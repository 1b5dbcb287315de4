"""Events and sessions of the Agent Development Kit, as tests make and read them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from google.adk.events.event import Event
from google.adk.events.event_actions import EventActions
from google.adk.sessions.session import Session
from google.genai import types

from hyperloom.google_adk import HyperloomSessionService

Services = Callable[[], HyperloomSessionService]
"""Makes services with connections of their own: each is a process."""


def said(text: str, **fields: Any) -> Event:
    """An event in which somebody says something."""
    content = types.Content(role="user", parts=[types.Part(text=text)])
    return Event(**{"author": "user", "invocation_id": "run", "content": content, **fields})


def changing(**state: Any) -> Event:
    """An event that changes state; `__` stands for `:`."""
    delta = {key.replace("__", ":"): value for key, value in state.items()}
    return Event(author="user", invocation_id="run", actions=EventActions(state_delta=delta))


def texts(session: Session | None) -> list[str | None]:
    """What was said."""
    assert session is not None
    return [event.content.parts[0].text for event in session.events if event.content and event.content.parts]
