package hyperloom

import (
	"context"
	"errors"

	hyperloomv1 "hyperloom.dev/go/gen/hyperloom/v1"
)

// Get reads a node. It fails with [ErrNotFound] where there is none; reading never creates anything.
func (v *verbs) Get(ctx context.Context, path string, options ...ReadOption) (*Node, error) {
	asked := v.agent.view(v.ghostID, v.staged.known(), options)
	request := &hyperloomv1.GetRequest{
		Forest: v.agent.forest, Path: path, View: asked.of, Values: asked.values, Author: v.agent.author,
	}
	answer, err := fenced(ctx, v, v.connection.context.Get, request, "the read")
	if err != nil {
		var refused *Error
		if errors.As(err, &refused) && refused.Reason == ReasonNodeNotFound {
			v.agent.note(path, refused.number("revision"), ExtentAbsent)
		}
		return nil, err
	}
	v.agent.note(path, answer.GetRevision(), ExtentNode, answer.GetNode())
	node := nodeFrom(answer.GetNode(), answer.GetRevision())
	node.Age = ageFrom(answer.GetAge())
	return node, nil
}

// Find reads a node; nil where there is none.
func (v *verbs) Find(ctx context.Context, path string, options ...ReadOption) (*Node, error) {
	node, err := v.Get(ctx, path, options...)
	if errors.Is(err, ReasonNodeNotFound) {
		return nil, nil
	}
	return node, err
}

// BatchGet reads up to 1,000 nodes at one revision, in the order of the paths; those that do not exist are left out.
func (v *verbs) BatchGet(ctx context.Context, paths []string, options ...ReadOption) ([]*Node, error) {
	asked := v.agent.view(v.ghostID, v.staged.known(), options)
	request := &hyperloomv1.BatchGetRequest{
		Forest: v.agent.forest, Paths: paths, View: asked.of, Values: asked.values, Author: v.agent.author,
	}
	answer, err := fenced(ctx, v, v.connection.context.BatchGet, request, "the read")
	if err != nil {
		return nil, err
	}
	found := make(map[string]bool, len(answer.GetNodes()))
	for _, node := range answer.GetNodes() {
		found[node.GetPath()] = true
	}
	for _, path := range paths {
		extent := ExtentAbsent
		if found[path] {
			extent = ExtentNode
		}
		v.agent.note(path, answer.GetRevision(), extent, answer.GetNodes()...)
	}
	return aged(nodesFrom(answer.GetNodes(), answer.GetRevision()), ageFrom(answer.GetAge())), nil
}

// Listing says what to list.
type Listing struct {
	// Depth below the path: 1 (the default) is direct children.
	Depth uint32
	// Everything below, however deep, whatever Depth says.
	Everything bool
	// KeysOnly leaves values out.
	KeysOnly bool
	// PageSize is at most 10,000 nodes, 1,000 by default.
	PageSize uint32
}

// List reads what is below a node, in the order of the paths' bytes, all pages at one revision.
func (v *verbs) List(path string, listing Listing, options ...ReadOption) *Paged[*Node] {
	request := &hyperloomv1.ListRequest{
		Forest:   v.agent.forest,
		Path:     path,
		Depth:    max(listing.Depth, 1),
		Detail:   hyperloomv1.ListDetail_LIST_DETAIL_VALUES,
		PageSize: listing.PageSize,
	}
	if listing.Everything {
		request.Depth = 0
	}
	if listing.KeysOnly {
		request.Detail = hyperloomv1.ListDetail_LIST_DETAIL_KEYS
	}
	return newPaged(func(ctx context.Context, asked *view, token string) (Page[*Node], error) {
		page := &hyperloomv1.ListRequest{
			Forest: request.Forest, Path: path, Depth: request.Depth, Detail: request.Detail,
			PageSize: request.PageSize, PageToken: token, View: asked.of, Values: asked.values, Author: v.agent.author,
		}
		answer, err := fenced(ctx, v, v.connection.context.List, page, "the listing")
		if err != nil {
			return Page[*Node]{}, err
		}
		v.agent.note(path, answer.GetRevision(), ExtentSubtree, answer.GetNodes()...)
		age := ageFrom(answer.GetAge())
		nodes := aged(nodesFrom(answer.GetNodes(), answer.GetRevision()), age)
		return Page[*Node]{nodes, answer.GetNextPageToken(), answer.GetRevision(), age}, nil
	}, func() *view { return v.agent.view(v.ghostID, v.staged.known(), options) })
}
