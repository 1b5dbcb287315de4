// Package hyperloom is the Go client of Hyperloom, the memory graph and context broker for fleets of AI agents.
//
//	client, err := hyperloom.Connect("127.0.0.1:7400", hyperloom.Options{Author: "researcher"})
//	…
//	defer client.Close()
//	client.Put(ctx, "/session_1/task", map[string]any{"goal": "compare three databases", "budget": 12})
//	client.Append(ctx, "/session_1/notes", []string{"etcd keeps one sorted key space"})
//
// Agents publish what changed ([Client.Publish]), read and watch the subtree that they need ([Client.Get], [Client.List],
// [Client.Subscribe]), try what may go wrong in ghosts ([Client.Speculate], [Client.Ghost], [Client.Race]), and lock what is
// dear to redo ([Client.WithLock]).
//
// Calls retry while the broker is away, until the deadline of their context, or for the client's timeout where it has none;
// request ids make sure that nothing takes effect twice. Errors are [*Error]; decide by kind and reason.
package hyperloom
