package hyperloom_test

import (
	"io"
	"net"
	"sync"
	"testing"
)

// proxy stands between a client and a broker, to cut their connections.
type proxy struct {
	listener net.Listener
	target   string

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
				_, _ = io.Copy(pair[0], pair[1])
				pair[0].Close()
				pair[1].Close()
			}()
		}
	}
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
