package hyperloom

import (
	hyperloomv1 "hyperloom.dev/go/gen/hyperloom/v1"
)

// Start says where a subscription starts. The zero value: with a snapshot.
type Start struct {
	kind  startKind
	value uint64
}

type startKind int

const (
	startSnapshot startKind = iota
	startNow
	startRevision
	startPosition
)

// FromSnapshot starts with the matching nodes as they are, then what changes, without a gap. It is the default.
func FromSnapshot() Start { return Start{} }

// FromNow starts with the next event.
func FromNow() Start { return Start{kind: startNow} }

// AfterRevision starts with everything after this trunk revision.
func AfterRevision(revision uint64) Start { return Start{startRevision, revision} }

// AfterPosition starts with everything after this journal position.
func AfterPosition(position uint64) Start { return Start{startPosition, position} }

func (s Start) set(request *hyperloomv1.SubscribeRequest) {
	switch s.kind {
	case startSnapshot:
		request.Start = &hyperloomv1.SubscribeRequest_Snapshot{Snapshot: &hyperloomv1.FromSnapshot{}}
	case startNow:
		request.Start = &hyperloomv1.SubscribeRequest_Now{Now: &hyperloomv1.FromNow{}}
	case startRevision:
		request.Start = &hyperloomv1.SubscribeRequest_AfterRevision{AfterRevision: s.value}
	case startPosition:
		request.Start = &hyperloomv1.SubscribeRequest_AfterPosition{AfterPosition: s.value}
	}
}

// assembly turns the messages of a subscription's streams into items: whole, in order, each exactly once across streams.
//
// Rules: a snapshot is complete with the first bookmark, so it is handed out then, and begun anew if the stream broke before. A
// large event comes in parts. Several events may share one journal position, so a stream that broke is resumed just before the
// last position seen, and as many events of that position as were handed out already are skipped.
type assembly struct {
	start     Start
	nodes     []*Node
	partial   *hyperloomv1.Event
	known     bool // Whether position is one.
	position  uint64
	handedOut int
	toSkip    int
}

// beginStream is where the next stream starts. Call it before each.
func (a *assembly) beginStream() Start {
	a.nodes, a.partial = nil, nil
	a.toSkip = a.handedOut
	switch {
	case !a.known:
		return a.start
	case a.handedOut > 0:
		return AfterPosition(a.position - 1)
	default:
		return AfterPosition(a.position)
	}
}

// take is the items that a message completes.
func (a *assembly) take(message *hyperloomv1.SubscribeResponse) []Item {
	more := message.GetMore()
	switch message := message.GetMessage().(type) {
	case *hyperloomv1.SubscribeResponse_Event:
		items := a.takeEvent(nil, message.Event)
		for _, event := range more {
			items = a.takeEvent(items, event)
		}
		return items
	case *hyperloomv1.SubscribeResponse_Bookmark:
		return a.takeBookmark(message.Bookmark)
	case *hyperloomv1.SubscribeResponse_Snapshot:
		a.nodes = append(a.nodes, nodesFrom(message.Snapshot.GetNodes(), message.Snapshot.GetRevision())...)
	}
	return nil
}

// takeEvent adds the item that a part of an event completes, if it completes one.
func (a *assembly) takeEvent(items []Item, part *hyperloomv1.Event) []Item {
	whole := part
	if a.partial != nil {
		whole = a.partial
		whole.Changes = append(whole.Changes, part.GetChanges()...)
		whole.PartsLeft = part.GetPartsLeft()
	}
	if whole.GetPartsLeft() > 0 {
		a.partial = whole
		return items
	}
	a.partial = nil
	if a.wasHandedOut(whole.GetPosition()) {
		return items
	}
	return append(items, eventFrom(whole))
}

func (a *assembly) wasHandedOut(position uint64) bool {
	switch {
	case !a.known || position > a.position:
		a.known, a.position, a.handedOut, a.toSkip = true, position, 1, 0
		return false
	case position < a.position:
		return true
	case a.toSkip > 0:
		a.toSkip--
		return true
	case a.handedOut == 0: // A bookmark at a position covers all its events.
		return true
	default:
		a.handedOut++
		return false
	}
}

func (a *assembly) takeBookmark(message *hyperloomv1.Bookmark) []Item {
	var items []Item
	age := ageFrom(message.GetAge())
	if a.start.kind == startSnapshot && !a.known {
		items = append(items, &Snapshot{a.nodes, message.GetRevision(), age})
		a.nodes = nil
	}
	if !a.known || message.GetPosition() >= a.position {
		a.known, a.position, a.handedOut = true, message.GetPosition(), 0
	}
	return append(items, &Bookmark{message.GetRevision(), message.GetPosition(), age})
}
