package hyperloom_test

import (
	"context"
	"net"
	"sync"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	hyperloomv1 "hyperloom.dev/go/gen/hyperloom/v1"
	"hyperloom.dev/go/hyperloom"
)

// stopped is a broker whose journal takes no writes for so many of them. A real one would need a disk that is full and then is not.
type stopped struct {
	hyperloomv1.UnimplementedContextServiceServer
	refusals int

	mutex sync.Mutex
	seen  []string
}

// refuses notes a request, and tells whether it comes too early.
func (s *stopped) refuses(requestID string) bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.seen = append(s.seen, requestID)
	return len(s.seen) <= s.refusals
}

// requestIDs are those of the requests so far, which it forgets.
func (s *stopped) requestIDs() []string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	seen := s.seen
	s.seen = nil
	return seen
}

func (s *stopped) PublishStream(stream grpc.BidiStreamingServer[hyperloomv1.PublishStreamRequest, hyperloomv1.PublishStreamResponse]) error {
	for {
		request, err := stream.Recv()
		if err != nil {
			return nil
		}
		response := &hyperloomv1.PublishStreamResponse{
			Outcome: &hyperloomv1.PublishStreamResponse_Published{Published: &hyperloomv1.PublishResponse{Revision: 7}},
		}
		if s.refuses(request.GetPublish().GetRequestId()) {
			refusal := &hyperloomv1.Refusal{Code: int32(codes.Unavailable), Message: "the disk is full", Reason: "JOURNAL_UNAVAILABLE"}
			response.Outcome = &hyperloomv1.PublishStreamResponse_Refused{Refused: refusal}
		}
		if err := stream.Send(response); err != nil {
			return err
		}
	}
}

func (s *stopped) Revert(_ context.Context, request *hyperloomv1.RevertRequest) (*hyperloomv1.RevertResponse, error) {
	return &hyperloomv1.RevertResponse{Revision: 8}, s.refusal(request.GetRequestId())
}

func (s *stopped) refusal(requestID string) error {
	if !s.refuses(requestID) {
		return nil
	}
	refused, err := status.New(codes.Unavailable, "the disk is full").WithDetails(
		&errdetails.ErrorInfo{Reason: "JOURNAL_UNAVAILABLE", Domain: "hyperloom.dev"},
	)
	if err != nil {
		return err
	}
	return refused.Err()
}

// client of that broker.
func (s *stopped) client(t *testing.T) *hyperloom.Client {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	server := grpc.NewServer()
	hyperloomv1.RegisterContextServiceServer(server, s)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	return connect(t, &broker{address: listener.Addr().String()}, "writer")
}

func TestAWriteWaitsForAJournalThatComesBack(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	s := &stopped{refusals: 2}
	client := s.client(t)
	published, err := client.Put(ctx, "/a", 1)
	must(t, err)
	equal(t, published.Revision, 7)
	sent := s.requestIDs()
	equalSlices(t, sent, sent[0], sent[0], sent[0])
	reverted, err := client.RevertRevision(ctx, 7, "", 0)
	must(t, err)
	equal(t, reverted.Revision, 8)
	sent = s.requestIDs()
	equalSlices(t, sent, sent[0], sent[0], sent[0])
}

func TestAWriteThatWaitedInVainTellsWhatWasInItsWay(t *testing.T) {
	t.Parallel()
	s := &stopped{refusals: 1 << 30}
	client := s.client(t)
	// Long enough for a refusal to come back, however slow the machine is.
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_, err := client.Put(ctx, "/a", 1)
	is(t, err, hyperloom.ErrDeadlineExceeded)
	is(t, err, context.DeadlineExceeded)
	is(t, err, hyperloom.ReasonJournalUnavailable)
	again, end := context.WithTimeout(context.Background(), 5*time.Second)
	defer end()
	is(t, second(client.RevertRevision(again, 7, "", 0)), hyperloom.ReasonJournalUnavailable)
}
