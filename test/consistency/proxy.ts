/** A TCP proxy between clients and the broker: cuts connections, or holds everything back for a while. */
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { once } from 'node:events';

export class Proxy {
  readonly #server: Server;
  readonly #target: () => number;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #isHolding = false;

  /** `target` tells the broker's port, whenever somebody connects. */
  constructor(target: () => number) {
    this.#target = target;
    this.#server = createServer({ allowHalfOpen: true }, (client) => this.#accept(client));
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return `127.0.0.1:${address.port}`;
  }

  /** Cuts connections in both directions, each if `isChosen` says so; how many. */
  cut(isChosen: () => boolean): number {
    const chosen = [...this.#pairs].filter(isChosen);
    for (const pair of chosen) for (const socket of pair) socket.resetAndDestroy();
    return chosen.length;
  }

  /** Nothing gets through until `release`, and no connection breaks: what is on its way waits. */
  hold(): void {
    this.#isHolding = true;
    for (const pair of this.#pairs) for (const socket of pair) socket.pause();
  }

  release(): void {
    this.#isHolding = false;
    for (const pair of this.#pairs) for (const socket of pair) socket.resume();
  }

  close(): void {
    this.cut(() => true);
    this.#server.close();
  }

  #accept(client: Socket): void {
    const broker = connect({ port: this.#target(), host: '127.0.0.1', allowHalfOpen: true });
    const pair = [client, broker] as const;
    this.#pairs.add(pair);
    for (const [from, to] of [pair, [broker, client] as const]) {
      from.setNoDelay(true);
      from.on('data', (bytes) => {
        if (!to.write(bytes)) from.pause();
      });
      to.on('drain', () => {
        if (!this.#isHolding) from.resume();
      });
      from.on('end', () => to.end());
      from.on('error', () => to.destroy());
      from.on('close', () => {
        to.destroy();
        this.#pairs.delete(pair);
      });
      if (this.#isHolding) from.pause();
    }
  }
}
