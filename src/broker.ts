/** The wiring of a broker: forests on their journals, the services on them, and one port for all. */
import { mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { AssertionError } from './base/assert.ts';
import type { WatchedFiles } from './access/watched-files.ts';
import type { Clock } from './base/clock.ts';
import type { Random } from './base/random.ts';
import { openBrokerAccess, type BrokerAccess } from './broker-access.ts';
import { createMeters } from './broker-meters.ts';
import { openTracing } from './broker-tracing.ts';
import { formatAddress, isLoopback } from './config-value.ts';
import type { Address } from './config-value.ts';
import type { Settings } from './config.ts';
import { debuggerFolder, debuggerMissing } from './debugger-folder.ts';
import type { Caller } from './access/caller.ts';
import { ContextService } from './gen/hyperloom/v1/context_service_pb.ts';
import { ForestService } from './gen/hyperloom/v1/forest_service_pb.ts';
import { LockService } from './gen/hyperloom/v1/lock_service_pb.ts';
import { ReviewService } from './gen/hyperloom/v1/review_service_pb.ts';
import { SchemaService } from './gen/hyperloom/v1/schema_service_pb.ts';
import { Health as HealthService } from './gen/grpc/health/v1/health_pb.ts';
import { CodecDamage } from './codec/damage.ts';
import { DataFolder } from './journal/embedded/data-folder.ts';
import { nodeFileSystem } from './journal/embedded/node-file-system.ts';
import { unsyncedBelow } from './journal/embedded/unsynced.ts';
import { JournalDamage } from './journal/journal.ts';
import { watchDisk } from './disk-watch.ts';
import { errorFields } from './log.ts';
import type { Logger } from './log.ts';
import { mcpPath, mcpRoute, type McpRoute } from './mcp-route.ts';
import { MemoryStore } from './memory-store.ts';
import { Http2Transport } from './rpc/http2/http2-transport.ts';
import { Refused } from './rpc/errors.ts';
import { PinnedRoots } from './rpc/pinned-roots.ts';
import { BrokerCounters } from './rpc/metrics/broker-counters.ts';
import { upToDate } from './rpc/replicas/up-to-date.ts';
import { metricsRoute } from './rpc/metrics/metrics-route.ts';
import { hyperloomMethods } from './rpc/services/methods.ts';
import type { ProcessUsage } from './rpc/services/service.ts';
import { Health, readiness } from './rpc/standard/health.ts';
import { reflectionMethods } from './rpc/standard/reflection.ts';
import { traced } from './rpc/traced.ts';
import type { ListenOptions, Method, RpcError } from './rpc/transport.ts';
import { inProcessTransport } from './rpc/web/in-process.ts';
import type { Route, WebRequest } from './rpc/web/web-options.ts';
import { serveProtected } from './rpc/web/protected-route.ts';
import { metadataUrlOf, resourceMetadataRoute } from './rpc/web/resource-metadata.ts';
import { settingsRoute } from './rpc/web/settings-route.ts';
import { staticRoute } from './rpc/web/static-files.ts';
import { SchemaCompiler } from './schema/compile.ts';
import { ValueForms } from './schema/value-forms.ts';
import { SchemaJudge } from './schema/judge.ts';
import { DiskRoom } from './sequencer/disk-room.ts';
import { unbounded, type ForestBounds } from './sequencer/forest-quota.ts';
import type { Forests } from './sequencer/forest.ts';
import { LocalForests } from './sequencer/local-forests.ts';
import type { JournalStore } from './sequencer/local-forests.ts';
import type { Tracing } from './tracing/tracing.ts';
import { FlushTurn } from './transport/h2/flush-turn.ts';
import { reject } from './state/outcome.ts';
import { readTls, watchTls } from './tls-files.ts';
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
   * Stops in good order: not ready any more, and for the notice everything goes on; then last bookmarks, connections asked to leave and
   * calls given time to end, then everything on disk.
   */
  stop(): Promise<void>;
}

const services = [ContextService, LockService, ReviewService, ForestService, SchemaService] as const;

/** Starts a broker. It is ready when this resolves. */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const { settings, clock, random, log } = options;
  const health = new Health(services.map(({ typeName }) => typeName));
  const counters = new BrokerCounters();
  const tracing = await openTracing(options, counters.spans);
  const endOfTurn = new FlushTurn();
  const store = options.store ?? (await openStore(options, counters, endOfTurn));
  const isUp = Promise.withResolvers<void>();
  const meters = settings.meters ? createMeters(options, isUp.promise) : null;
  const schemaCompiler = new SchemaCompiler();
  const judge = new SchemaJudge(schemaCompiler);
  const diskRoom = new DiskRoom();
  const diskWatch = watchDisk({ clock, log, room: diskRoom, freeBytesMin: settings.diskFreeBytesMin }, store);
  // Whoever asks for access is told of forests, so these are there first.
  let access: BrokerAccess | undefined;
  let forests: Forests;
  try {
    const { snapshotJournalBytes } = settings;
    const onWriteStop = (forest: string, reason: string): void => {
      health.set(readiness, false);
      log.error('the journal takes no more writes; reads go on', { forest, reason });
    };
    const onWritten = counters.written.bind(counters);
    const boundsOf = (forest: string): ForestBounds => access?.forestQuota(forest) ?? unbounded;
    const behindAnswers = endOfTurn.behind.bind(endOfTurn);
    const told = { onWriteStop, onWritten, judge, diskRoom, boundsOf, behindAnswers };
    const common = { store, clock, random, snapshotJournalBytes, ...told };
    const metered = meters === null ? common : { ...common, meters };
    const all = tracing === null ? metered : { ...metered, tracing };
    const { jetStream } = settings;
    forests =
      jetStream === null
        ? await LocalForests.open(all)
        : // NATS' client is loaded where the journal lies there.
          await (
            await import('./shared-forests.ts')
          ).openShared({ ...all, address: jetStream, log, onFatal: options.onFatal });
  } catch (error) {
    await store.close();
    throw error;
  }
  for (const [forest, to] of forests.moved)
    log.warn('a forest is not served here: it was moved', { forest, to });
  await warmUp(clock, random);
  const running = await listen(options, { forests, health, schemaCompiler, counters, tracing, endOfTurn });
  ({ access } = running);
  const { address } = running;
  counters.watch(clock);
  await diskWatch?.start(forests);
  health.setAll(true);
  for (const { status } of forests.list()) if (status.writeStopReason !== '') health.set(readiness, false);
  isUp.resolve();
  log.info('ready', { address: formatAddress(address), forests: forests.list().length });
  let stopped: Promise<void> | undefined;
  const end = async (): Promise<void> => {
    try {
      await stopBroker(options, { ...running, forests, health });
    } finally {
      counters.close();
      meters?.close();
      diskWatch?.close();
      await tracing?.close();
    }
  };
  const stop = (): Promise<void> => (stopped ??= end());
  return { address, forests, health, stop };
}

async function openStore(
  { settings, clock, random }: BrokerOptions,
  counters: BrokerCounters,
  endOfTurn: FlushTurn,
): Promise<JournalStore> {
  if (settings.journal === 'memory') return new MemoryStore();
  // What follows from a shared journal is made anew at each start, so it must not lie where data lies, and need not be synced.
  const isReplica = settings.journal === 'jetstream';
  const path = resolve(isReplica ? `${settings.data}-replica` : settings.data);
  const fileSystem = isReplica ? unsyncedBelow(`${path}/forests`, nodeFileSystem) : nodeFileSystem;
  await mkdir(dirname(path), { recursive: true });
  const onCommit = counters.committed.bind(counters);
  // The disk works while sockets are written to.
  const defer = endOfTurn.ahead.bind(endOfTurn);
  return DataFolder.open(path, { fileSystem, clock, random, onCommit, defer, waitsForRoom: true });
}

/** What a transport serves. */
interface Served {
  readonly forests: Forests;
  readonly health: Health;
  readonly schemaCompiler: SchemaCompiler;
  readonly counters: BrokerCounters;
  readonly tracing: Tracing | null;
  readonly endOfTurn: FlushTurn;
}

/** What listens. */
interface Listening {
  readonly address: Address;
  readonly access: BrokerAccess;
  readonly transport: Http2Transport;
  readonly mcp: McpRoute;
  /** Watches the certificates, where there are any. */
  readonly certificates: WatchedFiles | null;
}

async function listen(options: BrokerOptions, served: Served): Promise<Listening> {
  const { settings, clock, log } = options;
  const { forests } = served;
  let access: BrokerAccess | undefined;
  let certificates: WatchedFiles | null = null;
  try {
    access = await openBrokerAccess({ settings, forests, clock, log });
    const { transport, mcp } = createTransport(options, served, access);
    const { tls } = settings;
    if (tls !== null)
      certificates = await watchTls({ tls, clock, log, renew: (files) => transport.renewTls(files) });
    const address = await transport.listen(await listenOptions(settings));
    return { address, access, transport, mcp, certificates };
  } catch (error) {
    certificates?.close();
    await access?.close();
    await forests.close();
    throw error;
  }
}

/** All methods behind their rules, and within their spans. */
function createMethods(
  { settings, clock, random, version, usage }: BrokerOptions,
  { forests, schemaCompiler, counters, tracing }: Served,
  access: BrokerAccess,
  startTimeMs: number,
): readonly Method[] {
  const unguarded = hyperloomMethods({
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
    ...(access.isOpen ? {} : { audit: access.audit }),
    ...(tracing === null ? {} : { tracing }),
  });
  const isShared = settings.journal === 'jetstream';
  const guarded = access.guard(unguarded, isShared ? (methods) => upToDate(methods, forests) : null);
  return tracing === null ? guarded : traced(guarded, tracing);
}

function createTransport(
  options: BrokerOptions,
  served: Served,
  access: BrokerAccess,
): Pick<Listening, 'transport' | 'mcp'> {
  const { settings, clock, random, log, version, usage, onFatal } = options;
  const { forests, health, counters, endOfTurn } = served;
  const startTimeMs = clock.nowMs();
  const methods = createMethods(options, served, access, startTimeMs);
  const watchOf = counters.calls.of.bind(counters.calls);
  const onRefusal = (error: RpcError, method: string): void => {
    counters.callRefused(error);
    // Its message can name what was sent.
    const told = { method: counters.calls.nameOf(method), code: error.code };
    log.debug('a call was refused', { ...told, ...reasonOf(error) });
  };
  const onError = (error: unknown, method: string): void => {
    log.error('a call failed by our own mistake', { method, ...errorFields(error) });
    if (isFatal(error)) onFatal(error);
  };
  const resource = { path: mcpPath, publicUrl: settings.publicUrl, issuers: () => access.issuers() };
  const mcp = mcpRoute({
    transport: (caller) => {
      const callerOf = (): Promise<Caller> => access.renew(caller());
      return inProcessTransport({ methods, clock, onError, onRefusal, watchOf, callerOf });
    },
    clock,
    random,
    version,
    // Beyond loopback nobody here knows by which names the broker is called: what guards it does.
    hosts: isLoopback(settings.listen.host) ? loopbackNames : undefined,
    grants: settings.mcpTools,
    onError: (error) => onError(error, mcpPath),
    protection: {
      door: access.door,
      metadataUrl: (request) => (access.isOpen ? '' : metadataUrlOf(request, resource)),
      onError: (error) => onError(error, mcpPath),
    },
  });
  const all = [...methods, ...health.methods, ...reflectionMethods([...services, HealthService])];
  counters.calls.know(all);
  const nowMs = clock.nowMs.bind(clock);
  const transport = new Http2Transport({
    methods: all,
    clock,
    random,
    http2: settings.http2,
    turn: endOfTurn,
    routes: firstOf(
      forOperators(metricsRoute({ forests, counters, version, startTimeMs, usage, nowMs }), access, onError),
      mcp.route,
      ...(access.isOpen ? [] : [resourceMetadataRoute(resource)]),
      settingsRoute({ traceUrl: settings.traceUrl }),
      staticRoute(debuggerFolder(), debuggerMissing),
    ),
    onRefusal,
    watchOf,
    door: access.door,
    limits: {
      connectionAgeMsMax: settings.connectionAgeMsMax === 0 ? Infinity : settings.connectionAgeMsMax,
      connectionAgeGraceMs: settings.connectionAgeGraceMs,
      keepaliveMs: settings.keepaliveMs,
      keepaliveAnswerMsMax: settings.keepaliveAnswerMsMax,
      clientPingMsMin: settings.clientPingMsMin,
    },
    onError,
  });
  return { transport, mcp };
}

function reasonOf(error: RpcError): { readonly reason?: string } {
  return error instanceof Refused ? { reason: error.rejection.reason } : {};
}

const loopbackNames = ['localhost', '127.0.0.1', '[::1]'] as const;

/** What tells of the whole broker is for those who operate it. */
function forOperators(
  route: Route,
  access: BrokerAccess,
  onError: (error: unknown, method: string) => void,
): Route {
  if (access.isOpen) return route;
  return (request, response) => {
    const path = pathOf(request);
    if (path !== '/metrics') return false;
    const options = {
      door: access.door,
      metadataUrl: () => '',
      onError: (error: unknown) => onError(error, path),
    };
    serveProtected(request, response, options, (_request, _response, caller) => {
      access.needOperator(caller);
      route(request, response);
    });
    return true;
  };
}

function pathOf(request: WebRequest): string {
  return (request.url ?? '').split('?', 1)[0] ?? '';
}

/** Asks one route after the other. */
function firstOf(...routes: readonly Route[]): Route {
  return (request, response) => routes.some((route) => route(request, response));
}

/** Our own mistake, or a disk that lost what was acknowledged: whatever else is served may be wrong too. */
function isFatal(error: unknown): boolean {
  return error instanceof AssertionError || error instanceof JournalDamage || error instanceof CodecDamage;
}

async function listenOptions({ listen, tls }: Settings): Promise<ListenOptions> {
  return tls === null ? { ...listen } : { ...listen, tls: await readTls(tls) };
}

interface Running {
  readonly forests: Forests;
  readonly health: Health;
  readonly transport: Http2Transport;
  readonly mcp: McpRoute;
  readonly access: BrokerAccess;
  readonly certificates: WatchedFiles | null;
}

async function stopBroker(
  { settings, clock, log }: BrokerOptions,
  { forests, health, transport, mcp, access, certificates }: Running,
): Promise<void> {
  const { drainNoticeMs } = settings;
  log.info('stopping', { drainNoticeMs, drainMsMax: settings.drainMsMax });
  health.shutDown();
  transport.announceClose();
  if (drainNoticeMs > 0) await new Promise<void>((over) => void clock.setTimer(drainNoticeMs, over));
  const stopping = reject('NOT_SERVING', 'the broker stops; resume from the last bookmark');
  // Streams of MCP end only when their clients leave, so both are told at the same time.
  const closed = Promise.all([mcp.close(settings.drainMsMax), transport.close(settings.drainMsMax)]);
  // Behind GOAWAY: whose stream ends comes again on another connection.
  for (const forest of forests.list()) forest.hub.drainAll(stopping);
  await closed;
  certificates?.close();
  await access.close();
  await forests.close();
  log.info('stopped');
}
