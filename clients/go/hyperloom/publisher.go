package hyperloom

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	hyperloomv1 "hyperloom.dev/go/gen/hyperloom/v1"
)

// publisher has the publishes of one connection, from any number of agents: many in flight on one stream, each applied once.
//
// Rules: requests are sent in the order in which they were submitted, and outcomes come in that order. What has no outcome
// when the stream breaks is sent again, in the same order, on the next one; the broker recognises the request ids and answers
// what it had applied with its first outcome. What timed out or was cancelled is not sent any more; if it had been sent, it
// may have taken effect. The stream is opened with the first publish and stays open. Where the broker takes several in a
// message, those that wait when one is sent go together.
type publisher struct {
	connection *connection
	window     window
	wake       chan struct{} // Holds one when something waits to be sent.

	mutex   sync.Mutex
	waiting []*Pending
	sent    []*Pending
	apart   map[*Pending]struct{} // Those that go by calls of their own.
	running bool
	closed  bool
}

func newPublisher(c *connection) *publisher {
	return &publisher{
		connection: c,
		window:     window{countMax: publishesInFlightMax, bytesMax: publishBytesInFlightMax},
		wake:       make(chan struct{}, 1),
		apart:      make(map[*Pending]struct{}),
	}
}

// submit queues a publish, and waits while too many are in flight. The context bounds that wait and the publish itself.
func (p *publisher) submit(
	ctx context.Context, request *hyperloomv1.PublishRequest, observer observer, basis []BasisEntry,
) (*Pending, *Error) {
	size := proto.Size(request)
	if size > sentMessageBytesMax {
		return nil, errTooLarge(size)
	}
	if !p.window.enter(ctx, size) {
		failure := errContext(ctx, "the publish")
		if failure.Code == codes.DeadlineExceeded {
			failure.Message = "too many publishes in flight; this one was not sent"
		}
		return nil, failure
	}
	pending := &Pending{request: request, size: size, observer: observer, basis: basis, done: make(chan struct{})}
	p.mutex.Lock()
	if p.closed {
		p.mutex.Unlock()
		p.window.leave(size)
		return nil, errClosed()
	}
	p.waiting = append(p.waiting, pending)
	if !p.running {
		p.running = true
		go p.run()
	}
	p.mutex.Unlock()
	p.signal()
	return pending, nil
}

func (p *publisher) signal() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// flush waits until everything submitted so far has its outcome, good or bad. The newest may have been given up long before those
// in front of it have theirs.
func (p *publisher) flush(ctx context.Context) error {
	p.mutex.Lock()
	open := slices.AppendSeq(slices.Concat(p.sent, p.waiting), maps.Keys(p.apart))
	p.mutex.Unlock()
	return settled(ctx, open)
}

// goApart counts a publish that goes by a call of its own until its end is called, and tells those that were submitted before it.
func (p *publisher) goApart(pending *Pending) (earlier []*Pending, end func()) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.apart[pending] = struct{}{}
	return slices.Concat(p.sent, p.waiting), func() {
		p.mutex.Lock()
		defer p.mutex.Unlock()
		delete(p.apart, pending)
	}
}

// settled waits until each of them has its outcome.
func settled(ctx context.Context, open []*Pending) error {
	for _, pending := range open {
		select {
		case <-pending.done:
		case <-ctx.Done():
			return errContext(ctx, "the flush")
		}
	}
	return nil
}

// close gives what is in flight until the context ends; what still has no outcome then fails.
func (p *publisher) close(ctx context.Context) {
	p.mutex.Lock()
	p.closed = true
	p.mutex.Unlock()
	_ = p.flush(ctx) // What has no outcome by then fails below.
	p.mutex.Lock()
	left := append(p.sent, p.waiting...)
	p.sent, p.waiting = nil, nil
	p.mutex.Unlock()
	p.fail(left, errClosed())
}

// run opens streams for as long as there is anything to send.
func (p *publisher) run() {
	var waits backoff
	unexplained := 0
	for p.hasWaiting() {
		stream := &publishStream{publisher: p, perMessage: 1}
		err := stream.use()
		if p.connection.closing.Err() != nil {
			return
		}
		if stream.progressed {
			waits.reset()
			unexplained = 0
		}
		if err.isUnexplained() {
			unexplained++
		}
		p.mutex.Lock()
		broken := p.sent
		p.sent = nil
		again := err.isRetryable() || err.isUnexplained() && unexplained <= unexplainedBreaksMax
		if !again && !stream.opened {
			// It cannot even be asked for, as where the program's own function for tokens fails: all who wait are told.
			broken, p.waiting = p.waiting, nil
		}
		if again {
			for _, pending := range broken {
				pending.sendAgain(err)
			}
			p.waiting = append(broken, p.waiting...)
		}
		p.mutex.Unlock()
		p.connection.logger.Debug("the publish stream broke", "error", err, "publishes", len(broken), "again", again)
		if !again {
			p.fail(broken, err)
		} else if !pause(p.connection.closing, waits.next()) {
			return
		}
	}
}

// hasWaiting drops what was given up. Where nothing is left, the publisher rests until the next submit.
func (p *publisher) hasWaiting() bool {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	kept := p.waiting[:0]
	for _, pending := range p.waiting {
		if pending.isOver() {
			p.window.leave(pending.size)
		} else {
			kept = append(kept, pending)
		}
	}
	clear(p.waiting[len(kept):])
	p.waiting = kept
	p.running = len(kept) > 0
	return p.running
}

func (p *publisher) fail(failed []*Pending, err *Error) {
	for _, pending := range failed {
		pending.fail(err)
		p.window.leave(pending.size)
	}
}

// next takes those that wait, as many as go into a message, in order; none where nothing waits.
func (p *publisher) next(countMax int) []*hyperloomv1.PublishRequest {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	var requests []*hyperloomv1.PublishRequest
	size, taken := 0, 0
	for _, pending := range p.waiting {
		if len(requests) == countMax || len(requests) > 0 && size+pending.size > publishBytesPerMessageMax {
			break
		}
		taken++
		if pending.isOver() {
			p.window.leave(pending.size)
			continue
		}
		size += pending.size
		requests = append(requests, pending.request)
		p.sent = append(p.sent, pending)
	}
	clear(p.waiting[:taken])
	p.waiting = p.waiting[taken:]
	return requests
}

// oldest is the publish that the next outcome is for.
func (p *publisher) oldest() *Pending {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if len(p.sent) == 0 {
		return nil
	}
	first := p.sent[0]
	p.sent[0] = nil
	p.sent = p.sent[1:]
	return first
}

// putBack: no outcome after all.
func (p *publisher) putBack(pending *Pending) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.sent = append([]*Pending{pending}, p.sent...)
}

func errTooLarge(size int) *Error {
	return &Error{
		Code:    codes.InvalidArgument,
		Reason:  ReasonLimitExceeded,
		Message: fmt.Sprintf("a publish of %d bytes is over the limit of %d; split it", size, sentMessageBytesMax),
		Metadata: map[string]string{
			"limit":   "messageBytesMax",
			"maximum": fmt.Sprint(sentMessageBytesMax),
			"actual":  fmt.Sprint(size),
		},
	}
}
