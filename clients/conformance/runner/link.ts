/** A way to the broker that can be cut: everything that comes to its port goes on to the broker's. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

import { testTls } from '../../../test/support/tls.ts';

/** Where a link leads to, on loopback. */
export interface Destination {
  readonly port: number;
  /** The far side has TLS, with the certificate of the tests; the near side has none, so that no client needs to know. */
  readonly isSecret: boolean;
}

export class Link {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #problem = '';

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Opens a port of its own that leads to a destination, which may be another at each connection. */
  static async to(destination: () => Destination): Promise<Link> {
    const server = createServer();
    const link = new Link(server);
    server.on('connection', (near) => link.#join(near, destination()));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return link;
  }

  /** Why the far side could not be spoken with, the last time; empty where it could. A client sees no more than the end of its connection. */
  get problem(): string {
    return this.#problem;
  }

  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Cuts what is connected, without a word. New connections are taken. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** Cuts everything, for good. */
  close(): void {
    this.#server.close();
    this.cut();
  }

  #join(near: Socket, { port, isSecret }: Destination): void {
    const wire = connect({ host: '127.0.0.1', port });
    const far = isSecret
      ? connectTls({ socket: wire, servername: 'localhost', ca: testTls.certificate, ALPNProtocols: ['h2'] })
      : wire;
    // What is cut is the connections themselves: of TLS that is still beginning Node cannot let go, and never ends.
    for (const socket of [near, wire]) {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        near.destroy();
        wire.destroy();
      });
    }
    for (const socket of new Set([near, wire, far])) socket.on('error', () => near.destroy());
    for (const socket of new Set([wire, far]))
      socket.on('error', ({ message }) => {
        this.#problem = `${message}, to port ${port} after ${wire.bytesRead} bytes`;
      });
    near.pipe(far).pipe(near);
  }
}
