/**
 * MCP over HTTP, at one address for both eras of the protocol. The rules:
 *
 * - A request of 2026-07-28 stands for itself: a server is made for it and dropped. One of 2025-11-25 belongs to a session.
 * - Who calls is found out before a request comes here, and each principal has an endpoint of its own. Where nobody is asked, the only callers are programs of
 *   this machine and pages that it serves: the names in `Host` and `Origin` must be ones that no page of somebody else can have (DNS rebinding).
 * - What is read is bounded before it is parsed.
 * - At the end calls that run are answered before anything is closed; new ones are refused.
 */
import {
  createMcpHandler,
  isLegacyRequest,
  validateHostHeader,
  validateOriginHeader,
  type McpHttpHandler,
  type ServerNotifier,
} from '@modelcontextprotocol/server';
import {
  toNodeHandler,
  type NodeIncomingMessageLike,
  type NodeServerResponseLike,
} from '@modelcontextprotocol/node';

import { mcpListenersMax } from '../../base/limits.ts';
import type { Bridge } from '../bridge.ts';
import { filterOf } from '../listening.ts';
import { createServer } from '../server.ts';
import { corsHeaders } from './cors.ts';
import { readBody, type IncomingRequest } from './body.ts';
import { Sessions } from './sessions.ts';
import { SharedFeed } from './shared-feed.ts';

export interface EndpointOptions {
  /** Names by which this machine may be called; IPv6 addresses in brackets. `undefined`: by any. */
  readonly hosts: readonly string[] | undefined;
}

/** What the endpoint does with a response. */
export interface OutgoingResponse extends NodeServerResponseLike {
  flushHeaders?(): void;
}

export class Endpoint {
  readonly #bridge: Bridge;
  readonly #hosts: readonly string[] | undefined;
  readonly #modern: McpHttpHandler;
  readonly #feed: SharedFeed;
  readonly #sessions: Sessions;
  /** Calls that are being answered; streams that their clients leave open are none. */
  readonly #running = new Set<Promise<void>>();
  #isClosing = false;

  constructor(bridge: Bridge, { hosts }: EndpointOptions) {
    this.#bridge = bridge;
    this.#hosts = hosts;
    this.#sessions = new Sessions(bridge);
    this.#modern = createMcpHandler(() => createServer(bridge, {}), {
      legacy: 'reject',
      maxSubscriptions: mcpListenersMax,
      onerror: () => undefined, // Requests that are refused; the caller is told.
    });
    this.#feed = new SharedFeed(bridge.watches, {
      updated: (uri) => this.#modern.notify.resourceUpdated(uri),
      listChanged: () => this.#modern.notify.resourcesChanged(),
    });
  }

  /** Answers a request. Never throws: what goes wrong is told, and the answer says that it did. */
  async handle(request: IncomingRequest, response: OutgoingResponse): Promise<void> {
    const origin = header(request, 'origin');
    const refusal = this.#refusalOf(request, origin);
    if (refusal !== undefined) return answer(response, 403, refusal);
    const cors = corsHeaders(origin);
    if (request.method === 'OPTIONS') return answerEmpty(response, cors);
    if (request.method !== 'POST' && request.method !== 'GET' && request.method !== 'DELETE')
      return answer(response, 405, 'Send POST, GET or DELETE', {
        ...cors,
        allow: 'POST, GET, DELETE, OPTIONS',
      });
    const read = await readBody(request);
    if (read.kind === 'too_large')
      return answer(response, 413, read.message, { ...cors, connection: 'close' });
    if (read.kind === 'broken') return answer(response, 400, read.message, cors, -32_700);
    if (this.#isClosing)
      return answer(response, 503, 'The broker is about to stop: call again in a few seconds', cors);
    const served = this.#serve(request, response, read.body, cors);
    if (isCall(read.body)) this.#running.add(served);
    return served.finally(() => this.#running.delete(served));
  }

  async #serve(
    request: IncomingRequest,
    response: OutgoingResponse,
    body: unknown,
    cors: Readonly<Record<string, string>>,
  ): Promise<void> {
    const stop = this.#listen(body, response);
    const fetch = async (given: Request): Promise<Response> => {
      const told = await this.#fetch(given, body);
      for (const [name, value] of Object.entries(cors)) told.headers.set(name, value);
      return told;
    };
    try {
      await toNodeHandler({ fetch }, { onerror: this.#bridge.options.onError })(
        asRead(request),
        promptly(response),
        body,
      );
    } finally {
      stop();
    }
  }

  /** Tells the streams of 2026-07-28 of changes. */
  get notify(): ServerNotifier {
    return this.#modern.notify;
  }

  /** Answers what is running, for so long at most; what waits for others is told at once that it waits no longer. Then ends all. */
  async close(graceMs: number): Promise<void> {
    this.#isClosing = true;
    this.#bridge.stopWaiting();
    const over = Promise.withResolvers<void>();
    const grace = this.#bridge.options.clock.setTimer(graceMs, over.resolve);
    await Promise.race([Promise.allSettled(this.#running), over.promise]);
    grace.cancel();
    await Promise.all([this.#sessions.close(), this.#modern.close()]);
  }

  async #fetch(request: Request, body: unknown): Promise<Response> {
    if (await isLegacyRequest(request, body)) return this.#sessions.fetch(request, body);
    return this.#modern.fetch(request, body === undefined ? {} : { parsedBody: body });
  }

  #refusalOf(request: IncomingRequest, origin: string | undefined): string | undefined {
    if (this.#hosts === undefined) return undefined;
    const allowed = [...this.#hosts];
    const host = validateHostHeader(header(request, ':authority') ?? header(request, 'host'), allowed);
    if (!host.ok) return `${host.message}: this address may not be used for this broker`;
    const from = validateOriginHeader(origin, allowed);
    return from.ok ? undefined : `${from.message}: pages of that origin may not call this broker`;
  }

  /** Watches what a stream of 2026-07-28 asks for, until it ends. */
  #listen(body: unknown, response: OutgoingResponse): () => void {
    if (methodOf(body) !== 'subscriptions/listen') return () => undefined;
    const stop = this.#feed.listen(filterOf((body as { readonly params?: unknown }).params));
    response.on('close', stop);
    return stop;
  }
}

/** Whether something is asked that an answer ends; older clients send several messages at once. */
function isCall(body: unknown): boolean {
  return Array.isArray(body) || (methodOf(body) !== undefined && methodOf(body) !== 'subscriptions/listen');
}

function methodOf(body: unknown): unknown {
  return typeof body === 'object' && body !== null && 'method' in body ? body.method : undefined;
}

function header({ headers }: IncomingRequest, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** The request without its body, which was read. */
function asRead({ method, url, headers }: IncomingRequest): NodeIncomingMessageLike {
  return {
    ...(method === undefined ? {} : { method }),
    ...(url === undefined ? {} : { url }),
    headers,
    // eslint-disable-next-line require-yield
    async *[Symbol.asyncIterator]() {},
  };
}

/** The same response, but the head of a stream leaves at once: a client waits for it before it goes on. */
function promptly(response: OutgoingResponse): NodeServerResponseLike {
  return {
    writeHead(status, headers) {
      response.writeHead(status, headers);
      if (headers?.['content-type']?.startsWith('text/event-stream') === true) response.flushHeaders?.();
    },
    write: (chunk) => response.write(chunk),
    end: (chunk) => (chunk === undefined ? response.end() : response.end(chunk)),
    on: (event, listener) => response.on(event, listener),
    get destroyed() {
      return response.destroyed === true;
    },
  };
}

function answer(
  response: OutgoingResponse,
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
  code = -32_000,
): void {
  response.writeHead(status, { ...headers, 'content-type': 'application/json' });
  response.end(JSON.stringify({ jsonrpc: '2.0', error: { code, message }, id: null }));
}

function answerEmpty(response: OutgoingResponse, headers: Readonly<Record<string, string>>): void {
  response.writeHead(204, headers);
  response.end();
}
