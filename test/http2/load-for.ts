/**
 * A broker under load for some minutes, on the HTTP/2 engine of our own, watched from outside:
 * `node test/http2/load-for.ts MINUTES [SEED]`. Clients come and go, are cut off, do not read, attack; connections reach their
 * age. Fails where memory goes on growing, sockets are left, or the broker ends.
 */
import { mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/base/clock.ts';
import { seededRandom } from '../../src/base/random.ts';
import { BrokerProcess } from '../support/broker-process.ts';
import { type Round, rounds } from './load-workers.ts';

const sampleMs = 10_000;
/** Growth from the second third of the time to the last that is not yet taken for a leak: garbage comes and goes. */
const growthMax = 1.15;

interface Sample {
  readonly residentMb: number;
  readonly sockets: number;
}

async function sampleOf(pid: number): Promise<Sample> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const residentMb = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1_024;
  const folder = `/proc/${pid}/fd`;
  const names = await readdir(folder);
  const targets = await Promise.all(names.map((name) => readlink(join(folder, name)).catch(() => '')));
  return { residentMb, sockets: targets.filter((target) => target.startsWith('socket:')).length };
}

function wait(ms: number): Promise<void> {
  // Keeps the process alive, which a timer of the clock does not.
  const alive = setInterval(() => undefined, ms);
  return new Promise<void>((resolve) => systemClock.setTimer(ms, resolve)).finally(() =>
    clearInterval(alive),
  );
}

const minutes = Number(process.argv[2] ?? 3);
const seed = Number(process.argv[3] ?? 1);
const data = await mkdtemp(join(tmpdir(), 'hyperloom-load-'));
const broker = new BrokerProcess(data, ['--http2', 'own', '--connection-age-ms-max', '3000']);
await broker.start();
const port = Number(broker.address.split(':')[1]);
const before = await sampleOf(broker.pid);
const endMs = systemClock.monotonicMs() + minutes * 60_000;
let answered = 0;
let ended = 0;
const failures = new Map<string, number>();

async function work(round: Round, index: number): Promise<void> {
  const random = seededRandom(seed * 100 + index);
  while (systemClock.monotonicMs() < endMs) {
    try {
      const count = await round(port, random);
      answered += count;
    } catch (error) {
      const what = String(error).slice(0, 120);
      failures.set(what, (failures.get(what) ?? 0) + 1);
    }
    ended += 1;
  }
}

const workers = Promise.all(rounds.map(work));
const samples: Sample[] = [];
while (systemClock.monotonicMs() < endMs) {
  await wait(Math.max(1, Math.min(sampleMs, endMs - systemClock.monotonicMs())));
  const sample = await sampleOf(broker.pid);
  samples.push(sample);
  console.log(
    `${samples.length * 10} s: ${answered} answers, ${ended} rounds, ${sample.residentMb.toFixed(0)} MB, ${sample.sockets} sockets`,
  );
}
await workers;
await wait(3_000);
const after = await sampleOf(broker.pid);
const median = (part: readonly Sample[]): number =>
  part.map(({ residentMb }) => residentMb).sort((left, right) => left - right)[part.length >> 1] ?? NaN;
const third = Math.floor(samples.length / 3);
const [middle, last] = [median(samples.slice(third, 2 * third)), median(samples.slice(2 * third))];
const code = await broker.stop('SIGTERM');
await rm(data, { recursive: true });
for (const [what, count] of failures) console.log(`${count} rounds ended with ${what}`);
console.log(
  `${answered} answers; memory ${before.residentMb.toFixed(0)} MB at first, ${middle.toFixed(0)} and ${last.toFixed(0)} MB in the ` +
    `second and last third; sockets ${before.sockets} before, ${after.sockets} after; the broker ended with ${code}`,
);
const isBounded = last < middle * growthMax && after.sockets <= before.sockets;
process.exitCode = isBounded && code === 0 && answered > 0 ? 0 : 1;
