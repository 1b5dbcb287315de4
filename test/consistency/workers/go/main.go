// A worker on the Go SDK, a process of its own: ADDRESS NAME SEED FILE AUTHORITY. Works until a line comes on its standard input, says `quiet` when
// all that it had begun has ended, and ends when its subscribers have seen the end; at once where its input is closed. The agents are those
// of the workers in TypeScript and Python.
package main

import (
	"bufio"
	"cmp"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"google.golang.org/grpc/credentials"
)

// The forests of a run.
const (
	first  = "default"
	second = "second"
)

// Who works where.
var jobs = []struct {
	forest string
	work   func(*agent)
}{
	{first, readAndWrite},
	{first, workInGhosts},
	{first, workUnderLocks},
	{first, intrude},
	{first, bePresent},
	{first, lookAround},
	{first, readAndWrite},
	{first, review},
	{second, readAndWrite},
	{second, workInGhosts},
	{second, workUnderLocks},
}

func main() {
	if len(os.Args) != 6 {
		fmt.Fprintln(os.Stderr, "usage: consistency-worker ADDRESS NAME SEED FILE AUTHORITY")
		os.Exit(2)
	}
	seed, err := strconv.ParseUint(os.Args[3], 10, 64)
	if err == nil {
		err = run(os.Args[1], os.Args[2], seed, os.Args[4], os.Args[5])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(address, name string, seed uint64, path, authority string) error {
	record, err := openRecord(path)
	if err != nil {
		return err
	}
	// Without an authority it speaks without TLS.
	var secure credentials.TransportCredentials
	if authority != "" {
		if secure, err = credentials.NewClientTLSFromFile(authority, ""); err != nil {
			return err
		}
	}
	isOpen := &atomic.Bool{}
	isOpen.Store(true)
	chance := rand.New(rand.NewPCG(seed, 0))
	everyone := crew{address: address, secure: secure, name: name, chance: chance, record: record, isOpen: isOpen}
	go listen(isOpen)
	fmt.Println("ready")
	followers := []following{
		{forest: first, prefix: "/", itemsMax: 200},
		{forest: first, prefix: "/log", pauseMsMax: 12, itemsMax: 40},
		{forest: first, prefix: "/", pauseMsMax: 3_000, itemsMax: 2_000},
		{forest: second, prefix: "/", itemsMax: 200},
	}
	var followed, worked sync.WaitGroup
	inUse := strings.Split(cmp.Or(os.Getenv("CONSISTENCY_FORESTS"), first+","+second), ",")
	for index, how := range followers {
		if !slices.Contains(inUse, how.forest) {
			continue
		}
		a, err := everyone.agent(fmt.Sprintf("f%d", index), how.forest)
		if err != nil {
			return err
		}
		followed.Go(func() { follow(a, how) })
	}
	for index, job := range jobs {
		if !slices.Contains(inUse, job.forest) {
			continue
		}
		a, err := everyone.agent(fmt.Sprintf("w%d", index), job.forest)
		if err != nil {
			return err
		}
		worked.Go(func() { job.work(a) })
	}
	worked.Wait()
	fmt.Println("quiet")
	followed.Wait()
	return nil
}

// A line ends the work, the end of the input everything.
func listen(isOpen *atomic.Bool) {
	input := bufio.NewReader(os.Stdin)
	for {
		if _, err := input.ReadString('\n'); err != nil {
			os.Exit(0)
		}
		isOpen.Store(false)
	}
}
