/**
 * A disk that fails on command, under a real broker: `node --import THIS … serve`. It stands between the broker and the operating system, keeps
 * account of what was written and not synced, and on SIGUSR2 does what the file says that `HYPERLOOM_DISK_ORDERS` names, which is gone
 * once it knows:
 *
 * - `sync_fails`: the next sync fails with EIO, and what it was to make durable is gone, as on Linux, where pages whose write-back
 *   failed count as clean: a broker that syncs once more and believes it would lose them.
 * - `disk_is_full`: writes fail with ENOSPC from now on; with an odd number behind it from the next write of records on, which itself ends after
 *   half of its bytes.
 * - `no_room`: it says that it has no room left, until `room` says that it has.
 * - `power_cut`: the process dies at once, and of what was not synced each sector survives or not, by chance.
 *
 * Names are as durable as the operating system makes them: a directory entry that was not synced is never lost here.
 */
import { constants, readFileSync, rmSync } from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';

import { seededRandom, type Random } from '../../src/base/random.ts';

const orders = process.env['HYPERLOOM_DISK_ORDERS'] ?? '';
const sectorBytes = 512;

/** What the file of orders holds, and behind a space a seed. */
export type DiskOrder = 'sync_fails' | 'disk_is_full' | 'no_room' | 'room' | 'power_cut';

interface Range {
  readonly start: number;
  readonly end: number;
}

type Done = (error: NodeJS.ErrnoException | null, bytes?: number) => void;
type Write = (file: number, source: Uint8Array, from: number, length: number, at: number, done: Done) => void;
type Descriptor = (file: number, done: Done) => void;
type Statfs = (
  path: string,
  done: (error: NodeJS.ErrnoException | null, status: { bavail: number }) => void,
) => void;
type Open = (
  path: string,
  flags: string | number,
  mode: number,
  done: (error: NodeJS.ErrnoException | null, file: number) => void,
) => void;

// The exports of the CommonJS module are what the broker's imports follow.
const fs = createRequire(import.meta.url)('node:fs') as {
  open: Open;
  write: Write;
  fdatasync: Descriptor;
  close: Descriptor;
  statfs: Statfs;
  writeSync: (file: number, source: Uint8Array, from: number, length: number, at: number) => number;
};
const real = { statfs: fs.statfs, open: fs.open, write: fs.write, fdatasync: fs.fdatasync, close: fs.close };
/** Files opened for writes that are durable once they end. */
const durable = new Set<number>();
/** By file: what was written since its last sync, or is on its way there. */
const unsynced = new Map<number, Set<Range>>();
const isSegment = /(\d{16}\.segment|next-\d+\.temporary)$/;
/** Files of the journal, those that are only zeros yet included; and those that hold records: of these a failed sync stops all writes. */
const journal = new Set<number>();
const segments = new Set<number>();
let syncFails = false;
let isFull = false;
let isHalf = false;
let hasNoRoom = false;

function failure(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: injected`), { code });
}

function isSyncToFail(file: number): boolean {
  const fails = syncFails && segments.has(file);
  if (fails) syncFails = false;
  return fails;
}

function lose(file: number, ranges: Iterable<Range>): void {
  for (const { start, end } of ranges) fs.writeSync(file, new Uint8Array(end - start), 0, end - start, start);
}

fs.open = (path, flags, mode, done) =>
  real.open(path, flags, mode, (error, file) => {
    if (error === null && isSegment.test(path)) journal.add(file);
    if (error === null && typeof flags === 'number' && (flags & constants.O_DSYNC) !== 0) durable.add(file);
    done(error, file);
  });

fs.write = (file, source, from, length, at, done) => {
  if (journal.has(file) && source.subarray(from, from + 64).some((byte) => byte !== 0)) segments.add(file);
  if (isFull && !isHalf) return process.nextTick(done, failure('ENOSPC'));
  const isCut = isHalf && segments.has(file);
  const bytes = isCut ? length >> 1 : length;
  if (isCut) isHalf = false;
  const range = { start: at, end: at + bytes };
  if (durable.has(file) && isSyncToFail(file)) {
    lose(file, [range]);
    return process.nextTick(done, failure('EIO'));
  }
  const ranges = unsynced.get(file) ?? new Set<Range>();
  unsynced.set(file, ranges.add(range));
  real.write(file, source, from, bytes, at, (error, written) => {
    if (error === null && durable.has(file)) ranges.delete(range);
    done(error, written);
  });
};

fs.fdatasync = (file, done) => {
  const ranges = [...(unsynced.get(file) ?? [])];
  if (ranges.length > 0 && isSyncToFail(file)) {
    lose(file, ranges);
    return process.nextTick(done, failure('EIO'));
  }
  real.fdatasync(file, (error) => {
    if (error === null) for (const range of ranges) unsynced.get(file)?.delete(range);
    done(error);
  });
};

fs.statfs = (path, done) =>
  real.statfs(path, (error, status) => {
    if (error === null && hasNoRoom) status.bavail = 0;
    done(error, status);
  });

fs.close = (file, done) => {
  unsynced.delete(file);
  durable.delete(file);
  segments.delete(file);
  journal.delete(file);
  real.close(file, done);
};
syncBuiltinESMExports();

function cutPower(random: Random): never {
  for (const [file, ranges] of unsynced)
    lose(
      file,
      [...ranges].flatMap((range) => lostSectors(range, random)),
    );
  process.kill(process.pid, 'SIGKILL');
  throw new Error('still alive');
}

function lostSectors({ start, end }: Range, random: Random): Range[] {
  const lost: Range[] = [];
  for (let from = start; from < end;) {
    const to = Math.min(end, (Math.floor(from / sectorBytes) + 1) * sectorBytes);
    if (random.below(2) === 0) lost.push({ start: from, end: to });
    from = to;
  }
  return lost;
}

process.on('SIGUSR2', () => {
  const [order, seed] = readFileSync(orders, 'utf8').split(' ');
  rmSync(orders);
  if (order === 'power_cut') cutPower(seededRandom(Number(seed)));
  if (order === 'sync_fails') syncFails = true;
  if (order === 'no_room' || order === 'room') hasNoRoom = order === 'no_room';
  if (order === 'disk_is_full') [isFull, isHalf] = [true, Number(seed) % 2 === 1];
});
