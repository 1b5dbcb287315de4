/** One call of a tool: who makes it, and what it works with. */
import type { McpServer, ServerContext } from '@modelcontextprotocol/server';
import * as z from 'zod';

import { authorBytesMax } from '../base/limits.ts';
import type { Client, Ghost } from '../../clients/typescript/src/index.ts';
import type { Agents, WorkingAgent } from './agents.ts';
import type { Bridge } from './bridge.ts';

/** What every tool can be told. */
export const callerFields = {
  forest: z.string().optional().describe('Where it is not the default one.'),
  agent: z.string().min(1).max(authorBytesMax).optional().describe('Your name: the same in all calls.'),
};

/** Which agent a call says it comes from. */
export interface Caller {
  readonly forest?: string | undefined;
  readonly agent?: string | undefined;
}

/** A connection, or a single request where there is none. */
export interface Session {
  readonly bridge: Bridge;
  readonly server: McpServer;
  /** The agents of this session; `undefined` where nothing tells which calls belong together. */
  readonly agents: Agents | undefined;
}

export interface Call {
  readonly bridge: Bridge;
  readonly session: Session;
  readonly agent: WorkingAgent;
  readonly client: Client;
  readonly context: ServerContext;
  /** Aborts when the caller gives up. */
  readonly signal: AbortSignal;
  /** Runs work in the ghost, or on the trunk where none is named. */
  readonly within: <Result>(
    ghostId: string | undefined,
    work: (verbs: Client | Ghost) => Promise<Result>,
  ) => Promise<Result>;
}

/** Makes the call of a request. */
export function openCall(session: Session, caller: Caller, context: ServerContext): Call {
  const agent = agentOf(session, caller);
  return {
    bridge: session.bridge,
    session,
    agent,
    client: agent.client,
    context,
    signal: context.mcpReq.signal,
    within: (ghostId, work) => (ghostId === undefined ? work(agent.client) : agent.inGhost(ghostId, work)),
  };
}

/** The agent that a caller works as. */
export function agentOf({ bridge, server, agents }: Session, caller: Caller): WorkingAgent {
  const forest = caller.forest ?? bridge.options.forest;
  const name = caller.agent ?? ownName(bridge, server);
  if (agents !== undefined) return agents.named(forest, name);
  return caller.agent === undefined ? bridge.agents.passing(forest, name) : bridge.agents.named(forest, name);
}

/** The configured name, or what the MCP client calls itself. */
function ownName(bridge: Bridge, server: McpServer): string {
  const { author, isCallerKnown } = bridge.options;
  if (author !== '' || isCallerKnown) return author;
  const told = server.server.getClientVersion()?.name ?? '';
  return told === '' ? 'mcp' : shortened(told);
}

function shortened(name: string): string {
  let short = name;
  while (Buffer.byteLength(short) > authorBytesMax) short = short.slice(0, -1);
  return short;
}
