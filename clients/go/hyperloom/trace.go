package hyperloom

import (
	"context"

	hyperloomv1 "hyperloom.dev/go/gen/hyperloom/v1"
)

// GhostDiff is a diff staged in a ghost.
type GhostDiff struct {
	GhostID  string
	Sequence uint64
}

// TraceOptions say which publish is traced, and how far: the one that made a trunk revision, a diff staged in a ghost, or, with
// neither, the one that made the newest value of Path.
type TraceOptions struct {
	Revision  uint64
	GhostDiff *GhostDiff
	// Path: upstream only what led to this node, downstream only what has seen what the publish wrote here or below.
	Path string
	// Hops is how many publishes away, at most 1,000. Default: upstream 1, downstream all.
	Hops uint32
	// KeysOnly leaves out values of what was seen.
	KeysOnly bool
	// PageSize is at most 1,000, 100 by default.
	PageSize uint32
}

// SeenNode is something that an agent had before it when it published.
type SeenNode struct {
	// Hops is how many publishes away: 1 is what the traced one itself has seen.
	Hops uint32
	// Basis is what was read: a subtree is told in as many entries as it has nodes with a value.
	Basis BasisEntry
	// Node as it was seen; nil where there was nothing, or it cannot be shown any more.
	Node *Node
	// Standing is unchanged, changed, reverted, or gone: it cannot be shown any more.
	Standing string
	// ReaderRevision is the publish that had read it; 0 where that was staged in a ghost, which ReaderDiff names.
	ReaderRevision uint64
	ReaderDiff     *GhostDiff
}

// DerivedPublish is a publish that had seen what another one wrote.
type DerivedPublish struct {
	// Hops is how many publishes away: 1 has seen what the traced one wrote.
	Hops uint32
	// Event without values. In a live ghost its Revision is 0.
	Event *Event
	// Links say through what; at most 100.
	Links []TraceLink
	// StandingPaths are what it wrote that nobody has overwritten since; at most 100.
	StandingPaths []string
}

// TraceLink is what connects two publishes.
type TraceLink struct {
	// Basis is what was read.
	Basis BasisEntry
	// WriterRevision is who had written it; 0 where that was staged in a ghost, which WriterDiff names.
	WriterRevision uint64
	WriterDiff     *GhostDiff
}

// TraceUpstream is what a publish was made from, nearest first, in pages: what its author had before it, as it was seen.
func (c *Client) TraceUpstream(options TraceOptions) *Paged[SeenNode] {
	return trace(c, options, hyperloomv1.TraceDirection_TRACE_DIRECTION_UPSTREAM, seenFrom)
}

// TraceDownstream is what was made from a publish, through any number of agents, nearest first, in pages.
func (c *Client) TraceDownstream(options TraceOptions) *Paged[DerivedPublish] {
	return trace(c, options, hyperloomv1.TraceDirection_TRACE_DIRECTION_DOWNSTREAM, derivedFrom)
}

func trace[Item any](
	c *Client, options TraceOptions, direction hyperloomv1.TraceDirection, read func(*hyperloomv1.TraceEntry) Item,
) *Paged[Item] {
	request := &hyperloomv1.TraceRequest{
		Forest:    c.agent.forest,
		Path:      options.Path,
		Direction: direction,
		Hops:      options.Hops,
		KeysOnly:  options.KeysOnly,
		PageSize:  options.PageSize,
	}
	switch {
	case options.GhostDiff != nil:
		request.Start = &hyperloomv1.TraceRequest_GhostDiff{GhostDiff: &hyperloomv1.GhostDiff{
			GhostId: options.GhostDiff.GhostID, Sequence: options.GhostDiff.Sequence,
		}}
	case options.Revision != 0:
		request.Start = &hyperloomv1.TraceRequest_Revision{Revision: options.Revision}
	}
	return plainPaged(func(ctx context.Context, token string) (Page[Item], error) {
		answer, err := call(ctx, c.connection, c.connection.context.Trace, withToken(request, token), "the trace")
		return Page[Item]{
			Items: mapped(answer.GetEntries(), read), NextPageToken: answer.GetNextPageToken(), Revision: answer.GetRevision(),
		}, err
	})
}

func seenFrom(message *hyperloomv1.TraceEntry) SeenNode {
	seen := message.GetSeen()
	return SeenNode{
		Hops:           message.GetHops(),
		Basis:          basisEntryFrom(seen.GetBasis()),
		Node:           optionalNode(seen.GetNode(), seen.GetNode().GetModifiedRevision()),
		Standing:       word(seen.GetStanding().String(), "SEEN_STANDING_"),
		ReaderRevision: seen.GetReaderRevision(),
		ReaderDiff:     ghostDiffFrom(seen.GetReaderDiff()),
	}
}

func derivedFrom(message *hyperloomv1.TraceEntry) DerivedPublish {
	derived := message.GetDerived()
	return DerivedPublish{
		Hops:          message.GetHops(),
		Event:         eventFrom(derived.GetEvent()),
		StandingPaths: derived.GetStandingPaths(),
		Links: mapped(derived.GetLinks(), func(link *hyperloomv1.TraceLink) TraceLink {
			return TraceLink{basisEntryFrom(link.GetBasis()), link.GetWriterRevision(), ghostDiffFrom(link.GetWriterDiff())}
		}),
	}
}

func ghostDiffFrom(message *hyperloomv1.GhostDiff) *GhostDiff {
	if message == nil {
		return nil
	}
	return &GhostDiff{message.GetGhostId(), message.GetSequence()}
}
