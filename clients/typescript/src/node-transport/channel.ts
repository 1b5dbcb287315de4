/**
 * One HTTP/2 connection to a broker, made when the first call needs it and made anew after it was lost. A broker that says
 * GOAWAY gets no new calls on that connection, while those under way end on it. A connection with open calls is pinged, so
 * that one that died without a word is noticed.
 */
import {
  connect,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type OutgoingHttpHeaders,
} from 'node:http2';
import type { SecureClientSessionOptions } from 'node:http2';
import {
  connectionWindowBytes,
  connectTimeoutMs,
  pingIntervalMs,
  pingTimeoutMs,
  streamWindowBytes,
} from '../limits.ts';
import type { Clock, Timer } from '../time.ts';
import type { Address, TlsOptions } from './address.ts';

export class Channel {
  readonly #address: Address;
  readonly #tls: TlsOptions;
  readonly #clock: Clock;
  readonly #streams = new Set<ClientHttp2Stream>();
  readonly #sessions = new Set<ClientHttp2Session>();
  #session: ClientHttp2Session | undefined;
  #lastError: unknown;
  #pingTimer: Timer | undefined;

  constructor(address: Address, tls: TlsOptions, clock: Clock) {
    this.#address = address;
    this.#tls = tls;
    this.#clock = clock;
  }

  /** Where it leads to. */
  get origin(): string {
    return this.#address.origin;
  }

  /** Why the connection was lost last, for errors of the calls that went with it. */
  get lastError(): unknown {
    return this.#lastError;
  }

  /** Opens a stream, on a new connection where need be. Failing to connect is told by the stream's error and close. */
  request(headers: OutgoingHttpHeaders): ClientHttp2Stream {
    this.#session ??= this.#connect();
    const stream = this.#session.request(headers, { endStream: false });
    this.#streams.add(stream);
    stream.once('close', () => this.#streams.delete(stream));
    this.#pingTimer ??= this.#planPing();
    return stream;
  }

  /** Ends everything at once. */
  close(): void {
    this.#pingTimer?.cancel();
    for (const session of this.#sessions) session.destroy();
    this.#session = undefined;
  }

  #connect(): ClientHttp2Session {
    const session = connect(this.#address.origin, {
      ...tlsOptions(this.#tls),
      settings: { initialWindowSize: streamWindowBytes, enablePush: false, maxHeaderListSize: 64 * 1024 },
    });
    this.#sessions.add(session);
    const forget = (): void => {
      if (this.#session === session) this.#session = undefined;
    };
    const timer = this.#clock.setTimer(connectTimeoutMs, () =>
      session.destroy(new Error(`no connection within ${connectTimeoutMs} ms`)),
    );
    session.once('connect', () => {
      timer.cancel();
      // Whoever closes the client in this very moment has destroyed it before this is told.
      if (!session.destroyed) session.setLocalWindowSize(connectionWindowBytes);
    });
    session.once('goaway', forget);
    session.on('error', (error: unknown) => {
      this.#lastError = error;
      forget();
    });
    session.once('close', () => {
      timer.cancel();
      this.#sessions.delete(session);
      forget();
    });
    return session;
  }

  #planPing(): Timer {
    return this.#clock.setTimer(pingIntervalMs, () => {
      this.#pingTimer = undefined;
      if (this.#streams.size === 0) return;
      for (const session of this.#sessions) this.#ping(session);
      this.#pingTimer = this.#planPing();
    });
  }

  #ping(session: ClientHttp2Session): void {
    if (session.connecting || session.destroyed) return;
    const timer = this.#clock.setTimer(pingTimeoutMs, () =>
      session.destroy(new Error(`no answer to a ping within ${pingTimeoutMs} ms`)),
    );
    const end = (): void => {
      timer.cancel();
      session.off('close', end);
    };
    session.once('close', end);
    session.ping(end);
  }
}

function tlsOptions(tls: TlsOptions): SecureClientSessionOptions {
  return {
    ...(tls.authority === undefined ? {} : { ca: tls.authority }),
    ...(tls.certificate === undefined ? {} : { cert: tls.certificate }),
    ...(tls.key === undefined ? {} : { key: tls.key }),
    ...(tls.serverName === undefined ? {} : { servername: tls.serverName }),
  };
}
