package hyperloom

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	hyperloomv1 "hyperloom.dev/go/gen/hyperloom/v1"
	"hyperloom.dev/go/hyperloom/gate"
)

// GhostOptions say what ghost is begun.
type GhostOptions struct {
	// Label is what it is, in a few words.
	Label string
	// Scope is the only subtree it may write to. Default: the parent's, or the whole forest.
	Scope string
	// BaseRevision is the trunk revision to stand on. Default: the newest. Not for a ghost in a ghost.
	BaseRevision uint64
	// TTL is how long it outlives this process: 1 s to 24 h, 60 s by default.
	TTL time.Duration
	// Gates must be fulfilled before it can be committed. See package gate.
	Gates []gate.Gate
	// Race makes it one of several alternatives.
	Race *Race
	// Lease that it lives with, whatever its ttl.
	Lease *Lease
	// Migration is the version of a schema that its commit puts into force. Not for a ghost in a ghost.
	Migration *Migration

	parent *Ghost
}

// Isolation says what must not have changed since a ghost's base for its commit to pass.
type Isolation int

const (
	// Writes: what the ghost writes, unless the operations commute.
	Writes Isolation = iota
	// Serializable: that, and everything that was read for its diffs.
	Serializable
)

// CommitOptions say how a ghost is committed.
type CommitOptions struct {
	Isolation Isolation
	// Label is what the commit is, in a few words.
	Label string
	// LockWait is how long to wait for locks of others that are in the way; as in Diff.
	LockWait time.Duration
	// ExactEdition is the one that was looked at, as State tells it: [ErrReviewOutdated] where the ghost is another one when the
	// commit takes effect, or when its reviewers are to be asked. By default it is committed as it is by then.
	ExactEdition uint64
}

// Ghost is a speculative branch to work in, with all verbs of a client. Its writes reach the trunk, or the ghost it was begun in,
// with Commit, or are gone with Revert. Leave it with defer ghost.Close(ctx), which reverts what was not committed.
//
// It is kept alive in the background while this process lives; if that ends, the broker reverts it after its ttl. One that was
// begun under a lease or a lock lives with that.
type Ghost struct {
	verbs
	speculating
	// Info is what the broker told when the ghost was begun; State tells what holds now.
	Info GhostState

	owned       bool
	kept        *kept
	around      *staged // Of the ghost that it was begun in; nil on the trunk.
	over        atomic.Bool
	commitAsked atomic.Bool
}

func beginGhost(ctx context.Context, c *connection, a *agent, held *fence, options GhostOptions) (*Ghost, error) {
	if held == nil {
		held = fenceFrom(ctx, c, a.forest)
	}
	if options.Lease != nil && (held == nil || held.lease != options.Lease) {
		held = options.Lease.fence()
	}
	if err := held.check(); err != nil {
		return nil, err
	}
	request := &hyperloomv1.BeginGhostRequest{
		Forest:       a.forest,
		Scope:        options.Scope,
		BaseRevision: options.BaseRevision,
		Label:        options.Label,
		Author:       a.author,
		RequestId:    c.nextRequestID(),
		Gates:        gate.Wire(options.Gates),
		LeaseId:      held.leaseID(),
		Migration:    options.Migration.message(),
	}
	var around *staged
	if options.parent != nil {
		around = options.parent.staged
		request.ParentGhostId, request.ParentEdition = options.parent.ID(), around.known()
	}
	if options.TTL > 0 {
		request.Ttl = durationpb.New(options.TTL)
	}
	if options.Race != nil {
		request.Race = &hyperloomv1.Race{Id: options.Race.ID, AttemptsMax: options.Race.AttemptsMax}
	}
	answer, err := call(ctx, c, c.context.BeginGhost, request, "the beginning of the ghost")
	if err != nil {
		held.refused(asError(err))
		return nil, err
	}
	ghost := newGhost(c, a, held, ghostStateFrom(answer.GetGhost()), true)
	ghost.around = around
	return ghost, nil
}

func newGhost(c *connection, a *agent, held *fence, info GhostState, owned bool) *Ghost {
	g := &Ghost{Info: info, owned: owned}
	g.verbs = verbs{connection: c, agent: a.inGhost(info.ID, info.Sequence), ghostID: info.ID, fence: held, staged: &staged{edition: info.Edition}}
	g.staged.refused = g.toldOf
	g.speculating = speculating{c.nextRequestID, g.Ghost}
	g.over.Store(info.State != "live")
	g.kept = &kept{forest: a.forest, id: info.ID, ttl: info.TTL, onOver: func(string) { g.abandon() }}
	if owned && info.LeaseID == "" {
		c.keeper.keep(g.kept)
	}
	return g
}

// ID was made by the broker; it is unique for ever.
func (g *Ghost) ID() string { return g.ghostID }

// Over is true once it was committed, reverted or has expired, as far as this process knows.
func (g *Ghost) Over() bool { return g.over.Load() }

// Checkpoint names the present state, to go back to: 1 to 128 bytes, unique in the ghost.
func (g *Ghost) Checkpoint(ctx context.Context, name string) (Checkpoint, error) {
	if err := g.Flush(ctx); err != nil {
		return Checkpoint{}, err
	}
	request := &hyperloomv1.CheckpointRequest{
		Forest:    g.agent.forest,
		GhostId:   g.ID(),
		Name:      name,
		Author:    g.agent.author,
		RequestId: g.connection.nextRequestID(),
		Edition:   g.staged.known(),
	}
	answer, err := fenced(ctx, &g.verbs, g.connection.context.Checkpoint, request, "the checkpoint")
	if err != nil {
		return Checkpoint{}, err
	}
	g.staged.see(answer.GetEdition())
	return checkpointFrom(answer.GetCheckpoint()), nil
}

// Rewind goes back to a checkpoint; with an empty name to the newest one, or the beginning where there is none. The ghost lives
// on, and the reason is kept for whoever tries again.
func (g *Ghost) Rewind(ctx context.Context, checkpoint, reason string) (Reverted, error) {
	target := &hyperloomv1.RevertRequest_Rewind{
		Rewind: &hyperloomv1.GhostRewind{GhostId: g.ID(), Checkpoint: checkpoint},
	}
	return g.revert(ctx, &hyperloomv1.RevertRequest{Target: target}, reason)
}

// Revert drops the ghost and all that is staged in it. The reason is kept for whoever tries again.
func (g *Ghost) Revert(ctx context.Context, reason string) (Reverted, error) {
	target := &hyperloomv1.RevertRequest_GhostId{GhostId: g.ID()}
	reverted, err := g.revert(ctx, &hyperloomv1.RevertRequest{Target: target}, reason)
	if err == nil {
		g.abandon()
	}
	return reverted, err
}

func (g *Ghost) revert(ctx context.Context, request *hyperloomv1.RevertRequest, reason string) (Reverted, error) {
	if err := g.Flush(ctx); err != nil {
		return Reverted{}, err
	}
	g.commitAsked.Store(false)
	reverted, err := sendRevert(ctx, &g.verbs, request, reason, 0)
	g.staged.see(reverted.Edition)
	if err == nil {
		sequence := uint64(0)
		if reverted.Checkpoint != nil {
			sequence = reverted.Checkpoint.Sequence
		}
		g.agent.ghostBasis().rewound(sequence)
	}
	return reverted, err
}

// Commit replays the staged operations onto the newest trunk (or the parent) as one revision. It fails with [ErrConflict], and
// tells path by path, where others have changed the same; the ghost lives on.
//
// Where gates name reviewers, it waits for them: as long as it takes, or until the context's deadline. After that the commit
// stays asked for, and happens with the last approval if the ghost still lives. [ErrReviewRejected] where one rejects: the
// ghost is back at its last checkpoint, and lives on.
func (g *Ghost) Commit(ctx context.Context, options CommitOptions) (Committed, error) {
	if err := g.Flush(ctx); err != nil {
		return Committed{}, err
	}
	held, err := g.checkedFence(ctx)
	if err != nil {
		return Committed{}, err
	}
	request := &hyperloomv1.CommitRequest{
		Forest:        g.agent.forest,
		GhostId:       g.ID(),
		Isolation:     hyperloomv1.CommitIsolation_COMMIT_ISOLATION_WRITES,
		Label:         options.Label,
		Author:        g.agent.author,
		RequestId:     g.connection.nextRequestID(),
		FencingTokens: held.heldTokens(),
		Edition:       g.staged.known(),
		ExactEdition:  options.ExactEdition,
	}
	// What was looked at since the last diff is what the decision to commit stands on.
	basis := g.agent.takeBasis()
	request.Basis = basisMessages(basis)
	if options.Isolation == Serializable {
		request.Isolation = hyperloomv1.CommitIsolation_COMMIT_ISOLATION_SERIALIZABLE
	}
	bounded, cancel := g.boundedCommit(ctx, options.LockWait)
	defer cancel()
	if options.LockWait > 0 {
		request.LockWait = durationpb.New(options.LockWait)
	}
	answer, err := callUntil(bounded, g.connection, g.connection.context.Commit, request, "the commit")
	if err != nil {
		g.agent.refused(basis, nil)
		g.commitAsked.Store(errors.Is(err, ErrDeadlineExceeded))
		held.refused(asError(err))
		g.toldOf(asError(err))
		return Committed{}, err
	}
	g.agent.ghostBasis().committed()
	g.abandon()
	g.around.see(answer.GetParentEdition())
	g.agent.see(answer.GetRevision())
	return Committed{
		answer.GetRevision(), answer.GetOperations(), answer.GetRepeated(), answer.GetSchemaVersion(),
	}, nil
}

func (g *Ghost) boundedCommit(ctx context.Context, lockWait time.Duration) (context.Context, context.CancelFunc) {
	if g.hasReviewers() {
		return context.WithCancel(ctx)
	}
	return g.connection.boundedBy(ctx, g.connection.timeout+lockWait)
}

// Ghost begins a ghost in this one, at its present state and by default with its scope. It commits into this one.
func (g *Ghost) Ghost(ctx context.Context, options GhostOptions) (*Ghost, error) {
	if err := g.Flush(ctx); err != nil {
		return nil, err
	}
	options.parent = g
	if options.Scope == "" {
		options.Scope = g.Info.Scope
	}
	return beginGhost(ctx, g.connection, g.agent, g.fence, options)
}

// State is how the ghost stands now.
func (g *Ghost) State(ctx context.Context) (GhostState, error) {
	return readGhost(ctx, g.connection, g.agent, g.ID())
}

// Diff is what differs from its base, in pages. form is in which form values are told; by default as they are stored.
func (g *Ghost) Diff(path string, pageSize uint32, form ...Form) *Paged[Difference] {
	sides := &hyperloomv1.DiffRequest_GhostId{GhostId: g.ID()}
	return diff(&g.verbs, &hyperloomv1.DiffRequest{Path: path, Sides: sides, PageSize: pageSize}, form)
}

// Close reverts the ghost unless it was committed, reverted, or its commit still waits for reviewers. It is for defer, and does
// its work after the context has ended too; what goes wrong is left to the ghost's ttl.
func (g *Ghost) Close(ctx context.Context) {
	g.closeWith(ctx, "left without a commit")
}

func (g *Ghost) closeWith(ctx context.Context, reason string) {
	if g.Over() || !g.owned || g.commitAsked.Load() && g.hasReviewers() {
		return
	}
	defer g.abandon()
	ctx, cancel := leaving(ctx)
	defer cancel()
	if _, err := g.Revert(ctx, reason); err != nil {
		g.connection.logger.Debug("reverting a ghost", "ghost", g.ID(), "error", err)
	}
}

// toldOf: a schema gate changes the ghost while it refuses, and the refusal tells how it stands.
func (g *Ghost) toldOf(refused *Error) {
	if errors.Is(refused, ErrReviewRejected) {
		g.agent.ghostBasis().rewound(0)
	}
	if !g.isRevertedBy(refused) {
		return
	}
	g.agent.ghostBasis().rewound(0)
	if refused.Metadata["state"] == "reverted" {
		g.abandon()
	} else {
		g.staged.see(refused.number("edition"))
	}
}

// isRevertedBy: the error tells that a schema gate has taken this ghost back, and not one around it or another one.
func (g *Ghost) isRevertedBy(err error) bool {
	var refused *Error
	return errors.As(err, &refused) && refused.Reason == ReasonGateReverted && refused.Metadata["ghost_id"] == g.ID()
}

// abandon: it is over, or nobody here works in it any more.
func (g *Ghost) abandon() {
	g.over.Store(true)
	g.agent.ghostBasis().ended()
	g.connection.keeper.release(g.kept)
}

func (g *Ghost) hasReviewers() bool {
	for _, standing := range g.Info.Gates {
		if standing.Gate.Kind == gate.KindReview {
			return true
		}
	}
	return false
}

func readGhost(ctx context.Context, c *connection, a *agent, id string) (GhostState, error) {
	request := &hyperloomv1.GetGhostRequest{Forest: a.forest, GhostId: id}
	answer, err := call(ctx, c, c.context.GetGhost, request, "the read")
	if err != nil {
		return GhostState{}, err
	}
	return ghostStateFrom(answer.GetGhost()), nil
}
