/** How an operation leaves a value at a path, and how it is refused for what is there. */
import { nodeBytesMax } from '../../base/limits.ts';
import { laterStamp } from '../../trie/node.ts';
import { formatPath } from '../../trie/path.ts';
import type { Path } from '../../trie/path.ts';
import type { Transaction } from '../../trie/transaction.ts';
import type { Past } from '../forest.ts';
import { reject } from '../outcome.ts';
import type { Rejection } from '../outcome.ts';
import { assignedStamp } from './standing.ts';
import { entryOf } from './value.ts';
import type { Entry, Value, ValueKind } from './value.ts';

/** What an operation needs to know beside the trie. */
export interface OperationContext {
  /** Stamp of the change: a revision, or a negative number in a ghost. */
  readonly stamp: number;
  readonly author: string;
  /** Newest trunk revision that a copy may name. */
  readonly revision: number;
  readonly compactedRevision: number;
  readonly past: Past;
  /** Sums of increments are added here. */
  readonly sums: string[];
}

/** Sets the value at `path`. `assigns`: the change does not commute with appends and increments. */
export function write(
  transaction: Transaction<Entry>,
  path: Path,
  value: Value,
  assigns: boolean,
  { stamp, author }: OperationContext,
): void {
  transaction.update(path, (old, grafted) =>
    entryOf(
      value,
      {
        created: old === null ? stamp : laterStamp(old.created, grafted),
        modified: stamp,
        assigned: assigns ? stamp : old === null ? 0 : assignedStamp(old, grafted),
        version: old === null ? 1 : old.version + 1,
      },
      author,
    ),
  );
}

export function isJson(kind: ValueKind): boolean {
  return kind === 'json' || kind === 'items';
}

export function wrongType(path: Path, expected: string, actual: Value): Rejection {
  const text = formatPath(path);
  const held = isJson(actual.kind) ? 'other JSON' : actual.kind;
  return reject('WRONG_TYPE', `${text} holds ${held}, not ${expected}`, {
    path: text,
    expected,
    actual: held,
  });
}

export function tooLarge(path: Path, actual: number): Rejection {
  const message = `${formatPath(path)} would grow to ${actual} bytes; a node may have ${nodeBytesMax}`;
  return reject('LIMIT_EXCEEDED', message, { limit: 'nodeBytesMax', maximum: nodeBytesMax, actual });
}
