"""What a put of a saver brings, until it becomes operations of a request. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias

from hyperloom._gen.v1 import context_service_pb2 as context

OPERATION_BYTES: Final = 32
"""What an operation takes beside its path and its value: four tags, and four lengths of five bytes at most."""

JsonPut: TypeAlias = "tuple[str, str]"
"""A path, and the JSON that is put there."""

Content: TypeAlias = "tuple[str, str | bytes]"
"""A path, and the text or the bytes that are put there."""


def add_puts(contents: Sequence[Content], puts: Sequence[JsonPut], request: context.PublishRequest) -> None:
    """Adds them to a request: what values are made of before what names it."""
    add = request.operations.add
    for path, content in contents:
        value = add(path=path).put
        if isinstance(content, str):
            value.text = content
        else:
            value.bytes = content
    for path, text in puts:
        add(path=path).put.json = text.encode()


def bytes_bound(puts: Sequence[Content]) -> int:
    """Operations that put these take no more bytes than this: a character takes four at most."""
    return sum(4 * (len(path) + len(content)) + OPERATION_BYTES for path, content in puts)
