/**
 * The bridge's own endpoint with the conformance suite's fixtures added, in front of a real broker. Prints its address, and ends with its
 * standard input.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { McpServer, RequestStateCodec } from '@modelcontextprotocol/server';
import * as z from 'zod';

import { connect } from '../../clients/typescript/src/index.ts';
import { systemClock } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import { Bridge } from '../../src/mcp/bridge.ts';
import { mcpTreePage } from '../../src/mcp-tree-page.ts';
import { allGrants } from '../../src/mcp/grants.ts';
import { Endpoint } from '../../src/mcp/http/endpoint.ts';
import { startTestBroker } from '../support/broker.ts';
import { text } from './fixtures/contents.ts';
import { addAskingTools, addTalkingTools } from './fixtures/legacy.ts';
import { addPlainTools, addPrompts, addResources } from './fixtures/plain.ts';
import { addRounds } from './fixtures/rounds.ts';

const broker = await startTestBroker();
const bridge: Bridge = new Bridge({
  open: (agent) => connect(broker.url.replace('http://', ''), agent),
  clock: systemClock,
  random: systemRandom,
  version: '0.0.0-test',
  forest: 'default',
  author: '',
  isCallerKnown: false,
  grants: allGrants,
  treePage: mcpTreePage(),
  extend: addFixtures,
  onError: (error) => console.error(error),
});
const endpoint: Endpoint = new Endpoint(bridge, { hosts: ['localhost', '127.0.0.1', '[::1]'] });

function addFixtures(server: McpServer): void {
  addPlainTools(server);
  addTalkingTools(server);
  addAskingTools(server);
  addResources(server);
  addPrompts(server);
  addRounds(server, bridge.asked as unknown as RequestStateCodec<Readonly<Record<string, unknown>>>);
  const config = { description: 'tells that a list has changed', inputSchema: z.object({}) };
  server.registerTool('test_trigger_tool_change', config, () => {
    endpoint.notify.toolsChanged();
    return { content: [text('told')] };
  });
  server.registerTool('test_trigger_prompt_change', config, () => {
    endpoint.notify.promptsChanged();
    return { content: [text('told')] };
  });
}

const server = createServer((request, response) => void endpoint.handle(request, response));
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(
    `${JSON.stringify({ fixtures: `http://127.0.0.1:${port}/mcp`, broker: `${broker.url}/mcp` })}\n`,
  );
});
process.stdin.resume().once('end', () => process.exit(0));
