/**
 * What a delivery to one of many subscribers costs the server's transport: one encoded message written to each of 100 streams on 4
 * connections, one or 16 a turn, with `node:http2` and with our own engine. Each server is a process of its own and reports
 * its own CPU time. Figures are microseconds of CPU (user and system) a message. `--smoke` makes it short.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { type ClientHttp2Session, connect } from 'node:http2';
import { systemClock } from '../../base/clock.ts';
import { Health, type HealthCheckResponse } from '../../gen/grpc/health/v1/health_pb.ts';
import { defineMethod, EncodedMessage, type Sink } from '../transport.ts';
import { Http2Transport } from './http2-transport.ts';
import { frameOf } from './reply-sink.ts';

const servers = ['node', 'own'] as const;
const smoke = process.argv.includes('--smoke');
const rounds = smoke ? 2 : 5;
const turns = smoke ? 20 : 1_000;
const connections = 4;
const streams = 100;
const messageBytes = 200;
const path = `/${Health.typeName}/Watch`;

async function serve(http2: 'node' | 'own'): Promise<void> {
  const sinks = new Set<Sink<HealthCheckResponse>>();
  const watch = defineMethod({
    kind: 'server_streaming',
    descriptor: Health.method.watch,
    handle: (_request, sink, call) =>
      new Promise((resolve) => {
        sinks.add(sink);
        call.onCancel(() => {
          sinks.delete(sink);
          resolve();
        });
      }),
  });
  const transport = new Http2Transport({ methods: [watch], clock: systemClock, http2 });
  const { port } = await transport.listen({ host: '127.0.0.1', port: 0 });
  const burst = async (turnsLeft: number, perTurn: number): Promise<void> => {
    for (let turn = 0; turn < turnsLeft; turn += 1) {
      for (let index = 0; index < perTurn; index += 1) {
        const message = new EncodedMessage(new Uint8Array(messageBytes));
        for (const sink of sinks) sink.writeEncoded(message);
      }
      do await new Promise((resolve) => setImmediate(resolve));
      while ([...sinks].some((sink) => sink.queuedBytes > 100_000));
    }
  };
  process.on('message', (question: { readonly ask: string; readonly perTurn?: number }) => {
    if (question.ask === 'port') process.send?.(port);
    if (question.ask === 'streams') process.send?.(sinks.size);
    if (question.ask !== 'burst') return;
    const before = process.cpuUsage();
    void burst(turns, question.perTurn ?? 1).then(() => {
      const { user, system } = process.cpuUsage(before);
      process.send?.(user + system);
    });
  });
}

function ask(
  child: ChildProcess,
  question: { readonly ask: string; readonly perTurn?: number },
): Promise<number> {
  return new Promise((resolve) => {
    child.once('message', (answer) => resolve(Number(answer)));
    child.send(question);
  });
}

/** Opens all streams, and resolves when the server has them. */
async function subscribe(child: ChildProcess): Promise<readonly ClientHttp2Session[]> {
  const port = await ask(child, { ask: 'port' });
  const sessions = Array.from({ length: connections }, () => connect(`http://127.0.0.1:${port}`));
  for (let index = 0; index < streams; index += 1) {
    const stream = sessions[index % connections]?.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    stream?.on('error', () => undefined);
    stream?.resume();
    stream?.end(frameOf(new Uint8Array(0)));
  }
  while ((await ask(child, { ask: 'streams' })) < streams);
  return sessions;
}

async function measure(): Promise<void> {
  for (const perTurn of [1, 16]) {
    for (const http2 of servers) {
      const child = fork(import.meta.filename, ['--serve', http2]);
      const sessions = await subscribe(child);
      const figures: number[] = [];
      for (let round = -1; round < rounds; round += 1) {
        const cpuUs = await ask(child, { ask: 'burst', perTurn });
        // The first round warms up.
        if (round >= 0) figures.push(cpuUs / (turns * perTurn * streams));
      }
      figures.sort((left, right) => left - right);
      const [middle, least, most] = [figures[rounds >> 1] ?? 0, figures[0] ?? 0, figures.at(-1) ?? 0];
      console.log(
        `rpc/fan-out/${http2}, ${perTurn} a turn: ${middle.toFixed(2)} µs (${least.toFixed(2)}–${most.toFixed(2)})`,
      );
      for (const session of sessions) session.destroy();
      child.kill();
    }
  }
}

const served = servers.find((name) => process.argv[2] === '--serve' && name === process.argv[3]);
if (served === undefined) await measure();
else await serve(served);
