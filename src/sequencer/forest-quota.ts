/**
 * What a forest may grow to, and authors in it. Nodes are counted in the tick in which a command is applied, when what it makes of the trunk is known and nobody
 * has seen it; bytes are looked at before. Nothing of a refusal is journaled: a figure that an operator changes never changes what a journal
 * means. Where brokers share a forest the figures go along with a command (`AgreedBounds`), and all decide by these at its place.
 */
import type { AgreedBounds } from '../codec/agreed-entry.ts';
import { encodeRecord } from '../codec/record.ts';
import type { Journal } from '../journal/journal.ts';
import type { Command } from '../state/command.ts';
import { noEffects } from '../state/describe.ts';
import type { ForestState } from '../state/forest.ts';
import { stagedDiffs } from '../state/ghosts/ghost.ts';
import type { Root } from '../state/ghosts/ghost.ts';
import { reject } from '../state/outcome.ts';
import type { Rejection } from '../state/outcome.ts';
import { outOfRoom, type Judge } from '../state/schemas/judge.ts';

/** Infinity: as much as the broker can. */
export interface ForestBounds {
  /** Nodes with a value on the trunk. */
  readonly nodes: number;
  /** Bytes on disk. */
  readonly bytes: number;
}

export const unbounded: ForestBounds = { nodes: Infinity, bytes: Infinity };

/** A judge that lets the trunk grow to `nodesMax`, and shrink whatever it has. */
export function boundedJudge(judge: Judge, nodesMax: () => number): Judge {
  return {
    values: (changed) => judge.values(changed),
    schema: (coming) => judge.schema(coming),
    strictness: (command, schemas, root) => judge.strictness(command, schemas, root),
    room(before: Root, after: Root) {
      const isWithin = after.count <= nodesMax() || after.count <= before.count;
      return isWithin ? null : outOfRoom(nodesMax(), before.count);
    },
  };
}

/** Why a command would take the forest beyond the bytes that it may have; `null` where it does not. */
export function beyondBytes(
  state: ForestState,
  journal: Journal,
  { bytes }: ForestBounds,
  command: Command,
): Rejection | null {
  if (!isWrite(command)) return null;
  const { storedBytes } = journal;
  if (storedBytes < bytes && journal.storedBytesWith(recordBytesMax(state, command)) <= bytes) return null;
  return outOfBytes(bytes, storedBytes, 'with files that are set aside whole');
}

/** The same of a log that several brokers share: `storedBytes`, what it takes with the command in it. */
export function beyondShared(
  storedBytes: number,
  { bytes }: ForestBounds,
  command: Command,
): Rejection | null {
  if (storedBytes <= bytes || !isWrite(command)) return null;
  return outOfBytes(bytes, storedBytes, 'with the snapshots beside it');
}

function outOfBytes(maximum: number, actual: number, what: string): Rejection {
  const message = `the forest may take ${maximum} bytes on disk and takes ${actual}, ${what}: give up history (compact), or delete nodes first`;
  return reject('QUOTA_EXCEEDED', message, { limit: 'bytes', maximum, actual });
}

/** What goes along with a command into a log that several brokers share; `null` where nothing of it is bounded. */
export function boundsOf({ nodes, bytes }: ForestBounds, command: Command): AgreedBounds | null {
  const ghosts = command.kind === 'begin_ghost' ? (command.authorGhostsMax ?? Infinity) : Infinity;
  const locks = command.kind === 'acquire_lock' ? (command.authorLocksMax ?? Infinity) : Infinity;
  const isBounded =
    Math.min(ghosts, locks) < Infinity || (Math.min(nodes, bytes) < Infinity && mayGrow(command));
  return isBounded ? { nodes, bytes, ghosts, locks } : null;
}

/** Whether it can make the forest larger; the last approval of a ghost can, by the commit that follows. */
function mayGrow(command: Command): boolean {
  switch (command.kind) {
    case 'review_ghost':
    case 'revert_revision':
    case 'revert_cascade':
      return true;
    default:
      return isWrite(command);
  }
}

/** Beside what a command says and stages a record has numbers, ids, and sums of increments. */
const recordBytesMore = 4_096;
const sumBytesMax = 32;

/** At most so large is the record of a command. */
function recordBytesMax(state: ForestState, command: Command): number {
  const ghost = command.kind === 'commit_ghost' ? state.ghosts.get(command.ghostId) : undefined;
  const committed = stagedDiffs(ghost?.staged ?? null);
  const proposal = { position: state.position + 1, timeMs: state.timeMs, run: 0, command };
  const sums = command.kind === 'publish' ? command.operations.length * sumBytesMax : 0;
  return encodeRecord(proposal, { ...noEffects, committed }).length + sums + recordBytesMore;
}

/** What makes the journal grow on behalf of a client, and takes nothing away. */
function isWrite(command: Command): boolean {
  switch (command.kind) {
    case 'publish':
      return command.operations.some(({ kind }) => kind !== 'delete');
    case 'commit_ghost':
    case 'begin_ghost':
    case 'register_schema':
      return true;
    default:
      return false;
  }
}

/** Why a command would give its author more than it may have; `null` where it does not. In the tick in which it is applied nobody comes between. */
export function beyondAuthor(state: ForestState, command: Command): Rejection | null {
  if (command.kind === 'begin_ghost') return tooManyGhosts(state, command, command.authorGhostsMax);
  if (command.kind === 'acquire_lock') return tooManyLocks(state, command, command.authorLocksMax);
  return null;
}

/** The same by what goes along with a command. */
export function beyondAgreed(
  state: ForestState,
  command: Command,
  { ghosts, locks }: AgreedBounds,
): Rejection | null {
  if (command.kind === 'begin_ghost') return tooManyGhosts(state, command, ghosts);
  if (command.kind === 'acquire_lock') return tooManyLocks(state, command, locks);
  return null;
}

function tooManyGhosts({ ghosts }: ForestState, { author }: Command, maximum = Infinity): Rejection | null {
  if (maximum === Infinity || countOf(ghosts.values(), author) < maximum) return null;
  return crowded(author, 'ghosts', maximum, 'live ghosts in the forest');
}

function tooManyLocks({ locks }: ForestState, { author }: Command, maximum = Infinity): Rejection | null {
  if (maximum === Infinity || countOf(locks.list(), author) < maximum) return null;
  return crowded(author, 'locks', maximum, 'locks in the forest, held or waited for');
}

function crowded(principal: string, limit: string, maximum: number, what: string): Rejection {
  return reject('QUOTA_EXCEEDED', `${principal} may have ${maximum} ${what}`, { limit, maximum, principal });
}

/** How many of them an author has. */
export function countOf(items: Iterable<{ readonly author: string }>, author: string): number {
  let count = 0;
  for (const item of items) if (item.author === author) count += 1;
  return count;
}
