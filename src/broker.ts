/** The wiring of a broker: forests on their journals, the services on them, and one port for all. */
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { AssertionError } from './base/assert.ts';
import type { Clock } from './base/clock.ts';
import type { Random } from './base/random.ts';
import { formatAddress, isLoopback } from './config-value.ts';
import type { Address } from './config-value.ts';
import type { Settings } from './config.ts';
import { debuggerFolder, debuggerMissing } from './debugger-folder.ts';
import { ContextService } from './gen/hyperloom/v1/context_service_pb.ts';
import { ForestService } from './gen/hyperloom/v1/forest_service_pb.ts';
import { LockService } from './gen/hyperloom/v1/lock_service_pb.ts';
import { ReviewService } from './gen/hyperloom/v1/review_service_pb.ts';
import { SchemaService } from './gen/hyperloom/v1/schema_service_pb.ts';
import { Health as HealthService } from './gen/grpc/health/v1/health_pb.ts';
import { CodecDamage } from './codec/damage.ts';
import { DataFolder } from './journal/embedded/data-folder.ts';
import { JournalDamage } from './journal/journal.ts';
import { errorFields } from './log.ts';
import type { Logger } from './log.ts';
import { Meters } from './meters/meters.ts';
import { loadTokenizer } from './render/encodings.ts';
import { mcpRoute, type McpRoute } from './mcp-route.ts';
import { MemoryStore } from './memory-store.ts';
import { Http2Transport } from './rpc/http2/http2-transport.ts';
import { PinnedRoots } from './rpc/pinned-roots.ts';
import { BrokerCounters } from './rpc/metrics/broker-counters.ts';
import { metricsRoute } from './rpc/metrics/metrics-route.ts';
import { hyperloomMethods } from './rpc/services/methods.ts';
import type { ProcessUsage } from './rpc/services/service.ts';
import { Health, readiness } from './rpc/standard/health.ts';
import { reflectionMethods } from './rpc/standard/reflection.ts';
import type { ListenOptions } from './rpc/transport.ts';
import { inProcessTransport } from './rpc/web/in-process.ts';
import type { Route } from './rpc/web/web-options.ts';
import { settingsRoute } from './rpc/web/settings-route.ts';
import { staticRoute } from './rpc/web/static-files.ts';
import { SchemaCompiler } from './schema/compile.ts';
import { ValueForms } from './schema/value-forms.ts';
import { SchemaJudge } from './schema/judge.ts';
import type { Forests } from './sequencer/forest.ts';
import { LocalForests } from './sequencer/local-forests.ts';
import type { JournalStore } from './sequencer/local-forests.ts';
import { turn } from './sequencer/snapshots.ts';
import { reject } from './state/outcome.ts';
import { warmUp } from './warm-up.ts';

export interface BrokerOptions {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly version: string;
  readonly usage: () => ProcessUsage;
  /** How long the event loop has been busy since it began. Without it, it is taken to be at rest. */
  readonly busyMs?: () => number;
  /** Told of what must not happen: nothing that the broker would do from then on can be trusted. */
  readonly onFatal: (error: unknown) => void;
  /** Journals, in place of those that the settings name. */
  readonly store?: JournalStore;
}

export interface Broker {
  /** Where it listens, with the port that was picked. */
  readonly address: Address;
  readonly forests: Forests;
  readonly health: Health;
  /**
   * Stops in good order: not ready any more, last bookmarks, connections asked to leave and calls given time to end, then
   * everything on disk.
   */
  stop(): Promise<void>;
}

const services = [ContextService, LockService, ReviewService, ForestService, SchemaService] as const;

/** Starts a broker. It is ready when this resolves. */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const { settings, clock, random, log } = options;
  const health = new Health(services.map(({ typeName }) => typeName));
  const counters = new BrokerCounters();
  const store = options.store ?? (await openStore(options, counters));
  const meters = settings.meters ? createMeters(options) : null;
  const schemaCompiler = new SchemaCompiler();
  const judge = new SchemaJudge(schemaCompiler);
  let forests: LocalForests;
  try {
    const { snapshotJournalBytes } = settings;
    const onWriteStop = (forest: string, reason: string): void => {
      health.set(readiness, false);
      log.error('the journal takes no more writes; reads go on', { forest, reason });
    };
    const common = { store, clock, random, snapshotJournalBytes, onWriteStop, judge };
    forests = await LocalForests.open(meters === null ? common : { ...common, meters });
  } catch (error) {
    await store.close();
    throw error;
  }
  await warmUp(clock, random);
  const { transport, mcp } = createTransport(options, { forests, health, schemaCompiler, counters });
  let address: Address;
  try {
    address = await transport.listen(await listenOptions(settings));
  } catch (error) {
    await forests.close();
    throw error;
  }
  counters.watch(clock);
  health.setAll(true);
  for (const { status } of forests.list()) if (status.writeStopReason !== '') health.set(readiness, false);
  log.info('ready', { address: formatAddress(address), forests: forests.list().length });
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopped ??= stopBroker(options, { forests, health, transport, mcp }).finally(() => {
      counters.close();
      meters?.close();
    });
    return stopped;
  };
  return { address, forests, health, stop };
}

/** Counts what agents publish and read. The tokenizer is loaded when there is something to count. */
function createMeters({ settings, clock, busyMs, log }: BrokerOptions): Meters {
  return new Meters({
    clock,
    cachedTokenPrice: settings.cachedTokenPrice,
    async load() {
      const tokenizer = await loadTokenizer('o200k', () => turn(clock));
      return (text) => tokenizer.countSteps(text);
    },
    ...(busyMs === undefined ? {} : { busyMs }),
    onFailure: (error) =>
      log.error('tokens are not counted: the tokenizer could not be loaded', errorFields(error)),
  });
}

async function openStore(
  { settings, clock, random }: BrokerOptions,
  counters: BrokerCounters,
): Promise<JournalStore> {
  if (settings.journal === 'memory') return new MemoryStore();
  const path = resolve(settings.data);
  await mkdir(dirname(path), { recursive: true });
  const onCommit = counters.committed.bind(counters);
  return DataFolder.open(path, { clock, random, onCommit });
}

/** What a transport serves. */
interface Served {
  readonly forests: Forests;
  readonly health: Health;
  readonly schemaCompiler: SchemaCompiler;
  readonly counters: BrokerCounters;
}

function createTransport(
  options: BrokerOptions,
  { forests, health, schemaCompiler, counters }: Served,
): { readonly transport: Http2Transport; readonly mcp: McpRoute } {
  const { settings, clock, random, log, version, usage, onFatal } = options;
  const startTimeMs = clock.nowMs();
  const methods = hyperloomMethods({
    forests,
    clock,
    pinnedRoots: new PinnedRoots(random),
    schemaCompiler,
    valueForms: new ValueForms(schemaCompiler),
    version,
    journal: settings.journal,
    startTimeMs,
    usage,
    onDiffRefused: (rejection) => counters.diffRefused(rejection),
  });
  const onRefusal = counters.callRefused.bind(counters);
  const onError = (error: unknown, method: string): void => {
    log.error('a call failed by our own mistake', { method, ...errorFields(error) });
    if (isFatal(error)) onFatal(error);
  };
  const mcp = mcpRoute({
    transport: () => inProcessTransport({ methods, clock, onError, onRefusal }),
    clock,
    random,
    version,
    // Beyond loopback nobody here knows by which names the broker is called: what guards it does.
    hosts: isLoopback(settings.listen.host) ? loopbackNames : undefined,
    grants: settings.mcpTools,
    onError: (error) => onError(error, '/mcp'),
  });
  const transport = new Http2Transport({
    methods: [...methods, ...health.methods, ...reflectionMethods([...services, HealthService])],
    clock,
    random,
    http2: settings.http2,
    routes: firstOf(
      metricsRoute({ forests, counters, version, startTimeMs, usage }),
      mcp.route,
      settingsRoute({ traceUrl: settings.traceUrl }),
      staticRoute(debuggerFolder(), debuggerMissing),
    ),
    onRefusal,
    limits: {
      connectionAgeMsMax: settings.connectionAgeMsMax === 0 ? Infinity : settings.connectionAgeMsMax,
    },
    onError,
  });
  return { transport, mcp };
}

const loopbackNames = ['localhost', '127.0.0.1', '[::1]'] as const;

/** Asks one route after the other. */
function firstOf(...routes: readonly Route[]): Route {
  return (request, response) => routes.some((route) => route(request, response));
}

/** Our own mistake, or a disk that lost what was acknowledged: whatever else is served may be wrong too. */
function isFatal(error: unknown): boolean {
  return error instanceof AssertionError || error instanceof JournalDamage || error instanceof CodecDamage;
}

async function listenOptions({ listen, tls }: Settings): Promise<ListenOptions> {
  if (tls === null) return { ...listen };
  const [certificate, key] = [await readFile(tls.certificate, 'utf8'), await readFile(tls.key, 'utf8')];
  if (tls.clientAuthority === null) return { ...listen, tls: { certificate, key } };
  return {
    ...listen,
    tls: { certificate, key, clientAuthority: await readFile(tls.clientAuthority, 'utf8') },
  };
}

interface Running {
  readonly forests: Forests;
  readonly health: Health;
  readonly transport: Http2Transport;
  readonly mcp: McpRoute;
}

async function stopBroker(
  { settings, log }: BrokerOptions,
  { forests, health, transport, mcp }: Running,
): Promise<void> {
  log.info('stopping');
  health.shutDown();
  const stopping = reject('NOT_SERVING', 'the broker stops; resume from the last bookmark');
  for (const forest of forests.list()) forest.hub.drainAll(stopping);
  // Streams of MCP end only when their clients leave, so both are told at the same time.
  await Promise.all([mcp.close(settings.drainMsMax), transport.close(settings.drainMsMax)]);
  await forests.close();
  log.info('stopped');
}
