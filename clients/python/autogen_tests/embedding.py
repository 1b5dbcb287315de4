"""Embedding without a model."""

from __future__ import annotations

from zlib import crc32


def embed(texts: list[str]) -> list[list[float]]:
    """Texts with the same words are alike."""
    vectors = [[0.0] * 251 for _ in texts]
    for vector, text in zip(vectors, texts, strict=True):
        for word in text.lower().replace("?", "").replace(".", "").split():
            vector[crc32(word.encode()) % 251] += 1.0
    return vectors


async def embed_later(texts: list[str]) -> list[list[float]]:
    """The same, as most models are called."""
    return embed(texts)
