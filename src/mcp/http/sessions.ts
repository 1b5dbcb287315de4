/**
 * Sessions of clients that speak 2025-11-25. Each has a server and a transport of its own, told apart by an id that nobody can guess. One that
 * nobody uses for half an hour is over; where there are too many, the one goes that was idle longest.
 */
import {
  isInitializeRequest,
  WebStandardStreamableHTTPServerTransport,
  type McpServer,
} from '@modelcontextprotocol/server';

import type { Timer } from '../../base/clock.ts';
import { mcpSessionIdleMsMax, mcpSessionsMax } from '../../base/limits.ts';
import { Agents } from '../agents.ts';
import type { Bridge } from '../bridge.ts';
import { Feed } from '../resources/feed.ts';
import { createServer } from '../server.ts';

interface OpenSession {
  readonly server: McpServer;
  readonly transport: WebStandardStreamableHTTPServerTransport;
  readonly feed: Feed;
  /** Requests that are being answered, open streams included. */
  running: number;
  usedMs: number;
}

export class Sessions {
  readonly #bridge: Bridge;
  readonly #sessions = new Map<string, OpenSession>();
  #sweep: Timer | undefined;

  constructor(bridge: Bridge) {
    this.#bridge = bridge;
  }

  /** Answers a request of a session, or the one that begins a session. */
  async fetch(request: Request, body: unknown): Promise<Response> {
    const id = request.headers.get('mcp-session-id');
    const known = id === null ? undefined : this.#sessions.get(id);
    if (known !== undefined) return this.#within(known, request, body);
    if (id !== null) return refusal(404, 'Session not found: begin a new one with initialize', -32_001);
    if (!isBeginning(body))
      return refusal(400, 'A session begins with initialize; later requests carry its Mcp-Session-Id');
    if (!this.#makeRoom()) return refusal(503, 'All sessions are in use: try again later');
    return this.#within(await this.#begin(), request, body);
  }

  async close(): Promise<void> {
    this.#sweep?.cancel();
    await Promise.all([...this.#sessions.keys()].map((id) => this.#end(id)));
  }

  async #begin(): Promise<OpenSession> {
    const { options, watches } = this.#bridge;
    const bridge = this.#bridge;
    const feed: Feed = new Feed(watches, {
      updated: (uri) => void server.server.sendResourceUpdated({ uri }).catch(options.onError),
      listChanged: () => server.sendResourceListChanged(),
    });
    const server = createServer(bridge, { agents: new Agents(() => bridge.client), feed });
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => this.#newId(),
      onsessioninitialized: (id) => {
        this.#sessions.set(id, session);
        // Clients of 2025 are told of changes to the list without asking.
        feed.watchList();
        this.#sweepLater();
      },
      onsessionclosed: (id) => void this.#end(id),
    });
    const session: OpenSession = { server, transport, feed, running: 0, usedMs: this.#nowMs() };
    await server.connect(transport);
    return session;
  }

  async #within(session: OpenSession, request: Request, body: unknown): Promise<Response> {
    session.running += 1;
    const done = (): void => {
      session.running -= 1;
      session.usedMs = this.#nowMs();
    };
    try {
      const response = await session.transport.handleRequest(
        request,
        body === undefined ? {} : { parsedBody: body },
      );
      return untilRead(response, request.signal, done);
    } catch (error) {
      done();
      throw error;
    }
  }

  async #end(id: string): Promise<void> {
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    this.#sessions.delete(id);
    session.feed.close();
    await session.server.close();
  }

  /** Ends the session that was idle longest, where there is no room for one more. False where all are in use. */
  #makeRoom(): boolean {
    if (this.#sessions.size < mcpSessionsMax) return true;
    const idle = [...this.#sessions].filter(([, { running }]) => running === 0);
    const [oldest] = idle.sort(([, a], [, b]) => a.usedMs - b.usedMs);
    if (oldest === undefined) return false;
    void this.#end(oldest[0]).catch(this.#bridge.options.onError);
    return true;
  }

  #sweepLater(): void {
    this.#sweep ??= this.#bridge.options.clock.setTimer(mcpSessionIdleMsMax / 10, () => {
      this.#sweep = undefined;
      const outdatedMs = this.#nowMs() - mcpSessionIdleMsMax;
      for (const [id, { running, usedMs }] of this.#sessions)
        if (running === 0 && usedMs < outdatedMs) void this.#end(id).catch(this.#bridge.options.onError);
      if (this.#sessions.size > 0) this.#sweepLater();
    });
  }

  #newId(): string {
    const { random } = this.#bridge.options;
    return Buffer.from(Uint8Array.from({ length: 24 }, () => random.below(256))).toString('base64url');
  }

  #nowMs(): number {
    return this.#bridge.options.clock.monotonicMs();
  }
}

/** An initialize, alone or in the batch that older clients send. */
function isBeginning(body: unknown): boolean {
  return Array.isArray(body)
    ? body.some((message) => isInitializeRequest(message))
    : isInitializeRequest(body);
}

/**
 * The response, with a call when all of it was read, or nobody reads it any more. What it is read from is closed then: a session may have one
 * stream only, and the next one is refused while there is another.
 */
function untilRead(response: Response, signal: AbortSignal, done: () => void): Response {
  if (response.body === null) {
    done();
    return response;
  }
  const reader = response.body.getReader();
  void reader.closed.then(done, done);
  const watched = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { value } = await reader.read();
      if (value === undefined) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
  const leave = (): void => void reader.cancel().catch(() => undefined);
  if (signal.aborted) leave();
  else signal.addEventListener('abort', leave, { once: true });
  return new Response(watched, { status: response.status, headers: response.headers });
}

function refusal(status: number, message: string, code = -32_000): Response {
  return Response.json({ jsonrpc: '2.0', error: { code, message }, id: null }, { status });
}
