import type { CertificateNames } from '../../access/caller.ts';
import type { Clock, Timer } from '../../base/clock.ts';
import { lastWordsMsMax } from '../../base/limits.ts';
import type { Random } from '../../base/random.ts';
import { reject, type Rejection } from '../../state/outcome.ts';
import { Refused } from '../errors.ts';
import { Leaving } from './leaving.ts';
import type { Session } from './session.ts';
import type { TransportLimits } from './transport-limits.ts';

/** A call as its connection sees it. */
export interface ConnectionCall {
  fail(error: unknown): void;
}

/**
 * One HTTP/2 connection: finds out whether the peer is still there, and ends it when it is idle for too long, has
 * reached its age, or the broker stops.
 */
export class Connection {
  readonly calls = new Set<ConnectionCall>();
  /** Told when the broker stops, and at the end of the grace of a connection that has reached its age. */
  readonly leaving = new Leaving();
  readonly peer: string;
  readonly certificate: CertificateNames | undefined;
  readonly #session: Session;
  readonly #clock: Clock;
  readonly #limits: TransportLimits;
  #idleSinceMs: number;
  #keepalive: Timer | undefined;
  #age: Timer | undefined;
  #end: Timer | undefined;
  #otherStreams = 0;

  constructor(session: Session, clock: Clock, random: Random, limits: TransportLimits) {
    this.#session = session;
    this.#clock = clock;
    this.#limits = limits;
    this.#idleSinceMs = clock.monotonicMs();
    this.peer = session.peer;
    this.certificate = session.certificate;
    this.#keepalive = clock.setTimer(limits.keepaliveMs, () => this.#ping());
    if (limits.connectionAgeMsMax < Infinity) {
      // Connections that were opened together must not all come back together.
      const ageMs = limits.connectionAgeMsMax * (0.9 + random.below(1_000) / 5_000);
      this.#age = clock.setTimer(ageMs, () => {
        this.#leave(connectionOver('the connection has reached its age'));
      });
    }
    session.onClose(() => this.#stopTimers());
  }

  /** Notes that a stream which is no gRPC call begins; what it returns is called when it ends. */
  beginOther(): () => void {
    this.#otherStreams += 1;
    return () => {
      this.#otherStreams -= 1;
    };
  }

  /**
   * GOAWAY now, and word to the streams, which end by themselves; calls may go on for `graceMs`, then they end with `rejection`, and the
   * socket is closed.
   */
  close(graceMs: number, rejection: Rejection): void {
    if (this.#session.isClosed) return;
    this.#session.leave();
    this.leaving.tell(rejection);
    this.#end?.cancel();
    this.#end = this.#clock.setTimer(graceMs, () => this.#giveUp(rejection));
  }

  /** GOAWAY now. Everything may go on for a grace; then streams end by themselves, and what is left a moment later is given up. */
  #leave(rejection: Rejection): void {
    if (this.#session.isClosed) return;
    this.#session.leave();
    this.#end?.cancel();
    this.#end = this.#clock.setTimer(this.#limits.connectionAgeGraceMs, () => {
      this.close(lastWordsMsMax, rejection);
    });
  }

  #giveUp(rejection: Rejection): void {
    for (const call of this.calls) call.fail(new Refused(rejection));
    this.#end = this.#clock.setTimer(lastWordsMsMax, () => this.#session.destroy());
  }

  #ping(): void {
    if (this.#session.isClosed) return;
    const nowMs = this.#clock.monotonicMs();
    if (this.calls.size + this.#otherStreams > 0) this.#idleSinceMs = nowMs;
    if (nowMs - this.#idleSinceMs > this.#limits.connectionIdleMsMax) {
      this.#leave(connectionOver('the connection was idle for too long'));
      return;
    }
    this.#keepalive = this.#clock.setTimer(this.#limits.keepaliveAnswerMsMax, () => {
      this.#session.destroy();
    });
    const sent = this.#session.ping(() => {
      this.#keepalive?.cancel();
      if (this.#session.isClosed) return;
      this.#keepalive = this.#clock.setTimer(this.#limits.keepaliveMs, () => this.#ping());
    });
    if (!sent) this.#session.destroy();
  }

  #stopTimers(): void {
    this.#keepalive?.cancel();
    this.#age?.cancel();
    this.#end?.cancel();
  }
}

/** It is the connection's end, not the broker's. */
function connectionOver(why: string): Rejection {
  return reject('NOT_SERVING', `${why}; call again, streams from their last bookmark`, {
    cause: 'connection',
  });
}
