"""The researcher: appends findings with their sources and evidence, publishes measurements, and has late news."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import paths
from desk import Desk
from hyperloom import operation

MATERIAL = Path(__file__).parent.parent / "material.json"


async def main() -> None:
    """Works until the notes are approved."""
    material = json.loads(MATERIAL.read_text(encoding="utf-8"))
    patterns = [paths.task("research"), paths.task("known_issues"), paths.GO, paths.APPROVAL]
    async with Desk("researcher", patterns) as desk:
        await desk.value(paths.task("research"))
        await desk.publish("measurements of 4.1 and 4.2", [operation.put(paths.MEASUREMENTS, material["measurements"])])
        for finding in material["findings"]:
            if not finding.get("late"):
                await publish_finding(desk, finding)
        await desk.finish_task("research")

        await desk.wait_for(paths.GO)
        await desk.value(paths.GO)
        for finding in material["findings"]:
            if finding.get("late"):
                await publish_finding(desk, finding)
        await desk.finish_task("known_issues")
        await desk.value(paths.APPROVAL)
    desk.report(f"{len(material['findings'])} findings with sources and evidence, measurements")


async def publish_finding(desk: Desk, finding: dict[str, Any]) -> None:
    """One finding, and what it rests on, as one context diff."""
    entry = {key: finding[key] for key in ("id", "section", "claim", "source")}
    await desk.publish(
        f"finding: {finding['id']}",
        [operation.append(paths.FINDINGS, [entry]), operation.put(paths.evidence(finding["id"]), finding["evidence"])],
    )


asyncio.run(main())
