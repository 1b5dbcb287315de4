package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"

	"hyperloom.dev/go/hyperloom"
)

// How long new nodes are in use: short, so that writes without an answer are few on each.
const epochNs = 4_000_000_000

// What a client says that is asked for what it has lost or given back.
const notHeld = "NotHeld"

// What the agents of a process have in common.
type crew struct {
	address string
	secure  credentials.TransportCredentials
	name    string
	chance  *rand.Rand
	record  *record
	isOpen  *atomic.Bool
}

// One agent on a connection of its own, so that a cut hits one and not all, or all at once. It does one thing after the other.
type agent struct {
	name   string
	client *hyperloom.Client
	chance *rand.Rand
	record *record
	isOpen *atomic.Bool
	count  int
}

func (c crew) agent(label, forest string) (*agent, error) {
	name := c.name + "-" + label
	options := hyperloom.Options{Author: name, Forest: forest, Credentials: c.secure}
	// Of several brokers it asks each in turn.
	if strings.Contains(c.address, ",") {
		options.LoadBalancing = "round_robin"
	}
	client, err := hyperloom.Connect(c.address, options)
	if err != nil {
		return nil, err
	}
	chance := rand.New(rand.NewPCG(c.chance.Uint64(), 0))
	return &agent{name: name, client: client, chance: chance, record: c.record, isOpen: c.isOpen}, nil
}

// An id, and a text that nobody else writes.
func (a *agent) token() string {
	a.count++
	return fmt.Sprintf("%s.%d", a.name, a.count)
}

func (a *agent) below(bound int) int { return a.chance.IntN(bound) }

// One of a few places of its kind that are in use now.
func (a *agent) place(kind string, count int) string {
	return fmt.Sprintf("/%s/%d-%d", kind, nowNs()/epochNs, a.below(count))
}

// Short ones end while the broker is away, and leave an unknown outcome.
func (a *agent) timeout() (context.Context, context.CancelFunc) {
	ms := []int{700, 1_500, 4_000, 8_000}[a.below(4)]
	return context.WithTimeout(context.Background(), time.Duration(ms)*time.Millisecond)
}

func (a *agent) sleep(msMax int) { time.Sleep(time.Duration(a.below(msMax)+1) * time.Millisecond) }

// How a call ended.
type called struct {
	id     string
	answer fields
}

func (c called) ok() bool { return c.answer["outcome"] == "ok" }

// Makes a call and records what came of it. `act` gets the call's id, and says what was told beside that it went well.
func (a *agent) call(wants fields, act func(ctx context.Context, id string) (fields, error)) called {
	id := a.asked(wants)
	ctx, cancel := a.timeout()
	defer cancel()
	told, err := act(ctx, id)
	ns := nowNs()
	answer := fields{"outcome": "ok", "reason": "", "revision": 0}
	if err != nil {
		answer = a.failed(err)
	}
	for name, value := range told {
		answer[name] = value
	}
	a.answered(id, ns, answer)
	return called{id: id, answer: answer}
}

// Records whether the client says that it holds a lock or a lease. What is true after a moment was true at it.
func (a *agent) holds(tenure string, check func() error) bool {
	id := a.asked(fields{"type": "holds", "tenure": tenure})
	answer := fields{"outcome": "ok", "reason": "", "revision": 0}
	isHeld := check() == nil
	if !isHeld {
		answer = fields{"outcome": "refused", "reason": notHeld, "revision": 0}
	}
	a.answered(id, nowNs(), answer)
	return isHeld
}

func (a *agent) asked(wants fields) string {
	id := a.token()
	line := fields{"kind": "call", "id": id, "client": a.name, "forest": a.client.Forest(), "wants": wants}
	line["ns"] = nowNs()
	a.record.write(line)
	return id
}

func (a *agent) answered(id string, ns int64, answer fields) {
	line := fields{"kind": "answer", "id": id, "ns": ns}
	for name, value := range answer {
		line[name] = value
	}
	a.record.write(line)
}

// Codes after which nobody knows whether the call took effect.
var unknownCodes = map[codes.Code]bool{
	codes.Unavailable: true, codes.DeadlineExceeded: true, codes.Canceled: true, codes.Unknown: true, codes.Internal: true,
}

func (a *agent) failed(err error) fields {
	var refused *hyperloom.Error
	if !errors.As(err, &refused) {
		a.bug(fmt.Sprintf("a call failed with %v", err))
		return fields{"outcome": "unknown", "reason": err.Error(), "revision": 0}
	}
	if refused.Code == codes.Internal || refused.Code == codes.DataLoss {
		a.bug(fmt.Sprintf("%v: %v", refused.Code, err))
	}
	outcome, reason := "refused", string(refused.Reason)
	// Where the client gives up because a lease is lost, what was under way may have taken effect.
	if unknownCodes[refused.Code] || errors.Is(err, hyperloom.ErrLeaseLost) || errors.Is(err, hyperloom.ReasonLeaseNotFound) {
		outcome = "unknown"
	}
	if reason == "" {
		reason = refused.Code.String()
	}
	return fields{"outcome": outcome, "reason": reason, "revision": 0}
}

// Something that must never be seen.
func (a *agent) bug(what string) {
	a.record.write(fields{"kind": "bug", "client": a.name, "what": what})
}
