/** What all MCP connections of a process share: the way to the broker, and what is bounded for all of them together. */
import {
  createRequestStateCodec,
  type McpServer,
  type RequestStateCodec,
} from '@modelcontextprotocol/server';

import type { Clock } from '../base/clock.ts';
import { mcpWaitsMax } from '../base/limits.ts';
import type { Random } from '../base/random.ts';
import type { AgentOptions, Client } from '../../clients/typescript/src/index.ts';
import { Agents } from './agents.ts';
import type { AskedOf } from './asked-of.ts';
import type { Grants } from './grants.ts';
import { Watches } from './resources/watches.ts';
import { Stopping } from './stopping.ts';
import { WrongUse } from './wrong-use.ts';

export interface BridgeOptions {
  /** Opens a connection to the broker. */
  readonly open: (agent: AgentOptions) => Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly version: string;
  /** The forest of calls that name none. */
  readonly forest: string;
  /** The name of agents that give none. Empty: what the MCP client calls itself. */
  readonly author: string;
  /** The broker knows who calls, and puts that name to what is done: what the MCP client calls itself is none that it may speak as. */
  readonly isCallerKnown: boolean;
  /** That name, where it is known here. Otherwise it is seen with the first ghost that is begun. */
  readonly principal?: string;
  /** The tools that callers may use. */
  readonly grants: Grants;
  /** Reads the page that shows the tree as an app; `undefined` where it was not built. */
  readonly treePage: (() => Promise<string>) | undefined;
  /** Adds to each server what is not the bridge's own. */
  readonly extend?: (server: McpServer) => void;
  /** Is told of the bridge's own mistakes. */
  readonly onError: (error: unknown) => void;
}

export class Bridge {
  readonly options: BridgeOptions;
  /** Agents that name themselves in calls that belong to no session. */
  readonly agents: Agents;
  readonly watches: Watches;
  /** Seals what travels through the client between a question and its answer. */
  readonly asked: RequestStateCodec<AskedOf>;
  readonly #stopping = new AbortController();
  #client: Client | undefined;
  #waiting = 0;
  #principal: string;

  constructor(options: BridgeOptions) {
    this.options = options;
    this.#principal = options.principal ?? '';
    this.agents = new Agents(() => this.client);
    this.watches = new Watches(() => this.client, options.clock, options.onError);
    this.asked = createRequestStateCodec<AskedOf>({ key: randomKey(options.random) });
  }

  /** The connection that all work goes over, opened when it is first needed. */
  get client(): Client {
    this.#client ??= this.options.open({ trackBasis: false });
    return this.#client;
  }

  /** In whose name the broker does what callers do who name no agent; empty as long as that has not been seen. */
  get principal(): string {
    return this.#principal;
  }

  /** Notes in whose name the broker has done something for a caller who named no agent. */
  seenAs(principal: string): void {
    this.#principal = principal;
  }

  /**
   * Works over a connection that is closed afterwards: what is begun over it lives by its own ttl. A connection would go on giving
   * signs of life for an agent that may be gone.
   */
  async briefly<Result>(agent: AgentOptions, work: (client: Client) => Promise<Result>): Promise<Result> {
    const client = this.options.open({ ...agent, trackBasis: false });
    try {
      return await work(client);
    } finally {
      client.destroy();
    }
  }

  /** Runs a call that may wait for others for so long. The signal that `work` is given aborts also when nothing is waited for any more. */
  async waiting<Result>(
    waitMs: number,
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    if (waitMs === 0) return work(signal);
    if (this.#waiting >= mcpWaitsMax)
      throw new WrongUse(
        `${mcpWaitsMax} calls are waiting already, which is all there is room for; call again later`,
      );
    this.#waiting += 1;
    try {
      return await work(AbortSignal.any([signal, this.#stopping.signal]));
    } finally {
      this.#waiting -= 1;
    }
  }

  /** Ends what waits for others, now and from now on, with {@link Stopping}. All else goes on. */
  stopWaiting(): void {
    this.#stopping.abort(new Stopping());
  }

  close(): void {
    this.watches.close();
    this.#client?.destroy();
  }
}

const keyBytes = 32;

function randomKey(random: Random): Uint8Array {
  return Uint8Array.from({ length: keyBytes }, () => random.below(256));
}
