/** AG-UI's own client at a real endpoint. */
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import { HttpAgent } from '@ag-ui/client';
import type { BaseEvent } from '@ag-ui/core';
import type { Client } from '@hyperloom/client';
import { feedHandler, nodeListener, resumeOf, type ChooseFeed } from '../../src/index.ts';

/** An endpoint that feeds what each run asks for. */
export class Endpoint implements AsyncDisposable {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(client: Client, choose: ChooseFeed): Promise<Endpoint> {
    const server = createServer(nodeListener(feedHandler(client, choose)));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Endpoint(server);
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}/`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** A subtree as a run's state; it goes on from where the agent stands. */
export function stateAt(path: string): ChooseFeed {
  return (input) => ({ state: path, ...resumeOf(input) });
}

/** An agent whose copy is looked at. */
export class Watcher {
  readonly agent: HttpAgent;
  readonly events: BaseEvent[] = [];
  /** The revision that its copy stands at. */
  revision = 0;
  #changed = Promise.withResolvers<void>();

  constructor(url: string) {
    this.agent = new HttpAgent({ url });
    this.agent.subscribe({
      onEvent: ({ event }) => void this.events.push(event),
      onStateChanged: () => this.#look(),
      onMessagesChanged: () => this.#look(),
    });
  }

  /** Runs to the end, or until a condition holds. */
  async run(until?: () => boolean | Promise<boolean>, hyperloom: object = {}): Promise<void> {
    const run = this.agent.runAgent({ forwardedProps: { hyperloom } });
    if (until !== undefined) {
      const isOver = run.then(() => 'over' as const);
      while (!(await until())) {
        if ((await Promise.race([this.#changed.promise, isOver])) === 'over') break;
      }
      this.agent.abortRun();
    }
    await run.catch((error: unknown) => {
      if (!String(error).includes('abort')) throw error;
    });
  }

  /** Resolves when the copy is this. */
  async sees(state: unknown): Promise<void> {
    while (!isDeepStrictEqual(this.agent.state, state)) await this.#changed.promise;
  }

  /** Names of the events of the last run. */
  types(): readonly string[] {
    return this.events.splice(0).map(({ type }) => type);
  }

  #look(): void {
    for (const { metadata } of this.events) {
      const { revision = 0 } = (metadata?.['hyperloom'] ?? {}) as { revision?: number };
      this.revision = Math.max(this.revision, revision);
    }
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}
