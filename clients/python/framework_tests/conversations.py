"""Messages of Pydantic AI, as tests make and read them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pydantic_ai.messages import ModelMessage, ModelRequest, ModelResponse, TextPart, UserPromptPart

from hyperloom.pydantic_ai import HyperloomConversationStore

Stores = Callable[[], HyperloomConversationStore]
"""Makes stores with connections of their own: each is a process."""


def ask(text: str) -> ModelMessage:
    """What a user says."""
    return ModelRequest(parts=[UserPromptPart(text)])


def answer(text: str) -> ModelMessage:
    """What a model says."""
    return ModelResponse(parts=[TextPart(text)])


def texts(messages: Sequence[ModelMessage]) -> list[Any]:
    """What was said."""
    return [part.content for message in messages for part in message.parts if hasattr(part, "content")]
