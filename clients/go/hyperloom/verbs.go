package hyperloom

import (
	"context"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/durationpb"

	hyperloomv1 "hyperloom.dev/go/gen/hyperloom/v1"
	"hyperloom.dev/go/hyperloom/operation"
	"hyperloom.dev/go/hyperloom/precondition"
)

// Diff is a context diff: all operations take effect as one, or none does.
type Diff struct {
	// Operations are applied in order, each seeing those before it. See package operation.
	Operations []operation.Operation
	// Preconditions must all hold. See package precondition.
	Preconditions []precondition.Precondition
	// Label is what it is, in a few words.
	Label string
	// Basis replaces what the client has noted as read since the last publish. Nil: what it has noted.
	Basis []BasisEntry
	// RequestID of one's own makes it safe to publish the same diff again within an hour, from any process.
	RequestID string
	// TraceParent is the W3C trace context that it belongs to. Default: what [Options.TraceParent] tells.
	TraceParent string
	// LockWait is how long to wait for locks of others that are in the way: within the context's deadline, or beside the
	// client's timeout. 0: not at all.
	LockWait time.Duration
}

// verbs are what a client (on the trunk), a ghost and a lock have in common: writing, reading, watching.
//
// A call without a deadline in its context has the client's own. A write that ends with [ErrDeadlineExceeded] or [ErrCancelled]
// may still take effect; every other error means that nothing of it did.
type verbs struct {
	connection *connection
	agent      *agent
	ghostID    string
	fence      *fence
	staged     *staged // Of a ghost.
}

// Author is whose name is on the writes.
func (v *verbs) Author() string { return v.agent.author }

// Forest is where it reads and writes.
func (v *verbs) Forest() string {
	if v.agent.forest == "" {
		return forestDefault
	}
	return v.agent.forest
}

// NewestRevision is the newest trunk revision seen so far. Reads see at least this one unless told otherwise.
func (v *verbs) NewestRevision() uint64 { return v.agent.newestRevision() }

// Publish publishes a context diff, and returns when it is durable (in a ghost: staged). Publishes of one client that are under
// way at the same time share messages, writes and disk syncs.
func (v *verbs) Publish(ctx context.Context, diff Diff) (Published, error) {
	bounded, cancel := v.connection.boundedBy(ctx, v.connection.timeout+diff.LockWait)
	defer cancel()
	pending, err := v.submit(bounded, diff)
	if err != nil {
		return Published{}, err
	}
	select {
	case <-pending.done:
	case <-bounded.Done():
		pending.giveUp(bounded)
	}
	return pending.Wait(context.Background())
}

// Submit is Publish that returns as soon as there is room for the diff among those in flight: the cheapest way to have many
// publishes under way, in order, from one goroutine. The context bounds the publish as well, until it has its outcome.
func (v *verbs) Submit(ctx context.Context, diff Diff) (*Pending, error) {
	bounded, cancel := v.connection.boundedBy(ctx, v.connection.timeout+diff.LockWait)
	pending, err := v.submit(bounded, diff)
	if err != nil {
		cancel()
		return nil, err
	}
	stop := context.AfterFunc(bounded, func() { pending.giveUp(bounded) })
	pending.whenSettled(func() {
		stop()
		cancel()
	})
	return pending, nil
}

// submit returns a plain error, so that no typed nil gets out.
func (v *verbs) submit(ctx context.Context, diff Diff) (*Pending, error) {
	held, err := v.checkedFence(ctx)
	if err != nil {
		return nil, err
	}
	request := &hyperloomv1.PublishRequest{
		Forest:        v.agent.forest,
		GhostId:       v.ghostID,
		Operations:    make([]*hyperloomv1.Operation, len(diff.Operations)),
		Preconditions: diff.Preconditions,
		RequestId:     diff.RequestID,
		Author:        v.agent.author,
		Label:         diff.Label,
		FencingTokens: held.heldTokens(),
		Edition:       v.staged.known(),
		TraceParent:   diff.TraceParent,
	}
	if request.TraceParent == "" {
		request.TraceParent = v.connection.traceParent(ctx)
	}
	for index, each := range diff.Operations {
		message, err := each.Message()
		if err != nil {
			return nil, invalidOperation(err)
		}
		request.Operations[index] = message
	}
	if request.RequestId == "" {
		request.RequestId = v.connection.nextRequestID()
	}
	basis := diff.Basis
	var taken []BasisEntry
	if basis == nil {
		taken = v.agent.takeBasis()
		basis = taken
	}
	request.Basis = basisMessages(basis)
	watching := &outcomes{agent: v.agent, staged: v.staged, fence: held}
	if diff.LockWait > 0 {
		return v.submitApart(ctx, request, diff.LockWait, watching, taken), nil
	}
	pending, failure := v.connection.publisher.submit(ctx, request, watching, taken)
	if failure != nil {
		watching.refused(taken, failure)
		return nil, failure
	}
	return pending, nil
}

// submitApart: a publish that may wait for locks goes by a call of its own: on the stream it would hold up the outcomes of those
// behind it. It goes when those before it have theirs, so that the order stays.
func (v *verbs) submitApart(
	ctx context.Context,
	request *hyperloomv1.PublishRequest,
	lockWait time.Duration,
	watching observer,
	taken []BasisEntry,
) *Pending {
	request.LockWait = durationpb.New(lockWait)
	pending := &Pending{observer: watching, basis: taken, done: make(chan struct{})}
	earlier, end := v.connection.publisher.goApart(pending)
	v.connection.spawn(func() {
		defer end()
		if err := settled(ctx, earlier); err != nil {
			pending.fail(asError(err))
			return
		}
		answer, err := callUntil(ctx, v.connection, v.connection.context.Publish, request, "the publish")
		if err != nil {
			pending.fail(asError(err))
			return
		}
		pending.succeed(publishedFrom(answer))
	})
	return pending
}

// Forget forgets what the agent has read so far: what it writes from now on has nothing to do with that.
func (v *verbs) Forget() {
	if v.agent.basis != nil {
		v.agent.basis.clear()
	}
}

// Flush waits for the outcomes of all publishes so far. Those are told to whoever made them, not here.
func (v *verbs) Flush(ctx context.Context) error {
	bounded, cancel := v.connection.bounded(ctx)
	defer cancel()
	return v.connection.publisher.flush(bounded)
}

// Put sets a value, whatever was there; see package value for what it can be.
func (v *verbs) Put(ctx context.Context, path string, value any) (Published, error) {
	return v.one(ctx, operation.Put(path, value))
}

// Append adds to the end of a text (a string), of bytes ([]byte), or of a JSON array (a slice of items).
func (v *verbs) Append(ctx context.Context, path string, addition any) (Published, error) {
	return v.one(ctx, operation.Append(path, addition))
}

// Merge merges an RFC 7396 patch into a JSON object.
func (v *verbs) Merge(ctx context.Context, path string, patch any) (Published, error) {
	return v.one(ctx, operation.Merge(path, patch))
}

// Increment adds to a number, exactly, in 64 bits.
func (v *verbs) Increment(ctx context.Context, path string, amount int64) (Published, error) {
	return v.one(ctx, operation.Increment(path, amount))
}

// Delete removes a node and all below it.
func (v *verbs) Delete(ctx context.Context, path string) (Published, error) {
	return v.one(ctx, operation.Delete(path, operation.Subtree))
}

// Copy puts a copy of a subtree elsewhere, as of a trunk revision; 0: as it is.
func (v *verbs) Copy(ctx context.Context, source, target string, revision uint64) (Published, error) {
	return v.one(ctx, operation.Copy(source, target, revision))
}

func (v *verbs) one(ctx context.Context, single operation.Operation) (Published, error) {
	return v.Publish(ctx, Diff{Operations: []operation.Operation{single}})
}

// checkedFence is what a call is made under: the handle's own lock, or the one that its context stands on. It fails where that is
// lost or was given back.
func (v *verbs) checkedFence(ctx context.Context) (*fence, error) {
	held := v.fence
	if held == nil {
		held = fenceFrom(ctx, v.connection, v.agent.forest)
	}
	return held, held.check()
}

// fenced is a call that is refused here where the lock or lease that it would be made under is lost.
func fenced[Request, Response any](
	ctx context.Context,
	v *verbs,
	method func(context.Context, Request, ...grpc.CallOption) (Response, error),
	request Request,
	doing string,
) (Response, error) {
	held, err := v.checkedFence(ctx)
	if err != nil {
		var none Response
		return none, err
	}
	response, err := call(ctx, v.connection, method, request, doing)
	if err != nil {
		held.refused(asError(err))
	}
	return response, err
}

// outcomes tells everybody what became of a publish.
type outcomes struct {
	agent  *agent
	staged *staged
	fence  *fence
}

func (o *outcomes) published(outcome Published) {
	o.agent.published(outcome)
	o.agent.ghostBasis().staged(outcome.Sequence)
	o.staged.see(outcome.Edition)
}

func (o *outcomes) refused(basis []BasisEntry, err *Error) {
	o.agent.refused(basis, err)
	o.fence.refused(err)
	if o.staged != nil {
		o.staged.refused(err)
	}
}
