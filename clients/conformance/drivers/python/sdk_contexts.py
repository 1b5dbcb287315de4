"""The verbs that find nodes and render them, and those of contexts that are kept up to date."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import sdk_results as tell
from sdk_arguments import Arguments, Verb, chosen, collected, settled

if TYPE_CHECKING:
    from sdk import Session

    import hyperloom


async def search(_session: Session, on: Any, args: Arguments, _: str) -> Any:
    hits = await collected(on.search(args["query"], **chosen(args, "path", "target", "atRevision", "pageSize")))
    return [
        {
            "node": tell.node(hit.node),
            "excerpt": hit.excerpt,
            "excerptMatch": hit.excerpt_match,
            "excerptMatchLength": hit.excerpt_match_length,
            "field": hit.field,
        }
        for hit in hits
    ]


def _layout(args: Arguments) -> dict[str, Any]:
    return {"token_budget": args.get("tokenBudget", 1_000), **chosen(args, "changeTokenBudget", "format")}


async def render_context(_session: Session, on: Any, args: Arguments, _: str) -> Any:
    named = chosen(args, "atRevision", "baseRevision", "sinceRevision", "sinceSequence")
    rendered: hyperloom.RenderedContext = await settled(
        on.render_context(args.get("patterns", []), **_layout(args), **named)
    )
    return {
        "text": rendered.text,
        "revision": rendered.revision,
        "baseRevision": rendered.base_revision,
        "sequence": rendered.sequence,
        "tokens": rendered.tokens,
        "layoutTokens": rendered.layout_tokens,
        "baseBytes": rendered.base_bytes,
        "leftOut": rendered.left_out,
        "leftOutTokens": rendered.left_out_tokens,
        "rebasedTokens": rendered.rebased_tokens,
        "basis": [tell.basis(entry) for entry in rendered.basis],
    }


async def context_window(session: Session, on: Any, args: Arguments, handle: str) -> Any:
    named = {**_layout(args), **chosen(args, "rebaseFactor")}
    session.keep(handle, on.context_window(args.get("patterns", []), **named))
    return {}


async def update(_session: Session, on: Any, _args: Arguments, _: str) -> Any:
    updated: hyperloom.ContextUpdate = await settled(on.update())
    return {
        "text": updated.text,
        "added": updated.added,
        "rebased": updated.rebased,
        "revision": updated.revision,
        "tokens": updated.tokens,
        "leftOut": updated.left_out,
    }


async def rebase(_session: Session, on: Any, _args: Arguments, _: str) -> Any:
    on.rebase()
    return {}


async def text(_session: Session, on: Any, _args: Arguments, _: str) -> Any:
    return {"text": on.text, "revision": on.revision, "baseRevision": on.base_revision}


CONTEXT_VERBS: Mapping[str, Verb] = {
    "search": search,
    "renderContext": render_context,
    "contextWindow": context_window,
    "update": update,
    "rebase": rebase,
    "text": text,
}
