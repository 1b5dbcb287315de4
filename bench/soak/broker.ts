/** The broker of a soak: a real process with default settings, with the probe inside. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { root } from '../../scripts/step.ts';
import { endWithUs } from './own-session.ts';

/** A broker that is up. */
export interface SoakBroker {
  readonly address: string;
  readonly pid: number;
  /** What it wrote to standard error. */
  errors(): string;
  /** Resolves with the exit code when it ends, for whatever reason; `null` after a signal. */
  readonly ended: Promise<number | null>;
  /** Tells it to stop, and resolves with its exit code. */
  stop(): Promise<number | null>;
}

/** What the probe inside a broker does. */
export interface ProbePlan {
  /** Where it writes a line, every `sampleMs`. */
  readonly file: string;
  readonly sampleMs: number;
  /** How often it asks for a full collection. */
  readonly collectMs: number;
}

/** Starts a broker on `data`, with a probe inside where there is a plan for it. */
export async function startSoakBroker(data: string, probe?: ProbePlan): Promise<SoakBroker> {
  const serve = ['bin/hyperloom.js', 'serve', '--listen', '127.0.0.1:0', '--data', data];
  const args =
    probe === undefined ? serve : ['--import', new URL('probe.ts', import.meta.url).href, ...serve];
  const environment = { ...process.env, SOAK_PROBE: JSON.stringify(probe) };
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  endWithUs(child);
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-20_000);
  });
  const ended = once(child, 'exit').then(() => child.exitCode);
  const line = await Promise.race([
    once(createInterface(child.stdout), 'line').then(([first]) => String(first)),
    ended.then((code) => Promise.reject(new Error(`the broker ended with ${code}: ${errors}`))),
  ]);
  const address = /127\.0\.0\.1:\d+/.exec(line)?.[0];
  if (address === undefined || child.pid === undefined) throw new Error(`no address in "${line}"`);
  return {
    address,
    pid: child.pid,
    errors: () => errors,
    ended,
    stop() {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

/** Open descriptors of a process, by what they are. */
export interface Descriptors {
  readonly total: number;
  readonly sockets: number;
  readonly files: number;
  /** Files that are gone but still take their space. */
  readonly deletedFiles: number;
}

export function descriptorsOf(pid: number): Descriptors {
  const folder = `/proc/${pid}/fd`;
  const targets = readdirSync(folder).map((name) => targetOf(join(folder, name)));
  const files = targets.filter((target) => target.startsWith('/') && !target.startsWith('/dev/'));
  return {
    total: targets.length,
    sockets: targets.filter((target) => target.startsWith('socket:')).length,
    files: files.length,
    deletedFiles: files.filter((target) => target.endsWith(' (deleted)')).length,
  };
}

/** Empty where it was closed meanwhile. */
function targetOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

export function residentBytesOf(pid: number): number {
  const match = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(match?.[1] ?? Number.NaN) * 1_024;
}
