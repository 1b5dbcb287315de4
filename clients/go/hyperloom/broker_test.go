package hyperloom_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"hyperloom.dev/go/hyperloom"
)

// The tests run against a real broker out of this checkout, as a process that may be killed and started again.

// patience bounds every wait of the tests: a machine that does everything at once is slow.
const patience = 3 * time.Minute

type broker struct {
	data    string
	address string
	process *exec.Cmd
}

var addressIn = regexp.MustCompile(`\d+\.\d+\.\d+\.\d+:\d+`)

func checkout() string {
	here, err := os.Getwd()
	if err != nil {
		panic(err)
	}
	return filepath.Join(here, "..", "..", "..")
}

// start starts it and waits for the line that says it is ready. Its address stays the same over restarts.
func (b *broker) start() error {
	node := filepath.Join(checkout(), "node_modules", ".bin", "node")
	main := filepath.Join(checkout(), "src", "main.ts")
	b.process = exec.Command(node, main, "serve", "--listen", b.address, "--data", b.data)
	b.process.Stderr = os.Stderr
	output, err := b.process.StdoutPipe()
	if err != nil {
		return err
	}
	if err := b.process.Start(); err != nil {
		return fmt.Errorf("these tests need a real broker (run `npm ci` first): %w", err)
	}
	// One that says nothing fails the test by name, in place of holding up all of them.
	defer time.AfterFunc(patience, func() { _ = b.process.Process.Kill() }).Stop()
	line, err := bufio.NewReader(output).ReadString('\n')
	if b.address = addressIn.FindString(line); b.address == "" {
		return fmt.Errorf("the broker did not become ready; it said %q (%v)", line, err)
	}
	return nil
}

// end ends it: SIGKILL flushes nothing, SIGTERM is as an operator would.
func (b *broker) end(signal syscall.Signal) {
	process := b.process.Process
	_ = process.Signal(signal)
	defer time.AfterFunc(patience, func() {
		fmt.Fprintf(os.Stderr, "the broker at %s did not end within %s of %s\n", b.address, patience, signal)
		_ = process.Kill()
	}).Stop()
	_ = b.process.Wait()
}

func (b *broker) restart(t *testing.T) {
	t.Helper()
	b.end(syscall.SIGKILL)
	if err := b.start(); err != nil {
		t.Fatal(err)
	}
}

// freeAddress is one that nobody listens on, with a port below those that systems give out: of those a connection could get one while a broker is down.
func freeAddress() string {
	for {
		address := fmt.Sprintf("127.0.0.1:%d", 10_000+rand.IntN(20_000))
		if listener, err := net.Listen("tcp", address); err == nil {
			_ = listener.Close()
			return address
		}
	}
}

// ownBroker is one that the test may kill.
func ownBroker(t *testing.T) *broker {
	t.Helper()
	b := &broker{data: t.TempDir(), address: freeAddress()}
	if err := b.start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.end(syscall.SIGTERM) })
	return b
}

// shared is one broker for all tests that do not harm it.
var shared = &broker{address: freeAddress()}

func TestMain(m *testing.M) {
	os.Exit(func() int {
		data, err := os.MkdirTemp("", "hyperloom-go-")
		if err == nil {
			shared.data = data
			defer os.RemoveAll(data)
			err = shared.start()
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer shared.end(syscall.SIGTERM)
		// The examples connect as a program does that is told nothing.
		if err := os.Setenv("HYPERLOOM_ADDRESS", shared.address); err != nil {
			return 1
		}
		return m.Run()
	}())
}

// connect is a client of its own, closed at the end of the test.
func connect(t *testing.T, b *broker, author string) *hyperloom.Client {
	t.Helper()
	client, err := hyperloom.Connect(b.address, hyperloom.Options{Author: author})
	must(t, err)
	t.Cleanup(func() {
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	})
	return client
}

var trees atomic.Int64

// world is a client of the shared broker, a tree of the test's own, and a context that bounds the test.
func world(t *testing.T) (context.Context, *hyperloom.Client, string) {
	t.Helper()
	t.Parallel()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx, connect(t, shared, "tester"), fmt.Sprintf("/test_%d", trees.Add(1))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%+v", err)
	}
}

// is fails the test unless the error is of a kind, or has a reason.
func is(t *testing.T, err, target error) {
	t.Helper()
	if !errors.Is(err, target) {
		t.Fatalf("%v (%T) is not: %v", err, err, target)
	}
}

func equal[T comparable](t *testing.T, got, want T) {
	t.Helper()
	if got != want {
		t.Fatalf("got %v, not %v", got, want)
	}
}

// until waits for a condition that only the broker can tell.
func until(t *testing.T, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		if holds() {
			return
		}
		<-time.After(5 * time.Millisecond)
	}
	t.Fatal("what was waited for did not come about")
}
