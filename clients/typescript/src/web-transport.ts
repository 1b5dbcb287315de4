/** Fits a transport of `@connectrpc/connect` to what the client asks of one. */
import type {
  DescMessage,
  DescMethodClientStreaming,
  DescMethodServerStreaming,
  DescMethodUnary,
  MessageInitShape,
  MessageShape,
} from '@bufbuild/protobuf';
import { ConnectError, type Transport as ConnectTransport } from '@connectrpc/connect';
import { closedError } from './closed-error.ts';
import { codeName } from './code-name.ts';
import { makeError } from './errors.ts';
import { errorFromStatus, type StatusDetail } from './status.ts';
import { withToken, type TokenSource } from './token.ts';
import type { CallLimits, Transport, UnaryLimits } from './transport.ts';

export class WebTransport implements Transport {
  readonly openPublishStream = undefined;
  readonly #inner: ConnectTransport;
  readonly #always: Readonly<Record<string, string>>;
  readonly #token: TokenSource;
  readonly #closing = new AbortController();

  constructor(
    inner: ConnectTransport,
    metadata: Readonly<Record<string, string>>,
    token: TokenSource = () => undefined,
  ) {
    this.#inner = inner;
    this.#always = metadata;
    this.#token = token;
  }

  async unary<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    request: MessageShape<I>,
    limits: UnaryLimits,
  ): Promise<MessageShape<O>> {
    const signal = this.#signal(limits);
    const { traceParent: traceparent } = limits;
    const metadata = traceparent === undefined ? this.#metadata : { ...this.#metadata, traceparent };
    try {
      // A message is one of the forms that a message can be initialised from; the compiler cannot see that for a generic one.
      const init = request as MessageInitShape<I>;
      const response = await this.#inner.unary(method, signal, timeoutOf(limits), metadata, init);
      return response.message;
    } catch (error) {
      throw this.#translate(error, limits);
    }
  }

  async *serverStreaming<I extends DescMessage, O extends DescMessage>(
    method: DescMethodServerStreaming<I, O>,
    request: MessageShape<I>,
    limits: CallLimits,
  ): AsyncGenerator<MessageShape<O>, void, void> {
    // Leaving the loop has to end the fetch, which only a signal of its own does.
    const leaving = new AbortController();
    const signal = AbortSignal.any([this.#signal(limits), leaving.signal]);
    try {
      const requests = once(request as MessageInitShape<I>);
      const response = await this.#inner.stream(method, signal, timeoutOf(limits), this.#metadata, requests);
      yield* response.message;
    } catch (error) {
      throw this.#translate(error, limits);
    } finally {
      leaving.abort();
    }
  }

  clientStreaming<I extends DescMessage, O extends DescMessage>(
    method: DescMethodClientStreaming<I, O>,
  ): Promise<MessageShape<O>> {
    const message = `${method.name} needs a stream to the broker, which browsers do not have`;
    return Promise.reject(makeError({ code: 'UNIMPLEMENTED', message }));
  }

  get #metadata(): Readonly<Record<string, string>> {
    return withToken(this.#always, this.#token);
  }

  close(): void {
    this.#closing.abort();
  }

  #signal(limits: CallLimits): AbortSignal {
    return limits.signal === undefined
      ? this.#closing.signal
      : AbortSignal.any([limits.signal, this.#closing.signal]);
  }

  #translate(error: unknown, limits: CallLimits): unknown {
    if (limits.signal?.aborted === true) return limits.signal.reason;
    if (this.#closing.signal.aborted) return closedError();
    if (!(error instanceof ConnectError)) return error;
    const details: StatusDetail[] = [];
    for (const detail of error.details) {
      if ('type' in detail && detail.value instanceof Uint8Array)
        details.push({ typeName: detail.type, bytes: detail.value });
    }
    // What `fetch` throws when there is no connection reaches us as UNKNOWN, with the cause.
    const offline = error.cause instanceof TypeError;
    const code = offline ? 'UNAVAILABLE' : codeName(error.code);
    return errorFromStatus(code, error.rawMessage, details, error.cause);
  }
}

function timeoutOf(limits: CallLimits): number | undefined {
  return limits.timeoutMs === undefined || limits.timeoutMs === Infinity
    ? undefined
    : Math.max(1, Math.ceil(limits.timeoutMs));
}

async function* once<Item>(item: Item): AsyncGenerator<Item, void, void> {
  yield item;
}
