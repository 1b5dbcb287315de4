package hyperloom_test

import (
	"context"
	"errors"
	"net"
	"sync"
	"testing"

	"google.golang.org/grpc"

	"hyperloom.dev/go/hyperloom"
	"hyperloom.dev/go/hyperloom/operation"
)

// halting is a connection that takes nothing more from some moment on, and breaks when it is told to.
type halting struct {
	net.Conn
	halt, halted, breaks, over chan struct{}
	once, last                 sync.Once
}

func (h *halting) Write(bytes []byte) (int, error) {
	select {
	case <-h.halt:
		h.once.Do(func() { close(h.halted) })
		<-h.breaks
		return 0, errors.Join(errors.New("broken"), h.Conn.Close())
	default:
		return h.Conn.Write(bytes)
	}
}

// Close is called when gRPC has given up all that was on its way.
func (h *halting) Close() error {
	h.last.Do(func() { close(h.over) })
	return h.Conn.Close()
}

// late is a stream whose connection breaks behind its first message, and which notices that when it sends the next one.
type late struct {
	grpc.ClientStream
	connection *halting
	sent       int
	failed     chan struct{}
}

func (l *late) SendMsg(message any) error {
	if l.sent++; l.sent == 2 {
		close(l.connection.breaks)
		<-l.connection.over
	}
	err := l.ClientStream.SendMsg(message)
	if err != nil {
		close(l.failed)
	}
	return err
}

func (l *late) RecvMsg(message any) error {
	<-l.failed
	return l.ClientStream.RecvMsg(message)
}

// gRPC may go on with such a stream on another connection, and take nothing more for it: grpc-go's issue 4691.
func TestAStreamWhoseConnectionBreaksBeforeItsHeadersLosesNothing(t *testing.T) {
	ctx, direct, tree := world(t)
	there := tree + "_there"
	must(t, second(direct.Put(ctx, there, 1)))
	first := &halting{
		halt: make(chan struct{}), halted: make(chan struct{}), breaks: make(chan struct{}), over: make(chan struct{}),
	}
	var connections, streams int
	client, err := hyperloom.Connect("passthrough:///"+shared.address, hyperloom.Options{
		Author: "late",
		DialOptions: []grpc.DialOption{
			grpc.WithContextDialer(func(ctx context.Context, address string) (net.Conn, error) {
				dialed, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
				if connections++; connections > 1 || err != nil {
					return dialed, err
				}
				first.Conn = dialed
				return first, nil
			}),
			grpc.WithStreamInterceptor(func(
				ctx context.Context, description *grpc.StreamDesc, channel *grpc.ClientConn, method string, open grpc.Streamer,
				options ...grpc.CallOption,
			) (grpc.ClientStream, error) {
				stream, err := open(ctx, description, channel, method, options...)
				if streams++; streams > 1 || err != nil {
					return stream, err
				}
				return &late{ClientStream: stream, connection: first, failed: make(chan struct{})}, nil
			}),
		},
	})
	must(t, err)
	defer client.Close()
	must(t, second(client.Get(ctx, there)))

	// The connection holds back a read; the headers of the stream wait behind that.
	close(first.halt)
	read := make(chan error, 1)
	go func() { read <- second(client.Get(ctx, there)) }()
	<-first.halted
	const count = 100
	pending := make([]*hyperloom.Pending, count)
	for index := range pending {
		pending[index], err = client.Submit(ctx, hyperloom.Diff{
			Operations: []operation.Operation{operation.Append(tree, []int{index + 1})},
		})
		must(t, err)
	}
	for _, each := range pending {
		must(t, second(each.Wait(ctx)))
	}
	must(t, <-read)
	checkNumbers(t, ctx, client, tree, count)
	if streams < 2 {
		t.Fatal("the stream did not break")
	}
}
