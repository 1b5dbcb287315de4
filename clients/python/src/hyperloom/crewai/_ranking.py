"""Which records are most like a query."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from hyperloom._adapters.shelf import Shown
from hyperloom.crewai._records import Vector

Distance: TypeAlias = 'Literal["l2", "cosine"]'
"""How likeness is scored: `l2` as CrewAI's default store does, 1 / (1 + d²); `cosine` as its Qdrant store does."""

MATRICES_MAX: Final = 4
"""Scopes whose embeddings are kept as one matrix: 1,000 of 3,072 numbers take 12 MB."""


class Ranking:
    """Scores embeddings against queries."""

    def __init__(self, distance: Distance) -> None:
        if distance not in ("l2", "cosine"):
            raise ValueError(f"distance must be 'l2' or 'cosine', not {distance!r}")
        self._distance = distance
        self._matrices: OrderedDict[int, tuple[Shown[Vector], dict[str, int], npt.NDArray[np.float32]]] = OrderedDict()

    def scores(self, query: Vector, shown: Shown[Vector], dimensions: int) -> Mapping[str, float]:
        """The score of each embedding, by its path; those of other dimensions have none."""
        rows, matrix = self._matrix(shown, dimensions)
        if not rows:
            return {}
        found = _l2(matrix, query) if self._distance == "l2" else _cosine(matrix, query)
        values: Sequence[float] = found.tolist()
        return {path: values[row] for path, row in rows.items()}

    def _matrix(self, shown: Shown[Vector], dimensions: int) -> tuple[dict[str, int], npt.NDArray[np.float32]]:
        known = self._matrices.get(id(shown))
        if known is None or known[0] is not shown:
            vectors = {path: vector for path, vector in shown.entries.items() if vector.size == dimensions}
            rows = {path: row for row, path in enumerate(vectors)}
            matrix = np.stack(list(vectors.values())) if vectors else np.zeros((0, dimensions), dtype=np.float32)
            known = (shown, rows, matrix)
            self._matrices[id(shown)] = known
            while len(self._matrices) > MATRICES_MAX:
                self._matrices.popitem(last=False)
        return known[1], known[2]


def _l2(matrix: npt.NDArray[np.float32], query: Vector) -> npt.NDArray[np.float64]:
    difference = matrix - query
    squares = np.einsum("ij,ij->i", difference, difference, dtype=np.float64)
    return np.asarray(1.0 / (1.0 + squares), dtype=np.float64)


def _cosine(matrix: npt.NDArray[np.float32], query: Vector) -> npt.NDArray[np.float64]:
    lengths = np.linalg.norm(matrix.astype(np.float64), axis=1) * np.linalg.norm(query.astype(np.float64))
    products = matrix.astype(np.float64) @ query.astype(np.float64)
    found: npt.NDArray[np.float64] = np.divide(products, lengths, out=np.zeros_like(products), where=lengths > 0)
    return found
