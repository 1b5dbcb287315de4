package hyperloom

import (
	"context"
	"iter"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/durationpb"

	hyperloomv1 "hyperloom.dev/go/gen/hyperloom/v1"
)

// SubscribeOptions say what a subscription tells.
type SubscribeOptions struct {
	// Start says where it starts. Default: with a snapshot.
	Start Start
	// Everything adds ghosts' events.
	Everything bool
	// Results add the node as it is after each change, Previous as it was before, Basis what the author had read.
	Results, Previous, Basis bool
	// Agent is told, whatever the patterns, when what its publishes were made from was reverted: Event.BasisReverted.
	Agent string
	// Bookmarks hand out bookmarks too, at least every BookmarkInterval: 100 ms to 30 s, which is the default.
	Bookmarks        bool
	BookmarkInterval time.Duration
	// Form in which values are told. Default: as they are stored.
	Form Form
	// Pins, as in [Pins]. The subscription ends with ReasonSchemaSuperseded where a version comes into force that does not get along.
	Pins map[string]uint64
}

// Subscription delivers a [*Snapshot] (once, complete), then each [*Event] exactly once and whole, in order. It reconnects by
// itself and resumes from what it had handed over; it fails only with what no retry can mend, such as [ErrRevision] with the
// oldest revision left. It reads as its items are taken: a slow consumer holds the stream back. Its methods may be called by
// several goroutines; each item then goes to one of them.
type Subscription struct {
	stream    itemStream[hyperloomv1.SubscribeResponse, Item]
	verbs     *verbs
	patterns  []string
	options   SubscribeOptions
	assembly  assembly
	ghostOver bool
}

// Subscribe watches paths: a path itself, * for one segment, ** for any number of them: /a/** is /a and all below it. It returns
// when the broker has begun to deliver, so that nothing is missed that happens after it, and ends with the context or Close.
func (v *verbs) Subscribe(ctx context.Context, options SubscribeOptions, patterns ...string) (*Subscription, error) {
	if _, err := v.checkedFence(ctx); err != nil {
		return nil, err
	}
	s := &Subscription{verbs: v, patterns: patterns, options: options, assembly: assembly{start: options.Start}}
	s.stream.open = s.open
	s.stream.itemsOf = s.itemsOf
	s.stream.isEnd = func() bool { return s.ghostOver }
	if err := s.stream.begin(ctx, v.connection); err != nil {
		return nil, err
	}
	return s, nil
}

// Items goes through the items. An error is the last that comes; at the end of a ghost, or after Close, there is none.
//
//	for item, err := range subscription.Items() {
//		if err != nil { … }
//		switch item := item.(type) {
//		case *hyperloom.Snapshot: …
//		case *hyperloom.Event: …
//		}
//	}
func (s *Subscription) Items() iter.Seq2[Item, error] {
	return s.stream.all(s.next)
}

// Close ends it.
func (s *Subscription) Close() { s.stream.close() }

func (s *Subscription) next() (Item, error) {
	item, err := s.stream.next()
	if err == nil {
		s.note(item)
	}
	return item, err
}

func (s *Subscription) open(ctx context.Context) (grpc.ServerStreamingClient[hyperloomv1.SubscribeResponse], error) {
	request := &hyperloomv1.SubscribeRequest{
		Forest:          s.verbs.agent.forest,
		Author:          s.verbs.agent.author,
		Agent:           s.options.Agent,
		Patterns:        s.patterns,
		IncludePrevious: s.options.Previous,
		IncludeBasis:    s.options.Basis,
		Values:          valueView(s.options.Form, s.options.Pins),
		BatchEvents:     true,
	}
	if s.options.Results {
		request.Detail = hyperloomv1.ChangeDetail_CHANGE_DETAIL_RESULT
	}
	if s.options.BookmarkInterval > 0 {
		request.BookmarkInterval = durationpb.New(s.options.BookmarkInterval)
	}
	s.assembly.beginStream().set(request)
	switch {
	case s.verbs.ghostID != "":
		request.Scope = &hyperloomv1.SubscribeRequest_GhostId{GhostId: s.verbs.ghostID}
	case s.options.Everything:
		request.Scope = &hyperloomv1.SubscribeRequest_Everything{Everything: &hyperloomv1.EverythingScope{}}
	default:
		request.Scope = &hyperloomv1.SubscribeRequest_Trunk{Trunk: &hyperloomv1.TrunkScope{}}
	}
	return s.verbs.connection.context.Subscribe(aboutForest(ctx, request.GetForest()), request)
}

func (s *Subscription) itemsOf(message *hyperloomv1.SubscribeResponse) []Item {
	var items []Item
	for _, item := range s.assembly.take(message) {
		switch item := item.(type) {
		case *Bookmark:
			s.verbs.agent.see(item.Revision)
			if !s.options.Bookmarks {
				continue
			}
		case *Event:
			if item.Transition != nil && s.verbs.ghostID != "" && item.GhostID == s.verbs.ghostID {
				kind := item.Transition.Kind
				s.ghostOver = kind == "committed" || kind == "reverted" || kind == "expired"
			}
		}
		items = append(items, item)
	}
	return items
}

// note: an item was handed to the agent, which has read it from now on. Who watches a whole subtree has seen all of it up to the
// newest item; of other patterns, the paths that came. What happens in ghosts is no state that the agent stands on.
func (s *Subscription) note(item Item) {
	var revision uint64
	var paths, looked []string
	switch item := item.(type) {
	case *Bookmark:
		s.verbs.agent.see(item.Revision)
		return
	case *Snapshot:
		revision = item.Revision
		looked = s.patterns
		for _, node := range item.Nodes {
			paths = append(paths, node.Path)
		}
	case *Event:
		revision = item.Revision
		for _, change := range item.Changes {
			paths = append(paths, change.Path)
		}
	}
	s.verbs.agent.see(revision)
	if s.verbs.ghostID != "" || revision == 0 {
		return
	}
	subtrees := 0
	for _, pattern := range s.patterns {
		if root, ok := subtreeOf(pattern); ok {
			s.verbs.agent.note(root, revision, ExtentSubtree)
			subtrees++
		}
	}
	if subtrees == len(s.patterns) {
		return
	}
	for _, pattern := range looked {
		// A path of its own was looked at whether or not there is something.
		if !strings.Contains(pattern, "*") {
			s.verbs.agent.note(pattern, revision, ExtentAbsent)
		}
	}
	for _, path := range paths {
		s.verbs.agent.note(path, revision, ExtentNode)
	}
}

// subtreeOf is /a/b for the pattern /a/b/**; false for patterns that are no whole subtree.
func subtreeOf(pattern string) (string, bool) {
	root, found := strings.CutSuffix(pattern, "/**")
	if root == "" {
		root = "/"
	}
	return root, found && !strings.Contains(root, "*")
}
