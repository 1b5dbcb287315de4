// Reads at a broker whose NATS stands still, and tells how old answers say that they may be: test/jetstream/ages.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"log"
	"os"
	"strconv"
	"time"

	"hyperloom.dev/go/hyperloom"
)

const (
	where = "/session"
	note  = where + "/note"
	away  = 1_500 * time.Millisecond
)

// ages in milliseconds, by what was read; nil where an answer says nothing of it.
type ages map[string]*float64

func ms(age *time.Duration) *float64 {
	if age == nil {
		return nil
	}
	told := float64(*age) / float64(time.Millisecond)
	return &told
}

func isOld(age *time.Duration) bool { return age != nil && *age >= away }

func isYoung(age *time.Duration) bool { return !isOld(age) }

func must[T any](result T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return result
}

// old reads until the answer is.
func old(read func() *time.Duration) *float64 {
	for {
		if age := read(); isOld(age) {
			return ms(age)
		}
	}
}

func missing(ctx context.Context, client *hyperloom.Client) *time.Duration {
	_, err := client.Get(ctx, where+"/none", hyperloom.Stale())
	var refused *hyperloom.Error
	if !errors.As(err, &refused) || !errors.Is(err, hyperloom.ErrNotFound) {
		log.Fatal(err)
	}
	told, known := refused.Metadata["age_ms"]
	if !known {
		return nil
	}
	age := time.Duration(must(strconv.Atoi(told))) * time.Millisecond
	return &age
}

// bookmark is the age of the next one that is wanted.
func bookmark(watched *hyperloom.Subscription, wanted func(*time.Duration) bool) *float64 {
	for item, err := range watched.Items() {
		if mark, is := must(item, err).(*hyperloom.Bookmark); is && wanted(mark.Age) {
			return ms(mark.Age)
		}
	}
	log.Fatal("the subscription ended")
	return nil
}

func main() {
	ctx := context.Background()
	client := must(hyperloom.Connect("", hyperloom.Options{Author: "go", Timeout: 2 * time.Minute}))
	defer client.Close()
	marks := hyperloom.SubscribeOptions{Bookmarks: true, BookmarkInterval: 100 * time.Millisecond}
	watched := must(client.Subscribe(ctx, marks, where+"/**"))
	defer watched.Close()
	told := json.NewEncoder(os.Stdout)
	tell := func(said ages) { must(0, told.Encode(said)) }
	lines := bufio.NewReader(os.Stdin)

	for item, err := range watched.Items() {
		if must(item, err).(*hyperloom.Snapshot).Age == nil {
			log.Fatal("the snapshot says nothing of its age")
		}
		break
	}
	tell(ages{"linearizable": ms(must(client.Get(ctx, note, hyperloom.Linearizable())).Age)})
	must(lines.ReadString('\n'))
	stale := hyperloom.Stale()
	first := func() hyperloom.Page[*hyperloom.Node] {
		for page, err := range client.List(where, hyperloom.Listing{}, stale).Pages(ctx) {
			return must(page, err)
		}
		panic("there is a first page")
	}
	context := hyperloom.RenderOptions{TokenBudget: 1_000}
	part := hyperloom.RenderPart{Pattern: where + "/**"}
	tell(ages{
		"bookmark": bookmark(watched, isOld),
		"get":      old(func() *time.Duration { return must(client.Get(ctx, note, stale)).Age }),
		"batchGet": old(func() *time.Duration { return must(client.BatchGet(ctx, []string{note}, stale))[0].Age }),
		"page":     old(func() *time.Duration { return first().Age }),
		"listed":   old(func() *time.Duration { return first().Items[0].Age }),
		"rendered": old(func() *time.Duration { return must(client.RenderContext(ctx, context, part)).Age }),
		"window":   old(func() *time.Duration { return must(client.ContextWindow(context, part).Update(ctx)).Age }),
		"missing":  old(func() *time.Duration { return missing(ctx, client) }),
	})
	must(lines.ReadString('\n'))
	tell(ages{"bookmark": bookmark(watched, isYoung)})
}
