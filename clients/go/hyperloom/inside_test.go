package hyperloom

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	hyperloomv1 "hyperloom.dev/go/gen/hyperloom/v1"
)

func TestEveryReasonOfTheAPIHasAConstant(t *testing.T) {
	known := []Reason{
		ReasonInvalidPath, ReasonInvalidPattern, ReasonInvalidValue, ReasonInvalidRequest, ReasonLimitExceeded,
		ReasonWrongType, ReasonOutOfBounds, ReasonOutsideScope, ReasonOverlappingCopy, ReasonInvalidPageToken,
		ReasonSchemaViolation, ReasonUnboundPath, ReasonInvalidSchema, ReasonForestNotFound, ReasonNodeNotFound,
		ReasonGhostNotFound, ReasonCheckpointNotFound, ReasonLeaseNotFound, ReasonLockNotFound, ReasonReviewerNotFound,
		ReasonSchemaNotFound, ReasonForestExists, ReasonCheckpointExists, ReasonSchemaOverlap, ReasonPreconditionFailed,
		ReasonConflict, ReasonLocked, ReasonDeadlock, ReasonReviewRejected, ReasonReviewOutdated, ReasonGhostInterrupted,
		ReasonGateReverted, ReasonBasisReverted,
		ReasonGhostOver, ReasonGhostHasChildren, ReasonRequestIDReused, ReasonForestProtected, ReasonStaleFencingToken,
		ReasonNotLockOwner, ReasonRaceOver, ReasonGateLimit, ReasonSchemaBreaking, ReasonSchemaStored, ReasonSchemaUnusable, ReasonSchemaSuperseded,
		ReasonRevisionCompacted, ReasonRevisionInFuture, ReasonQuotaExceeded, ReasonAnswerTooLarge, ReasonRaceExhausted, ReasonDiskFull,
		ReasonJournalUnavailable, ReasonNotServing, ReasonAccessChanged, ReasonBackupDamaged,
		ReasonCredentialsMissing, ReasonCredentialsInvalid, ReasonCredentialsExpired, ReasonPermissionMissing, ReasonAuthorForbidden,
	}
	for _, reason := range known {
		if _, ok := hyperloomv1.ErrorReason_value["ERROR_REASON_"+string(reason)]; !ok {
			t.Errorf("the API has no reason %s", reason)
		}
	}
	for name, number := range hyperloomv1.ErrorReason_value {
		if number != 0 && !slices.Contains(known, Reason(strings.TrimPrefix(name, "ERROR_REASON_"))) {
			t.Errorf("%s has no constant", name)
		}
	}
	for reason := range kindsByReason {
		if reason != ReasonLeaseLost && !slices.Contains(known, reason) {
			t.Errorf("%s is of a kind and not known", reason)
		}
	}
}

// A subscription that is cut anywhere, again and again, tells the same as one that is not.
func TestItemsComeOnceWhereverTheStreamIsCut(t *testing.T) {
	var journal []*hyperloomv1.Event
	random := rand.New(rand.NewPCG(7, 7))
	for position := uint64(1); position <= 40; position++ {
		for range 1 + random.IntN(3) { // Several events may share a position.
			parts := random.IntN(3)
			for left := parts; left >= 0; left-- {
				journal = append(journal, &hyperloomv1.Event{
					Position: position, PartsLeft: uint32(left),
					Changes: []*hyperloomv1.Change{{Path: fmt.Sprintf("/%d/%d", position, len(journal))}},
				})
			}
		}
	}
	tell := func(batchMax int, cutChance float64) string {
		var told strings.Builder
		a := &assembly{start: AfterPosition(0)}
		for at := 0; at < len(journal); {
			start := a.beginStream()
			at = slices.IndexFunc(journal, func(event *hyperloomv1.Event) bool { return event.GetPosition() > start.value })
			for ; at >= 0 && at < len(journal); at++ {
				if random.Float64() < cutChance {
					break
				}
				message := &hyperloomv1.SubscribeResponse{Message: &hyperloomv1.SubscribeResponse_Event{Event: cloned(journal[at])}}
				for more := random.IntN(batchMax); more > 0 && at+1 < len(journal); more-- {
					at++
					message.More = append(message.More, cloned(journal[at]))
				}
				for _, item := range a.take(message) {
					fmt.Fprintln(&told, item.(*Event).Position, len(item.(*Event).Changes), item.(*Event).Changes[0].Path)
				}
				if random.Float64() < 0.1 && at+1 < len(journal) && journal[at+1].GetPosition() > journal[at].GetPosition() {
					bookmark := &hyperloomv1.Bookmark{Position: journal[at].GetPosition()}
					a.take(&hyperloomv1.SubscribeResponse{Message: &hyperloomv1.SubscribeResponse_Bookmark{Bookmark: bookmark}})
				}
			}
			if at < 0 {
				break
			}
		}
		return told.String()
	}
	whole := tell(1, 0)
	for index := range 50 {
		if cut := tell(1+index%4, 0.08); cut != whole {
			t.Fatalf("told\n%s\nin place of\n%s", cut, whole)
		}
	}
}

func cloned(event *hyperloomv1.Event) *hyperloomv1.Event {
	return &hyperloomv1.Event{
		Position: event.GetPosition(), PartsLeft: event.GetPartsLeft(), Changes: slices.Clone(event.GetChanges()),
	}
}

func TestALeaseCountsFromTheSignThatWasSent(t *testing.T) {
	start := time.Unix(0, 0)
	at := func(seconds float64) time.Time { return start.Add(time.Duration(seconds * float64(time.Second))) }
	table := make(keptTable)
	lease := &kept{isLease: true, id: "lease", ttl: 3 * time.Second, expires: at(3)}
	ghost := &kept{id: "ghost", ttl: 30 * time.Second}
	table.add(lease, at(0))
	table.add(ghost, at(0))
	if next := table.next(); !next.Equal(at(1)) {
		t.Fatalf("the first sign is due at %v", next)
	}
	groups := table.takeDue(at(1))
	if len(groups) != 1 || len(groups[0]) != 1 || len(table.takeDue(at(1.5))) != 0 {
		t.Fatalf("due are %v", groups)
	}
	table.answered(groups[0], at(1), map[string]bool{"lease": true})
	if !lease.expires.Equal(at(4)) {
		t.Fatalf("it expires at %v", lease.expires)
	}
	group := table.takeDue(at(2))[0]
	table.failed(group, at(3))
	if next := table.next(); !next.Equal(at(3.25)) {
		t.Fatalf("the next sign is due at %v", next)
	}
	if expired := table.takeExpired(at(4)); len(expired) != 1 || expired[0] != lease {
		t.Fatalf("expired are %v", expired)
	}
	due := table.takeDue(at(10))
	if over := table.answered(due[0], at(10), nil); len(over) != 1 || over[0] != ghost || len(table) != 0 {
		t.Fatalf("over are %v", over)
	}
}

func TestWhoKeepsALeaseBesideItsOwnerLeavesTheOwnerItsSigns(t *testing.T) {
	start := time.Unix(0, 0)
	table := make(keptTable)
	owners := &kept{isLease: true, id: "lease", ttl: 3 * time.Second, expires: start.Add(3 * time.Second)}
	beside := &kept{isLease: true, id: "lease", ttl: 3 * time.Second, expires: start.Add(3 * time.Second)}
	table.add(owners, start)
	table.add(beside, start)
	delete(table, beside)
	groups := table.takeDue(start.Add(time.Second))
	if len(groups) != 1 || len(groups[0]) != 1 || groups[0][0] != owners {
		t.Fatalf("due are %v", groups)
	}
}

func TestALockStaysHeldWhenOneAroundItIsGivenBackAndIsLostWithIt(t *testing.T) {
	lease := newRight("lease 1", nil, nil)
	outer := newRight("lock 1", lease, nil)
	around := &fence{lease: &Lease{right: lease}, locks: []*right{outer}, tokens: []uint64{7}}
	inner := newRight("lock 2", lease, nil, around.locks...)
	within := around.within(inner, 9)
	if tokens := within.heldTokens(); !slices.Equal(tokens, []uint64{7, 9}) {
		t.Fatalf("held are %v", tokens)
	}
	outer.giveBack()
	if tokens := within.heldTokens(); within.check() != nil || !slices.Equal(tokens, []uint64{9}) {
		t.Fatalf("held are %v: %v", tokens, within.check())
	}
	lost := newRight("lock 3", lease, nil)
	innermost := newRight("lock 4", lease, nil, lost, inner)
	lost.lose("the broker does not hold it any more", nil)
	if inner.check() != nil || !errors.Is(innermost.check(), ErrLeaseLost) {
		t.Fatalf("%v, %v", inner.check(), innermost.check())
	}
	if late := newRight("lock 5", lease, nil, lost); !errors.Is(late.check(), ErrLeaseLost) {
		t.Fatalf("it came late, and holds: %v", late.check())
	}
	lease.giveBack()
	if !errors.Is(within.check(), ErrState) {
		t.Fatalf("its lease was given back: %v", within.check())
	}
}

func TestTheWaitForALockEndsBeforeItsDeadline(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for _, each := range []struct {
		ctx         context.Context
		options     LockOptions
		least, most time.Duration
	}{
		{context.Background(), LockOptions{}, 7 * time.Second, 7 * time.Second},
		{context.Background(), LockOptions{Wait: time.Hour}, time.Hour, time.Hour},
		{ctx, LockOptions{NoWait: true}, 0, 0},
		{ctx, LockOptions{Wait: time.Second}, time.Second, time.Second},
		{ctx, LockOptions{}, 30 * time.Second, 59 * time.Second},
	} {
		if wait := waitOf(each.ctx, each.options, 7*time.Second); wait < each.least || wait > each.most {
			t.Errorf("%+v waits for %v", each.options, wait)
		}
	}
}

func TestReasonsAreCutAtAWholeCharacter(t *testing.T) {
	cut := cutReason(strings.Repeat("ü", 3_000))
	if len(cut) != reasonBytesMax || strings.ContainsRune(cut, '\uFFFD') {
		t.Fatalf("%d bytes", len(cut))
	}
	if cut := cutReason("x" + strings.Repeat("ü", 3_000)); len(cut) != reasonBytesMax-1 {
		t.Fatalf("%d bytes", len(cut))
	}
}

// Whoever waits for all publishes so far waits for those in front of one that was given up, too.
func TestAFlushWaitsForAllThatHaveNoOutcome(t *testing.T) {
	unsettled := func() *Pending { return &Pending{observer: deaf{}, done: make(chan struct{})} }
	first, second, givenUp := unsettled(), unsettled(), unsettled()
	p := &publisher{sent: []*Pending{first}, waiting: []*Pending{second, givenUp}}
	givenUp.fail(errClosed())
	first.succeed(Published{})
	expired, cancel := context.WithCancel(context.Background())
	cancel()
	if p.flush(expired) == nil {
		t.Fatal("it did not wait for the second")
	}
	second.succeed(Published{})
	if err := p.flush(context.Background()); err != nil {
		t.Fatal(err)
	}
}

type deaf struct{}

func (deaf) published(Published)          {}
func (deaf) refused([]BasisEntry, *Error) {}
