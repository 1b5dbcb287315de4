package main

import (
	"context"

	"hyperloom.dev/go/hyperloom"
)

// contexts does the verbs that find nodes and render them; false for other verbs.
func (s *session) contexts(ctx context.Context, on writer, verb, handle string, a arguments) (any, bool, error) {
	switch verb {
	case "search":
		options := hyperloom.SearchOptions{
			Path: a.Path, Target: hyperloom.SearchTarget(a.Target), AtRevision: a.AtRevision, PageSize: a.PageSize,
		}
		hits, err := on.Search(a.Query, options).Collect(ctx)
		return told(hits, tellHit), true, err
	case "renderContext":
		rendered, err := on.RenderContext(ctx, a.render(), a.parts()...)
		return tellRendered(rendered), true, err
	case "contextWindow":
		s.keep(handle, on.ContextWindow(a.render(), a.parts()...))
		return object{}, true, nil
	default:
		return nil, false, nil
	}
}

func callWindow(ctx context.Context, on *hyperloom.ContextWindow, verb string) (any, error) {
	switch verb {
	case "update":
		updated, err := on.Update(ctx)
		return object{
			"text": updated.Text, "added": updated.Added, "rebased": updated.Rebased, "revision": updated.Revision,
			"tokens": updated.Tokens, "leftOut": updated.LeftOut,
		}, err
	case "rebase":
		on.Rebase()
		return object{}, nil
	default:
		return object{"text": on.Text(), "revision": on.Revision(), "baseRevision": on.BaseRevision()}, nil
	}
}

func (a arguments) render() hyperloom.RenderOptions {
	options := hyperloom.RenderOptions{
		TokenBudget: a.TokenBudget, ChangeTokenBudget: a.ChangeTokenBudget, AtRevision: a.AtRevision,
		BaseRevision: a.BaseRevision, SinceRevision: a.SinceRevision, SinceSequence: a.SinceSequence,
		Format: hyperloom.RenderFormat(a.Format), RebaseFactor: a.RebaseFactor,
	}
	if options.TokenBudget == 0 {
		options.TokenBudget = 1_000
	}
	return options
}

func (a arguments) parts() []hyperloom.RenderPart {
	parts := make([]hyperloom.RenderPart, len(a.Patterns))
	for index, pattern := range a.Patterns {
		parts[index].Pattern = pattern
	}
	return parts
}

func tellHit(hit hyperloom.SearchHit) object {
	return object{
		"node": tellNode(hit.Node), "excerpt": hit.Excerpt, "excerptMatch": hit.ExcerptMatch,
		"excerptMatchLength": hit.ExcerptMatchLength, "field": hit.Field,
	}
}

func tellRendered(rendered hyperloom.RenderedContext) object {
	return object{
		"text": rendered.Text, "revision": rendered.Revision, "baseRevision": rendered.BaseRevision,
		"sequence": rendered.Sequence, "tokens": rendered.Tokens, "layoutTokens": rendered.LayoutTokens,
		"baseBytes": rendered.BaseBytes, "leftOut": rendered.LeftOut, "leftOutTokens": rendered.LeftOutTokens,
		"rebasedTokens": rendered.RebasedTokens, "basis": told(rendered.Basis, tellBasis),
	}
}
