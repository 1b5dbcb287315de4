"""Items as they are stored: the Responses API's own form, which is Python's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from agents.exceptions import UserError
from agents.items import TResponseInputItem

from hyperloom._values import Json, json_bytes

ITEM_BYTES_MAX = 2 * 1024 * 1024
"""The broker's own limit for a value."""


def stored_items(items: Sequence[TResponseInputItem]) -> list[Json]:
    """Items as JSON texts. Raises `UserError` for what cannot be stored, before anything is sent."""
    return [_stored_item(item, index) for index, item in enumerate(items)]


def _stored_item(item: Any, index: int) -> Json:
    if not isinstance(item, dict):
        raise UserError(
            f"item {index} is a {type(item).__name__}, and a session stores dicts: call `to_input_item()` of a run "
            "item, or `model_dump(exclude_unset=True)` of a model's output"
        )
    try:
        text = json_bytes({"item": item})
    except (TypeError, ValueError, RecursionError) as error:
        raise UserError(f"item {index} cannot be stored as JSON: {error}. Make it plain dicts and texts") from error
    if len(text) > ITEM_BYTES_MAX:
        raise UserError(
            f"item {index} takes {len(text):,} bytes, and {ITEM_BYTES_MAX:,} are the most: keep large files and images "
            "elsewhere, and let the item name them by URL or file id"
        )
    return Json(text.decode())


def read_item(value: Any, path: str) -> TResponseInputItem:
    """An item from a node's value."""
    item = value.get("item") if isinstance(value, dict) else None
    if not isinstance(item, dict):
        raise UserError(f"{path} holds no item of a session: something else has been put there; delete it")
    if item.get("role") == "assistant" and isinstance(item.get("content"), list):
        # JavaScript leaves them out where there are none.
        for part in item["content"]:
            if isinstance(part, dict) and part.get("type") == "output_text":
                part.setdefault("annotations", [])
    return cast(TResponseInputItem, item)
