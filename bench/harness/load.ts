/**
 * Unary load on a gRPC server: by ghz where it is there (it knows nothing of us), otherwise by our own generator. Both send
 * messages that are already encoded, so that making them costs the machine nothing.
 */
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { root } from '../../scripts/step.ts';
import type { Metrics } from './case.ts';
import type { Child } from './children.ts';
import { findTool } from './tools.ts';

/** What to call. */
export interface Call {
  readonly address: string;
  /** `package.Service/Method`. */
  readonly method: string;
  /** Where ghz learns the method from: arguments such as `--proto FILE`. */
  readonly schema: readonly string[];
  /** One encoded request. */
  readonly message: Uint8Array;
}

/** How much. */
export interface Load {
  readonly inFlight: number;
  readonly connections: number;
  readonly count: number;
  readonly isSmoke: boolean;
}

const execute = promisify(execFile);

/** Sends the load, after a tenth of it to warm up, and tells the server's CPU time a call, calls a second, and latencies. */
export async function unaryLoad(server: Child, call: Call, load: Load, folder: string): Promise<Metrics> {
  const send = load.isSmoke || findTool('ghz') === undefined ? sendOwn : sendGhz;
  const message = join(folder, `${call.method.replaceAll('/', '.')}.message`);
  writeFileSync(message, call.message);
  await send(call, message, { ...load, count: Math.ceil(load.count / 10) });
  const before = server.cpuUs();
  const seen = await send(call, message, load);
  return { cpuUs: (server.cpuUs() - before) / load.count, ...seen };
}

interface GhzReport {
  readonly rps: number;
  readonly count: number;
  readonly statusCodeDistribution: Readonly<Record<string, number>>;
  readonly latencyDistribution: readonly { readonly percentage: number; readonly latency: number }[];
}

async function sendGhz(call: Call, message: string, load: Load): Promise<Metrics> {
  const report = `${message}.json`;
  const amounts = ['-c', load.inFlight, '-n', load.count, '--connections', load.connections].map(String);
  const target = ['--insecure', ...call.schema, '--call', call.method, '--binary-file', message];
  const args = [...target, ...amounts, '-O', 'json', '-o', report, call.address];
  await execute(findTool('ghz') ?? 'ghz', args, { cwd: root });
  const result = JSON.parse(readFileSync(report, 'utf8')) as GhzReport;
  const answered = result.statusCodeDistribution['OK'] ?? 0;
  if (answered !== load.count)
    throw new Error(`${call.method}: ${JSON.stringify(result.statusCodeDistribution)}`);
  const at = (share: number): number =>
    (result.latencyDistribution.find(({ percentage }) => percentage === share)?.latency ?? Number.NaN) /
    1_000;
  return { perSecond: result.rps, p50Us: at(50), p95Us: at(95), p99Us: at(99) };
}

async function sendOwn(call: Call, message: string, load: Load): Promise<Metrics> {
  const amounts = [load.inFlight, load.connections, load.count].map(String);
  const script = join(root, 'bench', 'load', 'unary.ts');
  const { stdout } = await execute(process.execPath, [
    script,
    call.address,
    call.method,
    message,
    ...amounts,
  ]);
  return JSON.parse(stdout) as Metrics;
}
