package hyperloom

import "time"

// kept is a ghost or a lease to keep alive. Its times are the keeper's, under its mutex.
type kept struct {
	isLease bool
	forest  string
	id      string
	ttl     time.Duration
	// onOver hears that it has ended, and how that is known.
	onOver func(why string)
	// expires is when it counts as over without an answer; zero: never. A ghost never does: writing to a dead one is refused.
	expires  time.Time
	due      time.Time
	underWay bool
}

func (k *kept) interval() time.Duration { return k.ttl / signsPerTTL }

// keptTable is everything that one connection keeps alive, and when the next sign of life is due. It has no clock: times are
// given.
//
// Rules: a sign is due so many times in a ttl. Those of one forest that are due, or will be soon, share one sign. While a sign
// is under way no other is sent for the same things. What the answer does not name is over. A lease is also over when no sign
// that was answered had been *sent* within its ttl: the broker's count began later, so it cannot have given the lease's locks
// to anybody before this client knows that they are lost. A lease may be in it twice: of its owner, and of who keeps it too.
type keptTable map[*kept]struct{}

func (t keptTable) add(k *kept, now time.Time) {
	k.due = now.Add(k.interval())
	t[k] = struct{}{}
}

// takeExpired are those that are over because no answer came in time; they are not kept any more.
func (t keptTable) takeExpired(now time.Time) []*kept {
	var expired []*kept
	for k := range t {
		if !k.expires.IsZero() && !k.expires.After(now) {
			delete(t, k)
			expired = append(expired, k)
		}
	}
	return expired
}

// takeDue are groups for a sign each, of one forest each; they count as under way until answered or failed.
func (t keptTable) takeDue(now time.Time) [][]*kept {
	forests := make(map[string][]*kept)
	isDue := make(map[string]bool)
	for k := range t {
		if !k.underWay && !k.due.After(now.Add(k.interval()/2)) {
			forests[k.forest] = append(forests[k.forest], k)
			isDue[k.forest] = isDue[k.forest] || !k.due.After(now)
		}
	}
	var groups [][]*kept
	for forest, found := range forests {
		for isDue[forest] && len(found) > 0 {
			count := min(len(found), keptPerKeepAliveMax)
			groups = append(groups, found[:count])
			found = found[count:]
		}
	}
	for _, group := range groups {
		for _, k := range group {
			k.underWay = true
		}
	}
	return groups
}

// answered: the sign that was sent at that time was answered. Returns those that are over, which are not kept any more.
func (t keptTable) answered(group []*kept, sent time.Time, live map[string]bool) []*kept {
	var over []*kept
	for _, k := range group {
		k.underWay = false
		k.due = sent.Add(k.interval())
		if !live[k.id] {
			if _, isKept := t[k]; isKept {
				delete(t, k)
				over = append(over, k)
			}
		} else if expires := sent.Add(k.ttl); k.isLease && expires.After(k.expires) {
			k.expires = expires
		}
	}
	return over
}

// failed: the sign was not answered; the next one is due soon.
func (t keptTable) failed(group []*kept, now time.Time) {
	for _, k := range group {
		k.underWay = false
		k.due = now.Add(k.interval() / 4)
	}
}

// next is when there is something to do; zero where there is nothing.
func (t keptTable) next() time.Time {
	var next time.Time
	consider := func(at time.Time) {
		if !at.IsZero() && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	for k := range t {
		consider(k.expires)
		if !k.underWay {
			consider(k.due)
		}
	}
	return next
}
