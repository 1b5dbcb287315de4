package hyperloom_test

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
)

// proxy stands between a client and a broker, to cut their connections.
type proxy struct {
	listener net.Listener
	target   string
	// pings that clients have sent through it.
	pings atomic.Int64

	mutex       sync.Mutex
	connections []net.Conn
	cuts        int
}

func startProxy(t *testing.T, target string) *proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	p := &proxy{listener: listener, target: target}
	go p.accept()
	t.Cleanup(func() {
		listener.Close()
		p.cut()
	})
	return p
}

func (p *proxy) accept() {
	for {
		inner, err := p.listener.Accept()
		if err != nil {
			return
		}
		outer, err := net.Dial("tcp", p.target)
		if err != nil {
			inner.Close()
			continue
		}
		p.mutex.Lock()
		p.connections = append(p.connections, inner, outer)
		p.mutex.Unlock()
		for _, pair := range [][2]net.Conn{{inner, outer}, {outer, inner}} {
			go func() {
				_, _ = io.Copy(pair[0], p.counted(pair[1], inner))
				pair[0].Close()
				pair[1].Close()
			}()
		}
	}
}

// counted is what comes from a side; of the client's, frames are counted.
func (p *proxy) counted(side, client net.Conn) io.Reader {
	if side != client {
		return side
	}
	return io.TeeReader(side, &pingFrames{count: &p.pings, skip: len("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")})
}

// pingFrames reads frames of HTTP/2 and counts pings that ask for an answer.
type pingFrames struct {
	count *atomic.Int64
	// What of the bytes to come belongs to a frame whose head was read.
	skip int
	head []byte
}

func (f *pingFrames) Write(bytes []byte) (int, error) {
	const (
		headBytes = 9
		ping      = 6
		isAnswer  = 1
	)
	for rest := bytes; len(rest) > 0; {
		if f.skip > 0 {
			skipped := min(f.skip, len(rest))
			f.skip -= skipped
			rest = rest[skipped:]
			continue
		}
		f.head = append(f.head, rest[0])
		rest = rest[1:]
		if len(f.head) < headBytes {
			continue
		}
		if f.head[3] == ping && f.head[4]&isAnswer == 0 {
			f.count.Add(1)
		}
		f.skip = int(f.head[0])<<16 | int(f.head[1])<<8 | int(f.head[2])
		f.head = f.head[:0]
	}
	return len(bytes), nil
}

// cut ends all connections in the middle of whatever they carry.
func (p *proxy) cut() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for _, connection := range p.connections {
		connection.Close()
	}
	p.connections = nil
	p.cuts++
}
