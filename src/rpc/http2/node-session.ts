import { constants, type ServerHttp2Session } from 'node:http2';
import type { CertificateNames } from '../../access/caller.ts';
import { certificateOf } from './client-certificate.ts';
import { peerOf, type Session } from './session.ts';

/** A connection of `node:http2`. */
export class NodeSession implements Session {
  readonly peer: string;
  readonly certificate: CertificateNames | undefined;
  readonly #session: ServerHttp2Session;

  constructor(session: ServerHttp2Session) {
    this.#session = session;
    this.certificate = certificateOf(session.socket);
    this.peer = peerOf(session.socket.remoteAddress, session.socket.remotePort);
  }

  get isClosed(): boolean {
    return this.#session.destroyed;
  }

  onClose(callback: () => void): void {
    this.#session.on('close', callback);
  }

  ping(answered: () => void): boolean {
    return this.#session.ping(answered);
  }

  leave(): void {
    if (!this.#session.closed) this.#session.close();
  }

  destroy(): void {
    this.#session.destroy(undefined, constants.NGHTTP2_NO_ERROR);
  }
}
