/** What a diff has done to the nodes that are shown. */
import type { Operation } from '../state/command.ts';
import type { Root } from '../state/ghosts/ghost.ts';
import { operate } from '../state/values/operate.ts';
import type { Entry, Value } from '../state/values/value.ts';
import { diff } from '../trie/diff.ts';
import { find } from '../trie/lookup.ts';
import { formatPath } from '../trie/path.ts';
import type { Path } from '../trie/path.ts';
import { Transaction } from '../trie/transaction.ts';
import { isShownIn, reachesBelow } from './part.ts';
import type { Part } from './part.ts';
import { show } from './shown.ts';
import type { MessageJson } from './shown.ts';
import type { ShownChange } from './writer.ts';

/** Operations of one author in a diff. */
export interface Authored {
  readonly author: string;
  readonly operations: readonly Operation[];
}

/**
 * Applies what is known to have applied, on a root that has what it needs. `null` where it has not: a copy takes from anywhere, so
 * that the whole state has to be known.
 */
export function applied(root: Root, diffs: readonly Authored[], stamp: number): Root | null {
  const transaction = new Transaction<Entry>(root, stamp);
  for (const { author, operations } of diffs) {
    const context = {
      stamp,
      author,
      revision: Number.MAX_SAFE_INTEGER,
      compactedRevision: 0,
      past: noPast,
      sums: [],
    };
    for (const operation of operations) {
      if (operation.kind === 'copy' || operate(transaction, operation, context) !== null) return null;
    }
  }
  return transaction.commit();
}

function noPast(): never {
  throw new TypeError('only copies need the past');
}

/** How changes are found. */
export interface ChangesOptions {
  readonly before: Root;
  readonly after: Root;
  readonly operations: readonly Operation[];
  readonly parts: readonly Part[];
  readonly messageJson: MessageJson;
  /** Paths that the text has shown so far. */
  readonly shown: ReadonlySet<string>;
}

/** What became of the nodes that are shown. */
export interface Changes {
  /** In the order of paths. */
  readonly changes: readonly ShownChange[];
  /** Paths whose values were told, and those that are gone. */
  readonly put: readonly string[];
  readonly gone: readonly string[];
}

/** Nodes between two yields. */
const nodesPerStep = 256;

/** Finds out what became of the nodes that are shown, with a yield every few milliseconds. */
export function* changesSteps(options: ChangesOptions): Generator<void, Changes> {
  const { before, after, operations, parts, messageJson, shown } = options;
  const changes: ShownChange[] = [];
  const [put, gone]: [string[], string[]] = [[], []];
  const additions = additionsIn(operations);
  const removed = subtreesGone(operations, after);
  const told = new Set<Path>();
  let seen = 0;
  for (const { path, before: was, after: is } of diff(before, after, { within: [], same })) {
    seen += 1;
    if (seen % nodesPerStep === 0) yield;
    if (!isShownIn(parts, path)) continue;
    const key = formatPath(path);
    const entry = is?.node.entry ?? null;
    if (entry === null) {
      // Who has not seen it need not be told that it is gone.
      if (!shown.has(key)) continue;
      gone.push(key);
      const whole = around(removed, path) ?? path;
      if (told.has(whole)) continue;
      told.add(whole);
      const isTree = whole !== path && (find(before, whole)?.children ?? null) !== null;
      changes.push({ kind: 'deleted', path: whole, below: isTree });
      continue;
    }
    put.push(key);
    const addition = was !== null && shown.has(key) ? additions.get(key) : undefined;
    const kind = addition !== undefined ? 'added' : was === null ? 'new' : 'changed';
    changes.push({ kind, path, shown: show(addition ?? entry, path, messageJson) });
  }
  return { changes, put, gone };
}

/** Paths at and below which nothing is left, and which an operation has emptied. */
function subtreesGone(operations: readonly Operation[], after: Root): ReadonlyMap<string, Path> {
  const removed = new Map<string, Path>();
  for (const operation of operations) {
    const { path } = operation;
    if (reachesBelow(operation) && find(after, path) === undefined) removed.set(formatPath(path), path);
  }
  return removed;
}

/** Readers see values: the same one written again is no change. */
function same(before: Entry, after: Entry): boolean {
  if (before.kind !== after.kind || before.bytes !== after.bytes || before.type !== after.type) return false;
  return before.data === after.data;
}

/** What the path itself, or the nearest one above it, has in a map by paths. */
function around<T>(map: ReadonlyMap<string, T>, path: Path): T | undefined {
  if (map.size === 0) return undefined;
  for (let depth = path.length; depth >= 0; depth -= 1) {
    const found = map.get(formatPath(path.slice(0, depth)));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What was added to the ends of nodes to which nothing else was done: by path, in one piece. */
function additionsIn(operations: readonly Operation[]): ReadonlyMap<string, Value> {
  const additions = new Map<string, { readonly path: Path; readonly values: Value[] } | null>();
  const wide = new Map<string, Operation>();
  for (const operation of operations) {
    const { path } = operation;
    const key = formatPath(path);
    if (reachesBelow(operation)) wide.set(key, operation);
    if (operation.kind === 'append' && operation.addition.kind !== 'bytes') {
      const known = additions.get(key);
      if (known === undefined) additions.set(key, { path, values: [operation.addition] });
      else known?.values.push(operation.addition);
    } else {
      additions.set(key, null);
    }
  }
  const joined = new Map<string, Value>();
  for (const [key, addition] of additions) {
    if (addition === null || around(wide, addition.path) !== undefined) continue;
    joined.set(key, joinedAddition(addition.values));
  }
  return joined;
}

function joinedAddition(parts: readonly Value[]): Value {
  const isItems = parts[0]?.kind === 'items';
  const data = parts.map((part) => part.data).join(isItems ? ',' : '');
  const text = isItems ? `[${data}]` : data;
  return { kind: isItems ? 'json' : 'text', data: text, bytes: text.length, type: '' };
}

/** Bytes that changes take in a text, about. */
export function changesBytes(changes: readonly ShownChange[]): number {
  let bytes = 0;
  for (const change of changes) {
    bytes += 20 + change.path.length * 8;
    if (change.kind === 'deleted') continue;
    const { shown } = change;
    if (shown.kind === 'text' || shown.kind === 'json') bytes += shown.text.length;
    else if (shown.kind === 'message') bytes += shown.json?.length ?? 0;
  }
  return bytes;
}
