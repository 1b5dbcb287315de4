package hyperloom

import (
	"context"
	"errors"
	"hash/crc32"
	"io"
	"time"

	"google.golang.org/grpc/codes"

	hyperloomv1 "hyperloom.dev/go/gen/hyperloom/v1"
)

// BackupMark says how much of a backup has come. The zero value: nothing.
type BackupMark struct {
	// Position in the journal at which it was taken.
	Position uint64
	// Bytes that were written.
	Bytes uint64
	// Checksum is the CRC-32 (IEEE) of those bytes.
	Checksum uint32
}

// BackupOption is a wish about a backup.
type BackupOption func(*backup)

// ResumeBackup goes on behind what the mark tells, at the same moment, whatever was written since, and keeps it up to date: with
// what is there when Backup fails, the next call goes on. It fails with [ErrRevision] where the broker's journal does not lead to
// that moment any more, and with [ErrInvalidRequest] where the backup begins otherwise.
func ResumeBackup(mark *BackupMark) BackupOption {
	return func(b *backup) { b.mark = mark }
}

// Backup writes a backup. A broken connection is no matter: it goes on where it was, unless nothing more comes for as long as a
// call may take.
func (f *Forests) Backup(ctx context.Context, forest string, to io.Writer, options ...BackupOption) error {
	b := &backup{connection: f.connection, forest: forestName(forest), to: to, mark: &BackupMark{}}
	for _, option := range options {
		option(b)
	}
	for {
		b.isUnderWay = false
		err := b.receive(ctx)
		if err == nil || errors.Is(err, io.EOF) {
			return nil
		}
		var failed *writeError
		if errors.As(err, &failed) {
			return failed.error
		}
		if err := b.afterBreak(ctx, errorFrom(ctx, err, "the backup")); err != nil {
			return err
		}
	}
}

// backup is one that is under way.
type backup struct {
	connection *connection
	forest     string
	to         io.Writer
	mark       *BackupMark
	waits      backoff
	// heard is when the broker was waited for last; zero: with the first stream.
	heard      time.Time
	isUnderWay bool
}

// writeError is no matter of the broker's.
type writeError struct{ error }

// receive writes what one stream brings.
func (b *backup) receive(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if b.heard.IsZero() {
		b.heard = time.Now()
	}
	request := &hyperloomv1.BackupRequest{Forest: b.forest}
	if *b.mark != (BackupMark{}) {
		request.Resume = &hyperloomv1.BackupMark{Position: b.mark.Position, Bytes: b.mark.Bytes, Checksum: b.mark.Checksum}
	}
	stream, err := b.connection.forests.Backup(ctx, request)
	for err == nil {
		var piece *hyperloomv1.BackupResponse
		if piece, err = stream.Recv(); err == nil {
			err = b.take(piece)
		}
	}
	return err
}

func (b *backup) take(piece *hyperloomv1.BackupResponse) error {
	b.isUnderWay = true
	b.waits.reset()
	if b.mark.Bytes > 0 && b.mark.Position != piece.GetPosition() {
		return &writeError{&Error{
			Code: codes.OutOfRange, Message: "the broker began another backup instead of going on with this one: begin anew",
		}}
	}
	chunk := piece.GetChunk()
	written, err := b.to.Write(chunk)
	if written > 0 {
		b.mark.Position = piece.GetPosition()
		b.mark.Bytes += uint64(written)
		b.mark.Checksum = crc32.Update(b.mark.Checksum, crc32.IEEETable, chunk[:written])
	}
	// However long that took: it was not the broker.
	b.heard = time.Now()
	if err != nil {
		return &writeError{err}
	}
	return nil
}

// afterBreak waits before the next stream; an error where there is not to be one.
func (b *backup) afterBreak(ctx context.Context, broken *Error) error {
	if b.isUnderWay {
		broken = broken.outlived()
	}
	// A broker of before 0.2 tells no position, and would begin anew.
	canResume := b.mark.Bytes == 0 || b.mark.Position > 0
	wait := b.waits.next()
	isOver := time.Since(b.heard)+wait >= b.connection.timeout
	if !canResume || isOver || !(broken.isRetryable() || broken.isUnexplained()) {
		return broken
	}
	b.connection.logger.Debug("resuming a backup", "error", broken)
	if !pause(ctx, wait) {
		return errContext(ctx, "the backup")
	}
	return nil
}
