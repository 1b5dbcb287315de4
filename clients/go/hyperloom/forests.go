package hyperloom

import (
	"context"
	"errors"
	"io"

	hyperloomv1 "hyperloom.dev/go/gen/hyperloom/v1"
)

// Compacted is the outcome of a compaction: the oldest revision that is readable now, and the bytes freed on disk.
type Compacted struct {
	CompactedRevision uint64
	FreedBytes        uint64
}

// backupChunkBytes: a backup travels in pieces of this size.
const backupChunkBytes = 64 << 10

// Forests is the operation of the broker: forests, compaction, backups.
type Forests struct{ connection *connection }

// Forests is the operation of the broker.
func (c *Client) Forests() *Forests { return &Forests{c.connection} }

// StatusOption adds something to a status.
type StatusOption func(*hyperloomv1.GetStatusRequest)

// WithStateHash adds the state hash, which visits what has changed since it was last asked for.
func WithStateHash() StatusOption {
	return func(request *hyperloomv1.GetStatusRequest) { request.IncludeStateHash = true }
}

// WithMeters adds what each agent has moved in each tree.
func WithMeters() StatusOption {
	return func(request *hyperloomv1.GetStatusRequest) { request.IncludeMeters = true }
}

// Status is how the broker and this client's forest are. stateHash is as [WithStateHash].
func (c *Client) Status(ctx context.Context, stateHash bool, adding ...StatusOption) (*Status, error) {
	if stateHash {
		adding = append(adding[:len(adding):len(adding)], WithStateHash())
	}
	return c.Forests().Status(ctx, c.agent.forest, adding...)
}

// Status is how the broker and a forest are.
func (f *Forests) Status(ctx context.Context, forest string, adding ...StatusOption) (*Status, error) {
	request := &hyperloomv1.GetStatusRequest{Forest: forestName(forest)}
	for _, option := range adding {
		option(request)
	}
	answer, err := call(ctx, f.connection, f.connection.forests.GetStatus, request, "the status")
	if err != nil {
		return nil, err
	}
	return statusFrom(answer), nil
}

// Create creates an empty forest: 1 to 63 of a-z0-9_-. It fails with [ErrAlreadyExists].
func (f *Forests) Create(ctx context.Context, name string) (*Forest, error) {
	request := &hyperloomv1.CreateForestRequest{Name: name, RequestId: f.connection.nextRequestID()}
	answer, err := call(ctx, f.connection, f.connection.forests.CreateForest, request, "the creation")
	return forestFrom(answer.GetForest()), err
}

// List lists all forests, by name.
func (f *Forests) List(ctx context.Context) ([]*Forest, error) {
	request := &hyperloomv1.ListForestsRequest{}
	answer, err := call(ctx, f.connection, f.connection.forests.ListForests, request, "the listing")
	return mapped(answer.GetForests(), forestFrom), err
}

// Delete deletes a forest and all its history. Cannot be undone.
func (f *Forests) Delete(ctx context.Context, name string) error {
	request := &hyperloomv1.DeleteForestRequest{Name: name, RequestId: f.connection.nextRequestID()}
	_, err := call(ctx, f.connection, f.connection.forests.DeleteForest, request, "the deletion")
	return err
}

// Compact drops history below a revision (0: the newest); state stays.
func (f *Forests) Compact(ctx context.Context, forest string, revision uint64) (Compacted, error) {
	request := &hyperloomv1.CompactRequest{
		Forest: forestName(forest), Revision: revision, RequestId: f.connection.nextRequestID(),
	}
	answer, err := call(ctx, f.connection, f.connection.forests.Compact, request, "the compaction")
	return Compacted{answer.GetCompactedRevision(), answer.GetFreedBytes()}, err
}

// Restore creates a forest from a backup. It fails with [ReasonBackupDamaged] for a damaged one. It is not sent again: what was
// read is gone.
func (f *Forests) Restore(ctx context.Context, forest string, from io.Reader) (*Forest, error) {
	ctx, cancel := f.connection.bounded(ctx)
	defer cancel()
	stream, err := f.connection.forests.Restore(ctx, sentOnce)
	if err != nil {
		return nil, errorFrom(ctx, err, "the restore")
	}
	first := &hyperloomv1.RestoreRequest{Forest: forest, RequestId: f.connection.nextRequestID()}
	err = stream.Send(first)
	for chunk := make([]byte, backupChunkBytes); err == nil; {
		count, failure := io.ReadFull(from, chunk)
		if count > 0 {
			// What was sent may be kept for a while: each piece has bytes of its own.
			err = stream.Send(&hyperloomv1.RestoreRequest{Chunk: append([]byte(nil), chunk[:count]...)})
		}
		if errors.Is(failure, io.EOF) || errors.Is(failure, io.ErrUnexpectedEOF) {
			break
		}
		if failure != nil {
			return nil, failure
		}
	}
	// Where sending failed, the outcome says why.
	answer, err := stream.CloseAndRecv()
	if err != nil {
		return nil, errorFrom(ctx, err, "the restore")
	}
	return forestFrom(answer.GetForest()), nil
}
