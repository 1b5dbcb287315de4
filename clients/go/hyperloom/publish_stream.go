package hyperloom

import (
	"context"
	"errors"
	"io"
	"sync/atomic"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	hyperloomv1 "hyperloom.dev/go/gen/hyperloom/v1"
)

// moreHeader is what a broker answers with that takes several publishes in a message.
const moreHeader = "hyperloom-publish-more"

type publishCall = grpc.BidiStreamingClient[hyperloomv1.PublishStreamRequest, hyperloomv1.PublishStreamResponse]

// publishStream is one stream of a publisher, from its opening to its end.
type publishStream struct {
	publisher  *publisher
	perMessage int32 // Publishes that the broker takes in a message; atomic.
	opened     bool
	progressed bool // Whether an outcome came. Of the reader, until it has ended.
}

// use sends and reads until the stream ends; says why it did.
func (s *publishStream) use() *Error {
	ctx, cancel := context.WithCancel(s.publisher.connection.closing)
	defer cancel()
	stream, err := s.publisher.connection.context.PublishStream(aboutForest(ctx, s.publisher.connection.forest), sentOnce)
	if err != nil {
		return errorFrom(ctx, err, "the publish")
	}
	s.opened = true
	written := make(chan struct{})
	go func() {
		defer close(written)
		s.write(ctx, stream)
	}()
	failure := s.read(ctx, stream)
	cancel()
	<-written
	return failure
}

// write ends when the stream does; the reader knows why.
func (s *publishStream) write(ctx context.Context, stream publishCall) {
	for {
		requests := s.publisher.next(int(atomic.LoadInt32(&s.perMessage)))
		if len(requests) == 0 {
			select {
			case <-s.publisher.wake:
				continue
			case <-ctx.Done():
				return
			}
		}
		message := &hyperloomv1.PublishStreamRequest{Publish: requests[0], More: requests[1:]}
		if stream.Send(message) != nil {
			return
		}
	}
}

func (s *publishStream) read(ctx context.Context, stream publishCall) *Error {
	for {
		response, err := stream.Recv()
		if err != nil {
			if errors.Is(err, io.EOF) {
				return &Error{Code: codes.Unavailable, Message: "the broker ended the stream"}
			}
			failure := errorFrom(ctx, err, "the publish")
			if s.progressed {
				return failure.outlived()
			}
			return failure
		}
		if !s.progressed {
			s.readHeader(stream)
		}
		if failure := s.take(response.GetPublished(), response.GetRefused()); failure != nil {
			return failure
		}
		for _, outcome := range response.GetMore() {
			if failure := s.take(outcome.GetPublished(), outcome.GetRefused()); failure != nil {
				return failure
			}
		}
		s.progressed = true
	}
}

// readHeader: the broker's first answer brings the header that says how many publishes it takes in a message.
func (s *publishStream) readHeader(stream publishCall) {
	header, err := stream.Header()
	if err == nil && len(header.Get(moreHeader)) > 0 {
		atomic.StoreInt32(&s.perMessage, publishesPerMessageMax)
	}
}

// take is the outcome of the oldest publish. An error ends the stream.
func (s *publishStream) take(published *hyperloomv1.PublishResponse, refused *hyperloomv1.Refusal) *Error {
	pending := s.publisher.oldest()
	if pending == nil {
		return &Error{Code: codes.DataLoss, Message: "the broker sent an outcome that nobody waits for"}
	}
	if refused != nil {
		failure := errorFromRefusal(refused)
		if failure.isRetryable() {
			s.publisher.putBack(pending)
			return failure
		}
		pending.fail(failure)
	} else {
		pending.succeed(publishedFrom(published))
	}
	s.publisher.window.leave(pending.size)
	return nil
}

func publishedFrom(message *hyperloomv1.PublishResponse) Published {
	return Published{message.GetRevision(), message.GetSequence(), message.GetRepeated(), message.GetEdition()}
}
