package main

import "sort"

// What the broker's own history says of the calls without an answer on a node, taken at its word: those that it knows become writes with
// their revisions, whose end stays open; those that it does not know never took effect, and are left out. A linearization of what is left
// is one of the whole, with the others behind it, where nobody sees what they do. Where there is none, the history contradicts what
// clients saw: one of both is wrong.
//
// All revisions are known then, so each write has its place: right behind the one that made the revision before. That leaves nothing to
// choose but the places of reads and refusals, which change nothing.
//
// False where there is nothing to be taken at its word: every call has an answer, or nobody has asked the broker.
func withHints(calls []call) ([]call, bool) {
	sure, areHints := make([]call, 0, len(calls)), false
	for _, c := range calls {
		if c.Outcome == "unknown" {
			areHints = true
			if c.TookEffect == nil {
				return calls, false
			}
			if *c.TookEffect == 0 {
				continue
			}
			c.Outcome, c.Revision = "ok", *c.TookEffect
		}
		sure = append(sure, c)
	}
	chain(sure)
	return sure, areHints
}

// Tells each write which revision it follows on.
func chain(calls []call) {
	var writes []*call
	for i := range calls {
		if c := &calls[i]; len(c.Steps) > 0 && c.Outcome == "ok" {
			writes = append(writes, c)
		}
	}
	sort.SliceStable(writes, func(i, j int) bool { return writes[i].Revision < writes[j].Revision })
	before := int64(0)
	for _, c := range writes {
		follows := before
		c.Follows, before = &follows, c.Revision
	}
}
