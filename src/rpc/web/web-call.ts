import {
  type HandlerContext,
  createContextKey,
  decodeBinaryHeader,
  encodeBinaryHeader,
} from '@connectrpc/connect';
import { stranger, type Caller } from '../../access/caller.ts';
import type { Clock } from '../../base/clock.ts';
import type { Rejection } from '../../state/outcome.ts';
import { Leaving } from '../http2/leaving.ts';
import type { Call, Metadata, RpcError } from '../transport.ts';

/** Where a request came from, put there by the HTTP listener. */
export const peerKey = createContextKey('unknown', { description: 'address:port of the caller' });

/** Who calls, put there by whoever has let the call in. */
export const callerKey = createContextKey<Caller>(stranger, { description: 'who calls' });

/** Tells when the connection is about to end, put there by the HTTP listener. Calls of the same process have none that ends. */
export const leavingKey = createContextKey<Leaving>(new Leaving(), {
  description: 'the end of the connection',
});

/** Why a call is not let in. */
export const refusalKey = createContextKey<RpcError | undefined>(undefined, {
  description: 'why nobody was let in',
});

/** A call that came as Connect or gRPC-Web, as the services see it. */
export class WebCall implements Call {
  readonly method: string;
  readonly metadata: Metadata;
  readonly peer: string;
  readonly caller: Caller;
  readonly deadlineMs: number | undefined;
  readonly #context: HandlerContext;
  /** Connect aborts its signal at the end of a call that went well, too. */
  #over = false;
  #takeBackLeave: (() => void) | undefined;

  constructor(context: HandlerContext, clock: Clock, caller: Caller) {
    this.caller = caller;
    this.#context = context;
    this.method = `/${context.service.typeName}/${context.method.name}`;
    this.metadata = webMetadata(context.requestHeader);
    this.peer = context.values.get(peerKey);
    const remainingMs = context.timeoutMs();
    this.deadlineMs = remainingMs === undefined ? undefined : clock.monotonicMs() + remainingMs;
  }

  get cancelled(): boolean {
    return !this.#over && this.#context.signal.aborted;
  }

  onCancel(callback: () => void): void {
    if (this.cancelled) callback();
    else this.#context.signal.addEventListener('abort', () => this.#over || callback(), { once: true });
  }

  onLeave(callback: (rejection: Rejection) => void): void {
    if (!this.#over && !this.cancelled)
      this.#takeBackLeave = this.#context.values.get(leavingKey).onLeave(callback);
  }

  setHeader(name: string, value: string | Uint8Array): void {
    this.#context.responseHeader.append(name, typeof value === 'string' ? value : encodeBinaryHeader(value));
  }

  setTrailer(name: string, value: string | Uint8Array): void {
    this.#context.responseTrailer.append(name, typeof value === 'string' ? value : encodeBinaryHeader(value));
  }

  /** Rejects when the caller goes away or the deadline passes; never settles otherwise. */
  aborted(): Promise<never> {
    const { signal } = this.#context;
    return new Promise((_resolve, reject) => {
      const onAbort = (): void => reject(signal.reason as Error);
      if (signal.aborted) onAbort();
      else signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  finish(): void {
    this.#over = true;
    this.#takeBackLeave?.();
  }
}

function webMetadata(headers: Headers): Metadata {
  return {
    get: (name) => (name.endsWith('-bin') ? undefined : (headers.get(name) ?? undefined)),
    getBinary(name) {
      const text = name.endsWith('-bin') ? headers.get(name)?.split(',', 1)[0] : undefined;
      if (text === undefined) return undefined;
      try {
        return decodeBinaryHeader(text);
      } catch {
        return undefined;
      }
    },
  };
}
