package hyperloom_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"hyperloom.dev/go/hyperloom"
)

func TestForestsComeAndGoAndAreApart(t *testing.T) {
	ctx, client, tree := world(t)
	name := strings.TrimPrefix(tree, "/")
	created, err := client.Forests().Create(ctx, name)
	must(t, err)
	equal(t, created.Name, name)
	_, err = client.Forests().Create(ctx, name)
	is(t, err, hyperloom.ErrAlreadyExists)
	apart := client.In(name)
	equal(t, apart.Forest()+" "+apart.Author(), name+" tester")
	published, err := apart.Put(ctx, "/a", 1)
	must(t, err)
	equal(t, published.Revision, 1)
	_, err = client.Get(ctx, "/a")
	is(t, err, hyperloom.ErrNotFound)
	forests, err := client.Forests().List(ctx)
	must(t, err)
	if !slices.ContainsFunc(forests, func(each *hyperloom.Forest) bool { return each.Name == name }) {
		t.Fatal("it is not listed")
	}
	must(t, client.Forests().Delete(ctx, name))
	_, err = apart.Get(ctx, "/a")
	is(t, err, hyperloom.ReasonForestNotFound)
	is(t, client.Forests().Delete(ctx, "default"), hyperloom.ReasonForestProtected)
}

func TestABackupIsRestoredAsAnotherForest(t *testing.T) {
	ctx, client, tree := world(t)
	name := strings.TrimPrefix(tree, "/")
	must(t, second(client.Forests().Create(ctx, name)))
	apart := client.In(name)
	must(t, second(apart.Put(ctx, "/a", strings.Repeat("x", 200_000))))
	var backup bytes.Buffer
	must(t, client.Forests().Backup(ctx, name, &backup))
	restored, err := client.Forests().Restore(ctx, name+"_again", bytes.NewReader(backup.Bytes()))
	must(t, err)
	equal(t, restored.Revision, 1)
	node, err := client.In(name+"_again").Get(ctx, "/a")
	must(t, err)
	equal(t, node.ValueBytes, 200_000)
	status, err := client.In(name+"_again").Status(ctx, true)
	must(t, err)
	equal(t, status.Forest.Nodes, 1)
	equal(t, len(status.StateHash), 32)

	damaged := bytes.Clone(backup.Bytes())
	damaged[len(damaged)/2] ^= 1
	_, err = client.Forests().Restore(ctx, name+"_damaged", bytes.NewReader(damaged))
	is(t, err, hyperloom.ReasonBackupDamaged)
	is(t, client.Forests().Backup(ctx, "nowhere", &backup), hyperloom.ReasonForestNotFound)
}

// killing writes to a buffer, and calls back when the first bytes have come.
type killing struct {
	bytes.Buffer
	kill func()
}

func (k *killing) Write(piece []byte) (int, error) {
	if k.kill != nil {
		k.kill()
		k.kill = nil
	}
	return k.Buffer.Write(piece)
}

// failing takes so many pieces.
type failing struct {
	bytes.Buffer
	pieces int
}

var errFull = errors.New("no room")

func (f *failing) Write(piece []byte) (int, error) {
	if f.pieces == 0 {
		return 0, errFull
	}
	f.pieces--
	return f.Buffer.Write(piece)
}

func TestABackupGoesOnWhereItWasAcrossAKill(t *testing.T) {
	own := ownBroker(t)
	client := connect(t, own, "keeper")
	ctx := t.Context()
	// More than connections hold on their way, so that there is something left when one breaks.
	for index := range 8 {
		must(t, second(client.Put(ctx, fmt.Sprintf("/large/%d", index), bytes.Repeat([]byte{byte(index)}, 2_000_000))))
	}
	var whole bytes.Buffer
	must(t, client.Forests().Backup(ctx, "", &whole))

	killed := killing{kill: func() {
		must(t, second(client.Put(ctx, "/large/3", "changed since")))
		own.restart(t)
	}}
	must(t, client.Forests().Backup(ctx, "", &killed))
	// Byte for byte that of the moment when it was begun.
	equal(t, bytes.Equal(killed.Bytes(), whole.Bytes()), true)
}

func TestABackupIsGoneOnWithByAnotherProcess(t *testing.T) {
	own := ownBroker(t)
	ctx := t.Context()
	var whole bytes.Buffer
	var mark hyperloom.BackupMark
	part := failing{pieces: 2}
	func() {
		client := connect(t, own, "keeper")
		must(t, second(client.Put(ctx, "/large", bytes.Repeat([]byte{7}, 1_000_000))))
		must(t, client.Forests().Backup(ctx, "", &whole))
		is(t, client.Forests().Backup(ctx, "", &part, hyperloom.ResumeBackup(&mark)), errFull)
		must(t, second(client.Put(ctx, "/large", "changed since")))
	}()
	equal(t, mark.Bytes, uint64(part.Len()))
	own.restart(t)
	client := connect(t, own, "keeper")
	other := mark
	other.Checksum ^= 1
	is(t, client.Forests().Backup(ctx, "", &part, hyperloom.ResumeBackup(&other)), hyperloom.ErrInvalidRequest)
	other = mark
	other.Position += 1_000
	is(t, client.Forests().Backup(ctx, "", &part, hyperloom.ResumeBackup(&other)), hyperloom.ErrRevision)
	part.pieces = 1_000
	must(t, client.Forests().Backup(ctx, "", &part, hyperloom.ResumeBackup(&mark)))
	equal(t, bytes.Equal(part.Bytes(), whole.Bytes()), true)
}

func TestACompactedRevisionIsGone(t *testing.T) {
	ctx, client, tree := world(t)
	name := strings.TrimPrefix(tree, "/")
	must(t, second(client.Forests().Create(ctx, name)))
	apart := client.In(name)
	for index := range 3 {
		must(t, second(apart.Put(ctx, "/a", index)))
	}
	compacted, err := client.Forests().Compact(ctx, name, 3)
	must(t, err)
	equal(t, compacted.CompactedRevision, 3)
	_, err = apart.Get(ctx, "/a", hyperloom.AtRevision(1))
	is(t, err, hyperloom.ErrRevision)
	equal(t, hyperloom.Of(err).OldestRevision(), 3)
	_, err = apart.Subscribe(ctx, hyperloom.SubscribeOptions{Start: hyperloom.AfterRevision(1)}, "/**")
	is(t, err, hyperloom.ReasonRevisionCompacted)
}
