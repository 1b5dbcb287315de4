// A client on plain grpc-go with a service config: plain ADDRESS FILE. For each line on standard input it reads the node /who, and prints
// what it says, or the error.
package main

import (
	"bufio"
	"context"
	"fmt"
	"log"
	"os"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	_ "google.golang.org/grpc/health"
	hyperloomv1 "hyperloom.dev/go/gen/hyperloom/v1"
)

func main() {
	config, err := os.ReadFile(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	channel, err := grpc.NewClient(
		os.Args[1],
		grpc.WithDefaultServiceConfig(string(config)),
		grpc.WithTransportCredentials(insecure.NewCredentials()),
	)
	if err != nil {
		log.Fatal(err)
	}
	defer channel.Close()
	client := hyperloomv1.NewContextServiceClient(channel)
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		answer, err := client.Get(context.Background(), &hyperloomv1.GetRequest{Path: "/who"})
		if err != nil {
			fmt.Println("error:", err)
		} else {
			fmt.Println(answer.GetNode().GetValue().GetText())
		}
	}
}
