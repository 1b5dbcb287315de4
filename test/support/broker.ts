import { create } from '@bufbuild/protobuf';
import { type Client, Code, ConnectError, createClient, type Interceptor } from '@connectrpc/connect';
import { createGrpcTransport, Http2SessionManager } from '@connectrpc/connect-node';
import { systemClock } from '../../src/base/clock.ts';
import type { Clock } from '../../src/base/clock.ts';
import { randomId, systemRandom } from '../../src/base/random.ts';
import { type Broker, startBroker } from '../../src/broker.ts';
import { makeSettings } from '../../src/config.ts';
import { BadRequestSchema, ErrorInfoSchema } from '../../src/gen/google/rpc/error_details_pb.ts';
import { ContextService } from '../../src/gen/hyperloom/v1/context_service_pb.ts';
import { ForestService } from '../../src/gen/hyperloom/v1/forest_service_pb.ts';
import { ConflictReportSchema } from '../../src/gen/hyperloom/v1/ghost_pb.ts';
import { DeadlockReportSchema } from '../../src/gen/hyperloom/v1/lock_pb.ts';
import { LockService } from '../../src/gen/hyperloom/v1/lock_service_pb.ts';
import { ReviewService } from '../../src/gen/hyperloom/v1/review_service_pb.ts';
import { SchemaService } from '../../src/gen/hyperloom/v1/schema_service_pb.ts';
import { type Operation, OperationSchema } from '../../src/gen/hyperloom/v1/operation_pb.ts';
import { createLogger } from '../../src/log.ts';
import type { LogLevel } from '../../src/log-settings.ts';
import { MemoryStore } from '../../src/memory-store.ts';
import type { JournalStore } from '../../src/sequencer/local-forests.ts';

/** A whole broker in this process on a free port of loopback, and clients that share no code with its server side. */
export interface TestBroker {
  readonly broker: Broker;
  readonly url: string;
  readonly context: Client<typeof ContextService>;
  readonly reviews: Client<typeof ReviewService>;
  readonly forests: Client<typeof ForestService>;
  readonly locks: Client<typeof LockService>;
  readonly schemas: Client<typeof SchemaService>;
  /** Another connection, with clients of its own. */
  connect(): TestClients;
  /** What it logged. */
  readonly log: string[];
  /** What must not happen. A test that ends with something in here has found a mistake. */
  readonly fatal: unknown[];
  close(): Promise<void>;
}

export interface TestClients {
  readonly context: Client<typeof ContextService>;
  readonly forests: Client<typeof ForestService>;
  readonly locks: Client<typeof LockService>;
  readonly reviews: Client<typeof ReviewService>;
  readonly schemas: Client<typeof SchemaService>;
  /** Ends the connection at once, as a network does that breaks. */
  cut(): void;
}

/** Clients on a connection of their own; `authority` is what an https one trusts instead of the system's. */
export function connectClients(
  url: string,
  authority?: string,
  interceptors: Interceptor[] = [],
): TestClients {
  const sessionManager = new Http2SessionManager(url, {}, authority === undefined ? {} : { ca: authority });
  const readMaxBytes = 128 * 1024 * 1024;
  const transport = createGrpcTransport({ baseUrl: url, sessionManager, readMaxBytes, interceptors });
  return {
    context: createClient(ContextService, transport),
    forests: createClient(ForestService, transport),
    locks: createClient(LockService, transport),
    reviews: createClient(ReviewService, transport),
    schemas: createClient(SchemaService, transport),
    cut: () => sessionManager.abort(),
  };
}

export interface TestBrokerOptions {
  readonly settings?: Readonly<Record<string, string>>;
  readonly store?: JournalStore;
  readonly clock?: Clock;
  /** The least that is logged. Default: warnings. */
  readonly logLevel?: LogLevel;
}

export async function startTestBroker({
  settings = {},
  store,
  clock = systemClock,
  logLevel = 'warn',
}: TestBrokerOptions = {}): Promise<TestBroker> {
  const log: string[] = [];
  const fatal: unknown[] = [];
  // Broker processes take it from the environment; so do these, and a run with it tests the other engine.
  const http2 = process.env['HYPERLOOM_HTTP2'] ?? 'own';
  const all = { listen: '127.0.0.1:0', journal: journalOfRun(), 'drain-ms-max': '1000', http2, ...settings };
  // On NATS the data folder holds nothing that lasts; every other journal is the one that the test asks for.
  const own = store ?? (all.journal.startsWith('nats') ? new MemoryStore() : undefined);
  const broker = await startBroker({
    settings: makeSettings([new Map(Object.entries(all))]),
    clock,
    random: systemRandom,
    log: createLogger({
      level: logLevel,
      format: 'json',
      clock: systemClock,
      write: (line) => log.push(line),
    }),
    version: '0.0.0-test',
    usage: () => ({ residentBytes: 1, cpuMs: 1 }),
    onFatal: (error) => fatal.push(error),
    ...(own === undefined ? {} : { store: own }),
  });
  const url = `http://127.0.0.1:${broker.address.port}`;
  const first = connectClients(url);
  const others: TestClients[] = [];
  return {
    broker,
    url,
    context: first.context,
    forests: first.forests,
    locks: first.locks,
    reviews: first.reviews,
    schemas: first.schemas,
    connect() {
      const clients = connectClients(url);
      others.push(clients);
      return clients;
    },
    log,
    fatal,
    async close() {
      for (const clients of [first, ...others]) clients.cut();
      await broker.stop();
    },
  };
}

/** In a run on NATS each broker has a stream of its own. */
function journalOfRun(): string {
  const nats = process.env['HYPERLOOM_TEST_NATS'];
  return nats === undefined ? 'memory' : `${nats}?prefix=T${randomId(systemRandom)}`;
}

/** What a client can see of a refusal. */
export interface Refusal {
  readonly code: string;
  readonly reason: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly fields: readonly string[];
  readonly conflicts: readonly string[];
  /** Lock ids of a deadlock's circle. */
  readonly circle: readonly string[];
  readonly message: string;
}

/** The refusal that a call meets. Fails where it meets none. */
export async function refusalOf(call: Promise<unknown>): Promise<Refusal> {
  try {
    await call;
  } catch (error) {
    return describeRefusal(error);
  }
  throw new Error('the call was not refused');
}

export function describeRefusal(error: unknown): Refusal {
  const refused = ConnectError.from(error);
  const info = refused.findDetails(ErrorInfoSchema)[0];
  const bad = refused.findDetails(BadRequestSchema)[0];
  const report = refused.findDetails(ConflictReportSchema)[0];
  return {
    code: Code[refused.code],
    reason: info?.reason ?? '',
    metadata: info?.metadata ?? {},
    fields: bad?.fieldViolations.map(({ field }) => field) ?? [],
    conflicts: report?.conflicts.map(({ path }) => path) ?? [],
    circle: refused.findDetails(DeadlockReportSchema)[0]?.members.map(({ lockId }) => lockId) ?? [],
    message: refused.rawMessage,
  };
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function text(from: Uint8Array): string {
  return new TextDecoder().decode(from);
}

export function putJson(path: string, json: unknown): Operation {
  const value = { kind: { case: 'json' as const, value: bytes(JSON.stringify(json)) } };
  return create(OperationSchema, { path, action: { case: 'put', value } });
}

export function putText(path: string, value: string): Operation {
  return create(OperationSchema, { path, action: { case: 'put', value: { kind: { case: 'text', value } } } });
}

export function appendText(path: string, value: string): Operation {
  return create(OperationSchema, {
    path,
    action: { case: 'append', value: { addition: { case: 'text', value } } },
  });
}

export function appendItems(path: string, ...items: unknown[]): Operation {
  const json = items.map((item) => bytes(JSON.stringify(item)));
  return create(OperationSchema, {
    path,
    action: { case: 'append', value: { addition: { case: 'items', value: { json } } } },
  });
}

export function remove(path: string): Operation {
  return create(OperationSchema, { path, action: { case: 'delete', value: {} } });
}

export function increment(path: string, value: bigint): Operation {
  return create(OperationSchema, {
    path,
    action: { case: 'increment', value: { amount: { case: 'integer', value } } },
  });
}

export function copy(path: string, sourcePath: string, sourceRevision = 0n): Operation {
  return create(OperationSchema, { path, action: { case: 'copy', value: { sourcePath, sourceRevision } } });
}
