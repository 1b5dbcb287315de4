/** Streams of brokers that share forests, as an entry of the corpus: all that was in the logs and in the objects beside them, in one packed file. */
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';

import { MemoryLog } from '../../src/journal/memory/agreed-log.ts';
import { MemoryLogs } from '../../src/journal/memory/agreed-logs.ts';
import { MemoryObjects } from '../../src/journal/memory/agreed-objects.ts';

const folder = fileURLToPath(new URL('streams', import.meta.url));

/** Bytes are in base64. */
export interface StoredStreams {
  readonly written: { readonly version: string; readonly date: string; readonly chapters: readonly string[] };
  /** Entries by log, from the first one on, also where the stream was cut since. */
  readonly logs: Readonly<Record<string, readonly StoredEntry[]>>;
  /** Objects by log, and by name. */
  readonly objects: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** State hash and position of the live brokers behind the last entry, by forest. */
  readonly hashes: Readonly<Record<string, string>>;
}

export interface StoredEntry {
  readonly timeMs: number;
  readonly payload: string;
}

export function streamNames(): string[] {
  return readdirSync(folder).sort();
}

export function writeStreams(name: string, stored: StoredStreams): number {
  const packed = gzipSync(JSON.stringify(stored), { level: 9 });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), packed);
  return packed.length;
}

export function readStreams(name: string): StoredStreams {
  return JSON.parse(gunzipSync(readFileSync(join(folder, name))).toString()) as StoredStreams;
}

/** The same as logs in memory, without those objects that `isLost`. */
export function logsOf(
  { logs, objects }: StoredStreams,
  isLost: (object: string) => boolean = () => false,
): MemoryLogs {
  const all = new MemoryLogs();
  for (const [name, entries] of Object.entries(logs)) {
    const log = new MemoryLog();
    for (const [index, { timeMs, payload }] of entries.entries())
      log.entries.push({ sequence: index + 1, timeMs, payload: Buffer.from(payload, 'base64') });
    all.logs.set(name, log);
    const beside = new MemoryObjects();
    for (const [object, bytes] of Object.entries(objects[name] ?? {}))
      if (!isLost(object)) beside.stored.set(object, Buffer.from(bytes, 'base64'));
    all.objects.set(name, beside);
  }
  return all;
}
