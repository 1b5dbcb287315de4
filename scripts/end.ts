/** How a script ends that started processes and opened sockets. */

/**
 * Ends the process at once, whatever is still open. Left to end by itself, Node 24 now and then waits for ever for a thread that compiles, which
 * waits for Node (nodejs/node#54918); and whoever waits for a script must not wait for a forgotten handle either.
 */
export function endWith(code: number): never {
  process.exit(code);
}
