import type { Duplex } from 'node:stream';
import type { EngineClock } from './clock.ts';
import { type ConnectionListener, Http2Connection } from './connection.ts';
import { FlushTurn } from './flush-turn.ts';
import { http2Limits, type Http2Limits } from './limits.ts';

/** An HTTP/2 server without a port: it takes over sockets whose other side speaks, or will speak, HTTP/2. */
export class Http2Engine {
  readonly #clock: EngineClock;
  readonly #limits: Http2Limits;
  readonly #turn: FlushTurn;

  /** `turn`: given by an owner that gathers what it sends until the end of a turn, so that it leaves in the same one. */
  constructor(clock: EngineClock, limits: Partial<Http2Limits> = {}, turn = new FlushTurn()) {
    this.#clock = clock;
    this.#limits = http2Limits(limits);
    this.#turn = turn;
  }

  /** Begins to serve a socket, or a TLS socket, that has not been read from: the preface must still come. */
  accept(socket: Duplex, listener: ConnectionListener): Http2Connection {
    return new Http2Connection(socket, {
      clock: this.#clock,
      limits: this.#limits,
      turn: this.#turn,
      listener,
    });
  }
}
