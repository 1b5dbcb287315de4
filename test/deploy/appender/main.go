// Workers on the Go SDK that append numbered lines to /log, for as long as standard input stays open: appender ADDRESS WORKERS. Each
// prints its name and how many of its lines were acknowledged. An error ends all of them.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"strconv"
	"sync"

	"hyperloom.dev/go/hyperloom"
)

func main() {
	workers, err := strconv.Atoi(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	over := make(chan struct{})
	go func() {
		io.Copy(io.Discard, os.Stdin)
		close(over)
	}()
	var all sync.WaitGroup
	for index := range workers {
		all.Go(func() { appendAll(fmt.Sprintf("go%d", index), over) })
	}
	all.Wait()
}

func appendAll(name string, over <-chan struct{}) {
	client, err := hyperloom.Connect(os.Args[1], hyperloom.Options{Author: name})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	for number := 0; ; number++ {
		select {
		case <-over:
			fmt.Println(name, number)
			return
		default:
		}
		if _, err := client.Append(context.Background(), "/log", fmt.Sprintf("%s.%d\n", name, number)); err != nil {
			log.Fatalf("%s: %v", name, err)
		}
	}
}
