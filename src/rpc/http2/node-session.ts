import { constants, type ServerHttp2Session } from 'node:http2';
import type { CertificateNames } from '../../access/caller.ts';
import { clientPingsBurst } from '../../base/limits.ts';
import { Allowance } from '../../transport/h2/allowance.ts';
import type { EngineClock } from '../../transport/h2/clock.ts';
import { certificateOf } from './client-certificate.ts';
import { peerOf, type Session } from './session.ts';

/** What an answer to a ping takes on the wire. */
const pongBytes = 17;

/** A connection of `node:http2`. */
export class NodeSession implements Session {
  readonly peer: string;
  readonly certificate: CertificateNames | undefined;
  readonly #session: ServerHttp2Session;
  readonly #pings: Allowance;
  #pongBytes = 0;
  /** What was sent beside answers to pings, when that was looked at last. */
  #saidBytes = 0;

  /** `clientPingMsMin`: how often the client may ping while it is sent nothing. */
  constructor(session: ServerHttp2Session, clock: EngineClock, clientPingMsMin: number) {
    this.#session = session;
    this.#pings = new Allowance(clock, clientPingsBurst, 1_000 / clientPingMsMin);
    session.on('ping', () => this.#countPing());
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

  /**
   * Whatever was sent earns pings: who measures the way to a peer, as grpc-go does, pings once for each round trip of a long answer. The engine tells
   * of no frames that it sends, so the bytes tell: all but the answers to pings themselves.
   */
  #countPing(): void {
    if (this.#session.destroyed) return;
    this.#pongBytes += pongBytes;
    const saidBytes = this.#session.socket.bytesWritten - this.#pongBytes;
    if (saidBytes > this.#saidBytes) {
      this.#saidBytes = saidBytes;
      this.#pings.give(clientPingsBurst);
    }
    if (this.#pings.take() || this.#session.destroyed) return;
    const code = constants.NGHTTP2_ENHANCE_YOUR_CALM;
    // The words are those of gRPC's servers: its clients then ping half as often.
    this.#session.goaway(code, this.#session.state.lastProcStreamID ?? 0, Buffer.from('too_many_pings'));
    this.#session.destroy(undefined, code);
  }
}
