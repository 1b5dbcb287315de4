// A client of brokers on the Go SDK, which finds them by whatever target it is given, such as xds:///hyperloom. For each line on standard
// input it reads the node /who, and prints what it says, or the error.
package main

import (
	"bufio"
	"context"
	"fmt"
	"log"
	"os"
	"time"

	_ "google.golang.org/grpc/xds"
	"hyperloom.dev/go/hyperloom"
)

func main() {
	// No basis: the brokers of the test share nothing, so that none has what another has shown.
	client, err := hyperloom.Connect(os.Args[1], hyperloom.Options{NoBasis: true})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		node, err := client.Get(ctx, "/who")
		cancel()
		if err != nil {
			fmt.Println("error:", err)
		} else {
			fmt.Println(node.Value)
		}
	}
}
