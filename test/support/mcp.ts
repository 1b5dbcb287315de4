/** The official MCP client, connected to a broker in every way that there is. */
import { fileURLToPath } from 'node:url';

import { Client, StreamableHTTPClientTransport, type ClientOptions } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';

import type { TestBroker } from './broker.ts';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** How a client comes in, and which protocol it speaks. */
export interface Way {
  readonly transport: 'http' | 'stdio';
  readonly era: '2025-11-25' | '2026-07-28';
}

export const ways: readonly Way[] = [
  { transport: 'http', era: '2025-11-25' },
  { transport: 'http', era: '2026-07-28' },
  { transport: 'stdio', era: '2025-11-25' },
  { transport: 'stdio', era: '2026-07-28' },
];

export interface McpOptions extends ClientOptions {
  readonly name?: string;
  /** Arguments of `hyperloom mcp`. */
  readonly commandArguments?: readonly string[];
  /** Variables of its environment, which say where the broker is; the arguments do not, then. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Connects a client. Whoever asks for it closes it. */
export async function connectMcp(
  { url }: Pick<TestBroker, 'url'>,
  { transport, era }: Way,
  { name = 'tester', commandArguments = [], environment, ...options }: McpOptions = {},
): Promise<Client> {
  const mode = era === '2025-11-25' ? 'legacy' : ({ pin: era } as const);
  const client = new Client({ name, version: '1.0.0' }, { ...options, versionNegotiation: { mode } });
  await client.connect(
    transport === 'http'
      ? new StreamableHTTPClientTransport(new URL('/mcp', url))
      : new StdioClientTransport({
          command: process.execPath,
          args: [
            main,
            ...(environment === undefined ? ['--address', url.replace('http://', '')] : []),
            'mcp',
            ...commandArguments,
          ],
          ...(environment === undefined ? {} : { env: { ...environment } }),
          stderr: 'inherit',
        }),
  );
  return client;
}

/** What a tool answers: its structure, or the text of a refusal. */
export interface Called {
  readonly isError: boolean;
  readonly text: string;
  readonly structured: Readonly<Record<string, unknown>>;
}

/** Calls a tool. */
export async function callTool(
  client: Client,
  name: string,
  given: Readonly<Record<string, unknown>> = {},
): Promise<Called> {
  const result = await client.callTool({ name, arguments: { ...given } });
  const [first] = result.content;
  return {
    isError: result.isError === true,
    text: first?.type === 'text' ? first.text : '',
    structured: (result.structuredContent ?? {}) as Readonly<Record<string, unknown>>,
  };
}
