import { createServer, type Server, type Socket } from 'node:net';
import {
  createServer as createTlsServer,
  type SecureContextOptions,
  type Server as TlsServer,
  type TLSSocket,
} from 'node:tls';
import type { Clock } from '../../base/clock.ts';
import type { ListenOptions, TlsFiles } from '../transport.ts';
import { noteCertificate } from './client-certificate.ts';
import { type Accept, sniff } from './sniffer.ts';
import type { TransportLimits } from './transport-limits.ts';

/** The listening socket: counts connections and hands each to the protocol that it speaks. */
export class Port {
  readonly #clock: Clock;
  readonly #limits: TransportLimits;
  readonly #accept: Accept;
  readonly #sockets = new Set<Socket>();
  readonly #undecided = new Set<Socket>();
  #onEmpty: (() => void) | undefined;
  #server: Server | undefined;
  #secureServer: TlsServer | undefined;

  constructor(clock: Clock, limits: TransportLimits, accept: Accept) {
    this.#clock = clock;
    this.#limits = limits;
    this.#accept = accept;
  }

  async listen(options: ListenOptions): Promise<{ host: string; port: number }> {
    const server = options.tls === undefined ? this.#plain() : this.#secure(options.tls);
    this.#server = server;
    server.maxConnections = this.#limits.connectionsMax;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(options.port, options.host, () => {
        server.off('error', reject);
        // Running out of file descriptors while accepting is no reason to stop what is being served.
        server.on('error', () => undefined);
        resolve();
      });
    });
    const address = server.address();
    return {
      host: options.host,
      port: typeof address === 'object' && address !== null ? address.port : options.port,
    };
  }

  /** Takes other certificates for connections that come from now on. Throws for what cannot be used, and keeps the old ones. */
  renewTls(files: TlsFiles): void {
    this.#secureServer?.setSecureContext(contextOf(files));
  }

  /** Accepts no more, and closes connections that have not said anything yet. */
  stop(): void {
    this.#server?.close();
    for (const socket of this.#undecided) socket.destroy();
  }

  /** Resolves when all connections are closed, after `msMax` at the latest: then it cuts those that are left. */
  drained(msMax: number): Promise<void> {
    return new Promise((resolve) => {
      const cut = this.#clock.setTimer(msMax, () => {
        for (const socket of this.#sockets) socket.destroy();
      });
      this.#onEmpty = () => {
        cut.cancel();
        resolve();
      };
      if (this.#sockets.size === 0) this.#onEmpty();
    });
  }

  #plain(): Server {
    return createServer({ noDelay: true }, (socket) => {
      this.#track(socket);
      this.#undecided.add(socket);
      sniff(socket, this.#clock, this.#limits.firstBytesMsMax, (decided, protocol) => {
        this.#undecided.delete(decided);
        this.#accept(decided, protocol);
      });
    });
  }

  #secure(tls: TlsFiles): Server {
    const isAsked = tls.clientAuthority !== undefined;
    const server = createTlsServer({
      ...contextOf(tls),
      requestCert: isAsked,
      rejectUnauthorized: isAsked && tls.isClientOptional !== true,
      ALPNProtocols: ['h2', 'http/1.1'],
      handshakeTimeout: this.#limits.firstBytesMsMax,
      noDelay: true,
    });
    this.#secureServer = server;
    server.on('connection', (socket: Socket) => this.#track(socket));
    server.on('tlsClientError', (_error: Error, socket: TLSSocket) => socket.destroy());
    server.on('secureConnection', (socket: TLSSocket) => {
      socket.on('error', () => socket.destroy());
      if (isAsked && !socket.authorized && socket.getPeerX509Certificate() !== undefined) {
        // No certificate is one thing, a wrong one another.
        socket.destroy();
        return;
      }
      noteCertificate(socket);
      if (socket.alpnProtocol === 'h2') this.#accept(socket, 'http2');
      else this.#accept(socket, 'http1');
    });
    return server;
  }

  #track(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.#sockets.delete(socket);
      this.#undecided.delete(socket);
      if (this.#sockets.size === 0) this.#onEmpty?.();
    });
  }
}

function contextOf({ certificate, key, clientAuthority }: TlsFiles): SecureContextOptions {
  return {
    cert: certificate,
    key,
    minVersion: 'TLSv1.2',
    ...(clientAuthority === undefined ? {} : { ca: clientAuthority }),
  };
}
