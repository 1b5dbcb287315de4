/** What all clients and ghosts of one `connect` share: the transport, the publish stream, the signs of life. */
import { activeTraceParent } from './active-trace.ts';
import { Caller } from './caller.ts';
import type { Diagnostics } from './diagnostics.ts';
import { Keeper } from './keeper.ts';
import { publishBytesInFlightMax, publishesInFlightMax } from './limits.ts';
import type { Diff, OutcomeObserver, Published, Publisher } from './publish/diff.ts';
import { StreamPublisher } from './publish/stream-publisher.ts';
import { publishApart, UnaryPublisher } from './publish/unary-publisher.ts';
import { systemClock, systemRandom, type Clock, type Random } from './time.ts';
import type { CallLimits, Transport } from './transport.ts';

/** Options of a connection that do not depend on the transport. */
export interface ConnectionOptions {
  /** For calls and publishes that set none, in milliseconds. Default: 30,000. Subscriptions have none. */
  readonly timeoutMs?: number | undefined;
  /** Tries again when the broker cannot be reached. Default: true. */
  readonly retry?: boolean | undefined;
  /** Publishes in flight at most. Default: 4,096. */
  readonly publishesInFlightMax?: number | undefined;
  /** Bytes of publishes in flight at most. Default: 8 MiB. */
  readonly publishBytesInFlightMax?: number | undefined;
  /** Takes what the client tells of itself. Default: nothing does. */
  readonly onDiagnostic?: Diagnostics | undefined;
  /**
   * Tells the W3C trace context (`traceparent`) in which a call is made: it is kept with the events of publishes, ghosts, commits and
   * reverts, and the broker's own spans belong to it. Default: that of the active OpenTelemetry span, where the program has one.
   */
  readonly traceParent?: (() => string | undefined) | undefined;
  readonly clock?: Clock | undefined;
  readonly random?: Random | undefined;
}

/** Something that ends with the client. */
export interface Closable {
  closeWithClient(): Promise<void>;
}

export class Connection {
  readonly clock: Clock;
  readonly random: Random;
  readonly caller: Caller;
  readonly publisher: Publisher;
  readonly keeper: Keeper;
  readonly diagnostics: Diagnostics;
  readonly retry: boolean;
  /** Leases of its own that live, as far as it knows. */
  readonly openLeases = new Set<Closable>();
  /** Publishes that go by calls of their own, without their outcomes. */
  readonly #apart = new Set<Promise<unknown>>();
  readonly #closing = new AbortController();
  readonly #requestPrefix: string;
  #requestCount = 0;
  #closed: Promise<void> | undefined;

  constructor(transport: Transport, options: ConnectionOptions) {
    this.clock = options.clock ?? systemClock;
    this.random = options.random ?? systemRandom;
    this.diagnostics = options.onDiagnostic ?? (() => undefined);
    this.retry = options.retry ?? true;
    const { clock, random, retry, diagnostics } = this;
    this.#requestPrefix = randomWord(random);
    const { timeoutMs, traceParent = activeTraceParent } = options;
    this.caller = new Caller({ transport, clock, random, retry, diagnostics, timeoutMs, traceParent });
    this.publisher =
      transport.openPublishStream === undefined
        ? new UnaryPublisher(this.caller)
        : new StreamPublisher({
            open: transport.openPublishStream,
            inFlightMax: options.publishesInFlightMax ?? publishesInFlightMax,
            bytesInFlightMax: options.publishBytesInFlightMax ?? publishBytesInFlightMax,
            clock,
            random,
            retry,
            diagnostics,
          });
    this.keeper = new Keeper(this.caller, clock, diagnostics);
  }

  /** Aborts when the connection is closed on purpose. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** An id that no other request has: this connection's own prefix (96 random bits) and a count. */
  nextRequestId(): string {
    this.#requestCount += 1;
    return `${this.#requestPrefix}-${this.#requestCount}`;
  }

  /** Publishes a diff that may wait for locks: behind all that were published before, and those after it need not wait. */
  publishApart(diff: Diff, limits: CallLimits, observer: OutcomeObserver): Promise<Published> {
    const outcome = publishApart(this.caller, this.publisher, diff, limits, observer);
    const ended = outcome.catch(() => undefined);
    this.#apart.add(ended);
    void ended.then(() => this.#apart.delete(ended));
    return outcome;
  }

  /** Resolves when all publishes so far have their outcomes. */
  async flush(): Promise<void> {
    await Promise.all([this.publisher.flush(), ...this.#apart]);
  }

  /** Waits for the publishes' outcomes, ends its leases with what hangs on them, then closes. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    await this.publisher.flush();
    await Promise.all([...this.openLeases].map((each) => each.closeWithClient()));
    this.destroy();
  }

  /** Closes at once: what has no outcome fails with CANCELLED. */
  destroy(): void {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    this.keeper.close();
    this.publisher.close();
    this.caller.transport.close();
  }
}

const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_.';

function randomWord(random: Random): string {
  let word = '';
  for (let length = 0; length < 16; length += 1) word += alphabet[Math.floor(random() * alphabet.length)];
  return word;
}
