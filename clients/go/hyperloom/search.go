package hyperloom

import (
	"context"

	hyperloomv1 "hyperloom.dev/go/gen/hyperloom/v1"
)

// SearchTarget says where to look.
type SearchTarget string

// Paths and values (the default), paths alone, values alone.
const (
	SearchEverything SearchTarget = "everything"
	SearchPaths      SearchTarget = "paths"
	SearchValues     SearchTarget = "values"
)

// SearchOptions say where a text is looked for.
type SearchOptions struct {
	// Path of a node: it and all below it. Default: everywhere.
	Path string
	// Target says where to look. Default: paths and values.
	Target SearchTarget
	// AtRevision of the trunk. Default: the newest. Not in ghosts.
	AtRevision uint64
	// PageSize is at most 1,000, 100 by default.
	PageSize uint32
}

// SearchHit is a node that holds the text.
type SearchHit struct {
	// Node without its value.
	Node *Node
	// Excerpt is a part of the value around the text; empty where only the path holds it.
	Excerpt string
	// ExcerptMatch is where the text begins in the excerpt, and ExcerptMatchLength how much it takes, in runes.
	ExcerptMatch, ExcerptMatchLength uint32
	// Field of a message, such as origin.url; empty for other values.
	Field string
}

// Search finds nodes by a text in their paths or values, whatever the case of its letters, in pages, some of which may be empty.
// What is found counts as read.
func (v *verbs) Search(query string, options SearchOptions) *Paged[SearchHit] {
	request := &hyperloomv1.SearchRequest{
		Forest:     v.agent.forest,
		Path:       options.Path,
		Query:      query,
		AtRevision: options.AtRevision,
		GhostId:    v.ghostID,
		PageSize:   options.PageSize,
	}
	switch options.Target {
	case SearchPaths:
		request.Target = hyperloomv1.SearchTarget_SEARCH_TARGET_PATHS
	case SearchValues:
		request.Target = hyperloomv1.SearchTarget_SEARCH_TARGET_VALUES
	}
	return plainPaged(func(ctx context.Context, token string) (Page[SearchHit], error) {
		answer, err := fenced(ctx, v, v.connection.context.Search, withToken(request, token), "the search")
		if err != nil {
			return Page[SearchHit]{}, err
		}
		hits := make([]SearchHit, len(answer.GetHits()))
		for index, hit := range answer.GetHits() {
			v.agent.note(hit.GetNode().GetPath(), answer.GetRevision(), ExtentNode)
			hits[index] = SearchHit{
				Node:               nodeFrom(hit.GetNode(), answer.GetRevision()),
				Excerpt:            hit.GetExcerpt(),
				ExcerptMatch:       hit.GetExcerptMatch(),
				ExcerptMatchLength: hit.GetExcerptMatchLength(),
				Field:              hit.GetField(),
			}
		}
		return Page[SearchHit]{Items: hits, NextPageToken: answer.GetNextPageToken(), Revision: answer.GetRevision()}, nil
	})
}
