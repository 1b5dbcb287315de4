/**
 * What a unary call costs the server, with `node:http2` and with our own engine, beyond a bare `node:http2` echo that knows nothing of gRPC but its frame and status.
 * Each server is a process of its own and reports its own CPU time; one client drives them in turn, round by round, 48
 * calls of 200 bytes in flight on 4 connections. Figures are microseconds of CPU (user and system) a call; the ratio of
 * one run is what to compare. `--smoke` makes it short.
 */
import { create } from '@bufbuild/protobuf';
import { type ChildProcess, fork } from 'node:child_process';
import { type ClientHttp2Session, connect, createServer } from 'node:http2';
import { systemClock } from '../../base/clock.ts';
import { Health, HealthCheckResponseSchema } from '../../gen/grpc/health/v1/health_pb.ts';
import { defineMethod, type Method } from '../transport.ts';
import { Http2Transport } from './http2-transport.ts';
import { frameOf } from './reply-sink.ts';

const servers = ['bare', 'bytes', 'messages', 'own bytes', 'own messages'] as const;
type Server = (typeof servers)[number];

const smoke = process.argv.includes('--smoke');
const rounds = smoke ? 2 : 7;
const callsPerRound = smoke ? 500 : 20_000;
const connections = 4;
const inFlight = 48;
const path = `/${Health.typeName}/Check`;

async function serve(server: Server): Promise<number> {
  if (server === 'bare') return serveBare();
  const methods: Record<'bytes' | 'messages', Method> = {
    bytes: defineMethod({
      kind: 'unary',
      descriptor: Health.method.check,
      handle: () => create(HealthCheckResponseSchema),
      handleBytes: (request) => request,
    }),
    messages: defineMethod({
      kind: 'unary',
      descriptor: Health.method.check,
      handle: (request) => create(HealthCheckResponseSchema, { status: request.service === '' ? 1 : 2 }),
    }),
  };
  const http2 = server.startsWith('own') ? 'own' : 'node';
  const method = methods[server.endsWith('bytes') ? 'bytes' : 'messages'];
  const transport = new Http2Transport({ methods: [method], clock: systemClock, http2 });
  return (await transport.listen({ host: '127.0.0.1', port: 0 })).port;
}

function serveBare(): Promise<number> {
  const server = createServer();
  server.on('stream', (stream) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.end(Buffer.concat(chunks));
    });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.on('error', () => undefined);
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}

function call(session: ClientHttp2Session, body: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers' };
    const stream = session.request({ ...headers, 'grpc-timeout': '20S' });
    let status: unknown;
    stream.on('trailers', (trailers) => {
      status = trailers['grpc-status'];
    });
    stream.on('error', reject);
    stream.on('close', () => (status === '0' ? resolve() : reject(new Error(`status ${String(status)}`))));
    stream.resume();
    stream.end(body);
  });
}

async function drive(
  sessions: readonly ClientHttp2Session[],
  calls: number,
  body: Uint8Array,
): Promise<void> {
  let left = calls;
  const worker = async (session: ClientHttp2Session): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await call(session, body);
    }
  };
  const workers = Array.from({ length: inFlight / connections }, () => sessions.map(worker));
  await Promise.all(workers.flat());
}

function ask(child: ChildProcess, question: string): Promise<number> {
  return new Promise((resolve) => {
    child.once('message', (answer) => resolve(Number(answer)));
    child.send(question);
  });
}

async function measure(): Promise<void> {
  const body = frameOf(Uint8Array.from([10, 198, 1, ...Array<number>(198).fill(97)]));
  const running = await Promise.all(
    servers.map(async (name) => {
      const child = fork(import.meta.filename, ['--serve', name]);
      const port = await ask(child, 'port');
      const sessions = Array.from({ length: connections }, () => connect(`http://127.0.0.1:${port}`));
      return { name, child, sessions, figures: [] as number[] };
    }),
  );
  for (let round = -1; round < rounds; round += 1) {
    for (const { child, sessions, figures } of running) {
      const before = await ask(child, 'cpu');
      await drive(sessions, callsPerRound, body);
      // The first round warms up.
      if (round >= 0) figures.push(((await ask(child, 'cpu')) - before) / callsPerRound);
    }
  }
  const [bare] = running.map(({ figures }) => median(figures));
  for (const { name, child, sessions, figures } of running) {
    const cost = median(figures);
    const spread = `${Math.min(...figures).toFixed(1)}–${Math.max(...figures).toFixed(1)}`;
    console.log(
      `rpc/unary/${name}: ${cost.toFixed(1)} µs (${spread}), ${(cost / (bare ?? cost)).toFixed(2)} × bare`,
    );
    for (const session of sessions) session.destroy();
    child.kill();
  }
}

function median(figures: readonly number[]): number {
  return [...figures].sort((left, right) => left - right)[Math.floor(figures.length / 2)] ?? 0;
}

const served = servers.find((name) => process.argv[2] === '--serve' && name === process.argv[3]);
if (served === undefined) await measure();
else {
  const port = await serve(served);
  process.on('message', (question) => {
    const { user, system } = process.cpuUsage();
    process.send?.(question === 'port' ? port : user + system);
  });
}
