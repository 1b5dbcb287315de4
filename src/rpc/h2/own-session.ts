import type { Socket } from 'node:net';
import type { Http2Connection } from '../../transport/h2/connection.ts';
import type { CertificateNames } from '../../access/caller.ts';
import { certificateOf } from '../http2/client-certificate.ts';
import { peerOf, type Session } from '../http2/session.ts';

/** A connection of our own engine. */
export class OwnSession implements Session {
  readonly peer: string;
  readonly certificate: CertificateNames | undefined;
  readonly #connection: Http2Connection;
  readonly #onClose: (() => void)[] = [];

  constructor(connection: Http2Connection, socket: Socket) {
    this.#connection = connection;
    this.certificate = certificateOf(socket);
    this.peer = peerOf(socket.remoteAddress, socket.remotePort);
  }

  get isClosed(): boolean {
    return this.#connection.isClosed;
  }

  onClose(callback: () => void): void {
    this.#onClose.push(callback);
  }

  /** For the engine's listener. */
  closed(): void {
    for (const callback of this.#onClose) callback();
  }

  ping(answered: () => void): boolean {
    if (this.#connection.isClosed) return false;
    this.#connection.ping(answered);
    return true;
  }

  leave(): void {
    this.#connection.leave();
  }

  destroy(): void {
    this.#connection.destroy();
  }
}
