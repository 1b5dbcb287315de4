"""The analyst: computes figures in a ghost. Its first headline is wrong, and goes no further than the ghost.

The reviewer refuses it, the ghost goes back to its checkpoint (what was computed before stays), and the second attempt,
which knows the reason, is accepted and committed.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Sequence
from typing import Any

import hyperloom
import paths
from desk import Desk
from hyperloom import operation

COMPUTED = "computed"


async def main() -> None:
    """Works until the notes are approved."""
    patterns = [paths.task("figures"), paths.MEASUREMENTS, f"{paths.ROOT}/reviews/*/verdict", paths.APPROVAL]
    async with Desk("analyst", patterns) as desk:
        await desk.value(paths.task("figures"))
        figures = compute(await desk.value(paths.MEASUREMENTS))
        revert = await deliver(desk, figures)
        await desk.finish_task("figures")
        await desk.wait_for(paths.APPROVAL)
        await desk.value(paths.APPROVAL)
    desk.report("figures in a ghost: refused, reverted, corrected, committed", revert)


async def deliver(desk: Desk, figures: dict[str, Any]) -> dict[str, Any]:
    """Stages the figures, and then headlines until one is accepted. Tells of the last revert."""
    revert: dict[str, Any] = {}
    async with desk.client.ghost(label="figures", scope=paths.FIGURES) as ghost:
        for quantity, figure in figures.items():
            await desk.publish(f"computes {quantity}", [operation.put(paths.figure(quantity), figure)], ghost)
        await ghost.checkpoint(COMPUTED)
        reasons: tuple[str, ...] = ()
        attempt = 1
        while True:
            await stage_headline(desk, ghost, figures, reasons)
            verdict = await reviewed(desk, ghost, attempt)
            if verdict["accepted"]:
                break
            start = time.perf_counter()
            reverted = await ghost.rewind(COMPUTED, verdict["reason"])
            seconds = time.perf_counter() - start
            reasons = tuple(each.reason for each in reverted.attempts)
            revert = {
                "reason": verdict["reason"],
                "checkpoint": COMPUTED,
                "droppedOperations": reverted.dropped_operations,
                "brokerMs": reverted.broker_time.total_seconds() * 1_000,
                "agentMs": seconds * 1_000,
            }
            attempt += 1
        committed = await ghost.commit(label="the figures, as accepted")
    return revert | {"committedRevision": committed.revision}


async def stage_headline(desk: Desk, ghost: hyperloom.Ghost, figures: dict[str, Any], reasons: Sequence[str]) -> None:
    """The first attempt writes the digits the wrong way round, as models do; with a reason it looks again."""
    quantity, figure = max(figures.items(), key=lambda entry: float(entry[1]["less_percent"]))
    percent = figure["less_percent"] if reasons else transposed(figure["less_percent"])
    await desk.publish(
        "headline and caption, computed again" if reasons else "headline and caption",
        [
            operation.put(paths.HEADLINE, {"quantity": quantity, "less_percent": percent}),
            operation.put(paths.CAPTION, f"Version 4.2 needs {percent} % less {quantity} than 4.1."),
        ],
        ghost,
    )


async def reviewed(desk: Desk, ghost: hyperloom.Ghost, attempt: int) -> dict[str, Any]:
    """Asks the reviewer, on the trunk, to look into the ghost, and waits for the verdict."""
    name = f"figures_{attempt}"
    request = {"subject": "figures", "ghost": ghost.id}
    await desk.publish("asks for a review of its figures", [operation.put(paths.review(name), request)])
    verdict: dict[str, Any] = await desk.value(paths.verdict(name))
    return verdict


def compute(measurements: dict[str, Any]) -> dict[str, Any]:
    """Medians of each quantity, and how much less the second is, in percent with one decimal."""
    return {quantity: figure_of(samples) for quantity, samples in measurements.items()}


def figure_of(samples: dict[str, list[int]]) -> dict[str, float]:
    before, after = statistics.median(samples["before"]), statistics.median(samples["after"])
    return {"before": before, "after": after, "less_percent": round((1 - after / before) * 100, 1)}


def transposed(percent: float) -> float:
    text = str(percent)
    return float(text[1] + text[0] + text[2:])


asyncio.run(main())
