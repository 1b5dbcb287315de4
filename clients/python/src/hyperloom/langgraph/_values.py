"""Encoded values: a channel's value or a pending write as it is stored, in the shared form or by a serializer."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from langgraph.checkpoint.serde.base import SerializerProtocol
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

from hyperloom.langgraph._errors import NotStorableError, UnreadableValueError
from hyperloom.langgraph._shared import NotSharedError, decode, encode
from hyperloom.langgraph._texts import Taken, texts_in

INLINE_BYTES_MAX: Final = 256
"""Bytes of a serializer from here on lie in nodes of their own."""

VALUE_JSON_BYTES_MAX: Final = 1024 * 1024
"""A value whose JSON takes more is stored as bytes: a node takes 2 MiB."""

Encoded = Mapping[str, Any]
"""`{"json": …}`, `{"tag": …, "data": …}` or `{"tag": …, "bytes": […]}`."""


_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _chunks_of() -> Callable[[Any, int], Iterable[str]] | None:
    """What `_ENCODER.encode` makes anew each time where the interpreter has it, but without a look for circles."""
    make = getattr(json.encoder, "c_make_encoder", None)
    if make is None:
        return None
    chunks: Callable[[Any, int], Iterable[str]] = make(
        None, _ENCODER.default, json.encoder.encode_basestring, None, ":", ",", False, False, False
    )
    return chunks


_chunks: Final = _chunks_of()


def dumps(value: Any) -> str:
    """JSON text as both languages write it. `ValueError` or `TypeError` for what JSON cannot say."""
    if _chunks is not None:
        # A put makes three, and making the encoder took longer than most of them.
        try:
            return "".join(_chunks(value, 0))
        except RecursionError:
            # It says whether that was a circle.
            pass
    return _ENCODER.encode(value)


def is_shared(serde: SerializerProtocol) -> bool:
    """Whether values may be stored in the shared form: not where the user's own serializer is to see all of them."""
    return type(serde) is JsonPlusSerializer


def encode_value(value: Any, serde: SerializerProtocol, taken: Taken, what: str) -> Encoded:
    """A value as it is stored. `what` is what an error calls it, such as `channel 'messages'`."""
    if is_shared(serde):
        own = Taken()
        try:
            stored = encode(value, own)
            text = dumps(stored)
        except (NotSharedError, RecursionError):
            pass
        else:
            if len(text) <= VALUE_JSON_BYTES_MAX // 4 or len(text.encode()) <= VALUE_JSON_BYTES_MAX:
                taken.update(own)
                return {"json": stored}
            return as_bytes(value, taken)
    return _tagged(*_dumped(value, serde, what), taken)


def as_bytes(value: Any, taken: Taken) -> Encoded:
    """A value of the shared form that is too large for one node."""
    return {"tag": "json", "bytes": taken.bytes_of(dumps(encode(value, None)).encode())}


def _dumped(value: Any, serde: SerializerProtocol, what: str) -> tuple[str, bytes]:
    try:
        tag, data = serde.dumps_typed(value)
    except Exception as error:
        raise NotStorableError(
            f"{what} holds what cannot be stored, in a value of type {type(value).__name__}: {error}. Keep plain data, "
            "messages, dataclasses or pydantic models in the state, or give the saver a serializer that knows it: "
            "HyperloomSaver(serde=JsonPlusSerializer(pickle_fallback=True))"
        ) from error
    return tag, bytes(data)


def _tagged(tag: str, data: bytes, taken: Taken) -> Encoded:
    if len(data) <= INLINE_BYTES_MAX:
        return {"tag": tag, "data": base64.b64encode(data).decode()}
    return {"tag": tag, "bytes": taken.bytes_of(data)}


def named_texts(encoded: Encoded) -> Iterator[str]:
    """The texts that it names."""
    return texts_in(encoded.get("json"))


def named_pieces(encoded: Encoded) -> Iterator[str]:
    """The pieces of bytes that it names."""
    return iter(encoded.get("bytes", ()))


def decode_value(
    encoded: Encoded,
    serde: SerializerProtocol,
    texts: Mapping[str, str],
    pieces: Mapping[str, bytes],
    what: str,
) -> Any:
    """The value. New objects every time."""
    if "json" in encoded:
        return decode(encoded["json"], texts)
    tag = encoded["tag"]
    if "data" in encoded:
        data = base64.b64decode(encoded["data"])
    else:
        data = b"".join(pieces[digest] for digest in encoded["bytes"])
    if tag == "json" and is_shared(serde):
        return decode(json.loads(data), None)
    try:
        return serde.loads_typed((tag, data))
    except Exception as error:
        raise UnreadableValueError(
            f"{what} was stored by a serializer as {tag!r}, and this saver's {type(serde).__name__} cannot read it: "
            f"{error or type(error).__name__}. Use the serializer that wrote it; what graphs in Python and JavaScript "
            "share must be plain JSON or LangChain's messages"
        ) from error
