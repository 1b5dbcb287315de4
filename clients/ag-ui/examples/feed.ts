/**
 * A front end's copy of what agents work on, kept up to date by AG-UI. Works offline. Wants a broker (`npx hyperloom serve`).
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HttpAgent } from '@ag-ui/client';
import { feedHandler, nodeListener, resumeOf } from '@hyperloom/ag-ui';
import { connect } from '@hyperloom/client';

await using client = connect(); // HYPERLOOM_ADDRESS, or 127.0.0.1:7400
await client.delete('/session 1');
await client.put('/session 1/task', 'compare three databases');
await client.put('/session 1/notes', []);

// The endpoint: each run is told the subtree. In Next.js or Hono, feedHandler(…) alone is the route.
const handler = feedHandler(client, (input) => ({ state: '/session 1', ...resumeOf(input) }));
const server = createServer(nodeListener(handler)).listen(0, '127.0.0.1');
await new Promise((listening) => server.on('listening', listening));
const { port } = server.address() as AddressInfo;

// The front end.
const agent = new HttpAgent({ url: `http://127.0.0.1:${port}/` });
agent.subscribe({
  onStateSnapshotEvent: async ({ event }) => {
    console.log(event.type, JSON.stringify(event.snapshot));
    // An agent, anywhere.
    await client.append('/session 1/notes', ['etcd sorts its keys']);
    await client.put('/session 1/task', 'done');
  },
  onStateDeltaEvent: ({ event }) => console.log(event.type, JSON.stringify(event.delta)),
  onStateChanged: ({ state }) => {
    if (state.task === 'done') agent.abortRun();
  },
});
await agent.runAgent().catch(() => undefined);
console.log('the copy:', JSON.stringify(agent.state));
server.closeAllConnections();
server.close();
