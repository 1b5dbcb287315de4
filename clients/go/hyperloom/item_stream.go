package hyperloom

import (
	"context"
	"errors"
	"io"
	"iter"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
)

// itemStream is a stream of items that survives lost connections: what subscriptions have in common. It reads when it is asked
// for the next item, so that HTTP/2 flow control holds back what nobody has taken yet.
type itemStream[Message, Item any] struct {
	connection *connection
	ctx        context.Context
	cancel     context.CancelCauseFunc
	// open opens the next stream; itemsOf is the items that a message completes; isEnd tells whether the end of the stream is
	// the end of it all.
	open    func(ctx context.Context) (grpc.ServerStreamingClient[Message], error)
	itemsOf func(message *Message) []Item
	isEnd   func() bool

	mutex       sync.Mutex // Held by whoever reads.
	items       []Item
	stream      grpc.ServerStreamingClient[Message]
	isUnderWay  bool // Whether something came on it.
	waits       backoff
	unexplained int
	failure     error
}

// errEnded is what next returns at the end.
var errEnded = errors.New("the subscription is over")

func (s *itemStream[Message, Item]) begin(ctx context.Context, c *connection) error {
	s.connection = c
	s.ctx, s.cancel = context.WithCancelCause(ctx)
	stop := context.AfterFunc(c.closing, func() { s.cancel(errClosed()) })
	context.AfterFunc(s.ctx, func() { stop() })
	s.mutex.Lock()
	defer s.mutex.Unlock()
	_, err := s.read()
	if errors.Is(err, errEnded) {
		return nil
	}
	if err != nil {
		s.cancel(nil)
	}
	return err
}

// next is the next item.
func (s *itemStream[Message, Item]) next() (Item, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for len(s.items) == 0 {
		if _, err := s.read(); err != nil {
			var none Item
			return none, err
		}
	}
	item := s.items[0]
	s.items = s.items[1:]
	return item, nil
}

func (s *itemStream[Message, Item]) all(next func() (Item, error)) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		for {
			item, err := next()
			if errors.Is(err, errEnded) || !yield(item, err) || err != nil {
				return
			}
		}
	}
}

// close ends it. It may be called while another goroutine waits for an item.
func (s *itemStream[Message, Item]) close() {
	s.cancel(errEnded)
}

// read takes one message, over as many streams as that needs. What it fails with once it fails with for ever.
func (s *itemStream[Message, Item]) read() (int, error) {
	for s.failure == nil {
		message, err := s.receive()
		if err == nil {
			s.isUnderWay = true
			s.unexplained = 0
			s.waits.reset()
			items := s.itemsOf(message)
			s.items = append(s.items, items...)
			return len(items), nil
		}
		s.failure = s.afterBreak(err)
		s.stream = nil
		s.isUnderWay = false
	}
	return 0, s.failure
}

// afterBreak waits before the next stream; an error where there is not to be one.
func (s *itemStream[Message, Item]) afterBreak(err error) error {
	if s.ctx.Err() != nil {
		return s.ended()
	}
	if s.isEnd != nil && s.isEnd() {
		return errEnded
	}
	broken := errorFrom(s.ctx, err, "the subscription")
	if errors.Is(err, io.EOF) {
		broken = &Error{Code: codes.Unavailable, Message: "the broker ended the stream"}
	}
	if s.isUnderWay {
		broken = broken.outlived()
	}
	if broken.isUnexplained() {
		s.unexplained++
	}
	if !broken.isRetryable() && !(broken.isUnexplained() && s.unexplained <= unexplainedBreaksMax) {
		return broken
	}
	s.connection.logger.Debug("resuming a subscription", "error", broken)
	if !pause(s.ctx, s.waits.next()) {
		return s.ended()
	}
	return nil
}

func (s *itemStream[Message, Item]) ended() error {
	if errors.Is(context.Cause(s.ctx), errEnded) {
		return errEnded
	}
	return errContext(s.ctx, "the subscription")
}

func (s *itemStream[Message, Item]) receive() (*Message, error) {
	if s.stream == nil {
		stream, err := s.open(s.ctx)
		if err != nil {
			return nil, err
		}
		s.stream = stream
	}
	return s.stream.Recv()
}
