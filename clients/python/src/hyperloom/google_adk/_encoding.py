"""Events and state as they are stored: JSON, as the kit's own services write it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from google.adk.errors.input_validation_error import InputValidationError
from google.adk.events.event import Event
from google.adk.sessions.state import State
from pydantic import ValidationError
from pydantic_core import PydanticSerializationError, to_jsonable_python

from hyperloom._node import Node
from hyperloom._values import Json, json_bytes
from hyperloom.google_adk._errors import SpoiledSessionError
from hyperloom.google_adk._store import Deltas

VALUE_BYTES_MAX: Final = 2 * 1024 * 1024
"""The broker's own limit for a value."""


def deltas_of(state: Mapping[str, Any]) -> Deltas:
    """Changed state by its scope, without what is only for the invocation. Raises `InputValidationError`."""
    app: dict[str, Json] = {}
    user: dict[str, Json] = {}
    session: dict[str, Json] = {}
    for key, value in state.items():
        if not isinstance(key, str):
            raise InputValidationError(f"keys of state must be texts, and {key!r} is a {type(key).__name__}")
        if key.startswith(State.APP_PREFIX):
            app[key.removeprefix(State.APP_PREFIX)] = _stored_value(key, value)
        elif key.startswith(State.USER_PREFIX):
            user[key.removeprefix(State.USER_PREFIX)] = _stored_value(key, value)
        elif not key.startswith(State.TEMP_PREFIX):
            session[key] = _stored_value(key, value)
    return Deltas(app, user, session)


def _stored_value(key: str, value: Any) -> Json:
    try:
        text = json_bytes(to_jsonable_python(value))
    except (PydanticSerializationError, TypeError, ValueError, RecursionError) as error:
        raise InputValidationError(
            f"the value of {key!r} in the state cannot be stored as JSON: {error}. Keep plain data and pydantic models "
            f"in the state, or give the key the prefix {State.TEMP_PREFIX!r}, so that it is not stored"
        ) from error
    return fitting(text, f"the value of {key!r} in the state", "keep large data as an artifact, and its name here")


def stored_event(event: Event) -> Json:
    """Raises `InputValidationError`."""
    try:
        text = event.model_dump_json(exclude_none=True).encode()
    except (PydanticSerializationError, ValueError, RecursionError) as error:
        raise InputValidationError(
            f"event {event.id} cannot be stored as JSON: {error}. Keep plain data in what tools return"
        ) from error
    return fitting(text, f"event {event.id}", "save large files as artifacts, so that the event only names them")


def fitting(text: bytes, what: str, advice: str) -> Json:
    """JSON that a node can hold. Raises `InputValidationError`."""
    if len(text) > VALUE_BYTES_MAX:
        raise InputValidationError(f"{what} takes {len(text):,} bytes, and {VALUE_BYTES_MAX:,} are the most: {advice}")
    return Json(text.decode())


def event_of(node: Node) -> Event:
    """The event that a node holds."""
    try:
        return Event.model_validate_json(node.json_text or "")
    except ValidationError as error:
        raise SpoiledSessionError(
            f"{node.path} holds no event of a session: something else was put there, or a newer version of the kit "
            "wrote it. Update, or delete the node"
        ) from error


def merged(app: Mapping[str, Any], user: Mapping[str, Any], session: Mapping[str, Any]) -> dict[str, Any]:
    """State as a session shows it."""
    return {
        **session,
        **{f"{State.APP_PREFIX}{key}": value for key, value in app.items()},
        **{f"{State.USER_PREFIX}{key}": value for key, value in user.items()},
    }


def plain(delta: Mapping[str, Json]) -> dict[str, Any]:
    """Values as they will be read."""
    return {key: json.loads(value.text) for key, value in delta.items()}
