/**
 * The state machine as a child would write it: maps from path texts to nodes, copied whole wherever the real one shares.
 * Slow, and short enough to be checked by eye. It must not import anything that decides behaviour from `src`.
 */
import { addedTo, mergedTally, tallyText } from '../support/tally.ts';
import type { Tally } from '../support/tally.ts';

export interface NaiveNode {
  readonly json: string;
  readonly kind: 'json' | 'text' | 'message';
  readonly created: number;
  readonly modified: number;
  readonly assigned: number;
  readonly version: number;
  readonly author: string;
}

export type NaiveOperation =
  | {
      readonly kind: 'put';
      readonly path: string;
      readonly type: 'json' | 'text' | 'message';
      readonly data: string;
    }
  | { readonly kind: 'append'; readonly path: string; readonly type: 'items' | 'text'; readonly data: string }
  | { readonly kind: 'merge'; readonly path: string; readonly patch: string }
  | { readonly kind: 'increment'; readonly path: string; readonly amount: bigint }
  | FieldOperation
  | { readonly kind: 'delete'; readonly path: string; readonly scope: 'subtree' | 'node' }
  | {
      readonly kind: 'copy';
      readonly path: string;
      readonly source: string;
      readonly sourceRevision: number;
    };

/** What is done to fields of a tally. An append has no mask; it sets lists only. */
export type FieldOperation =
  | {
      readonly kind: 'merge_message' | 'append_message';
      readonly path: string;
      readonly patch: Tally;
      readonly mask: readonly string[];
    }
  | { readonly kind: 'increment_field'; readonly path: string; readonly amount: bigint };

/** A diff as it was staged. */
export interface NaiveDiff {
  readonly author: string;
  readonly operations: readonly NaiveOperation[];
}

/** All nodes of one version, and when each path (ancestors included) was last touched. */
export class NaiveTree {
  readonly nodes: Map<string, NaiveNode>;
  readonly touched: Map<string, number>;

  constructor(from?: NaiveTree) {
    this.nodes = new Map(from?.nodes);
    this.touched = new Map(from?.touched);
  }

  has(path: string): boolean {
    if (this.nodes.has(path)) return true;
    for (const other of this.nodes.keys()) if (isBelow(other, path)) return true;
    return false;
  }

  /** Applies one operation, or says why not. */
  operate(
    operation: NaiveOperation,
    stamp: number,
    author: string,
    past: (revision: number) => NaiveTree,
  ): string | null {
    const { path } = operation;
    const old = this.nodes.get(path);
    switch (operation.kind) {
      case 'put':
        return this.#write(path, operation.type, operation.data, true, stamp, author);
      case 'append': {
        if (operation.type === 'text') {
          if (old !== undefined && old.kind !== 'text') return 'WRONG_TYPE';
          return this.#write(path, 'text', (old?.json ?? '') + operation.data, false, stamp, author);
        }
        const items: unknown = old === undefined ? [] : old.kind === 'json' ? JSON.parse(old.json) : null;
        if (!Array.isArray(items)) return 'WRONG_TYPE';
        const added: unknown = JSON.parse(`[${operation.data}]`);
        return this.#write(path, 'json', JSON.stringify(items.concat(added)), false, stamp, author);
      }
      case 'merge': {
        if (old !== undefined && old.kind !== 'json') return 'WRONG_TYPE';
        const merged = naiveMerge(
          old === undefined ? undefined : JSON.parse(old.json),
          JSON.parse(operation.patch),
        );
        return this.#write(path, 'json', JSON.stringify(merged), true, stamp, author);
      }
      case 'increment': {
        if (old !== undefined && (old.kind !== 'json' || !/^-?\d+$/.test(old.json))) return 'WRONG_TYPE';
        const sum = BigInt(old?.json ?? '0') + operation.amount;
        return this.#write(path, 'json', String(sum), false, stamp, author);
      }
      case 'merge_message':
      case 'append_message':
      case 'increment_field':
        return this.#changeFields(operation, old, stamp, author);
      case 'delete':
        if (operation.scope === 'node' ? !this.nodes.has(path) : !this.has(path)) return null;
        for (const other of [...this.nodes.keys()]) {
          if (operation.scope === 'node' ? other === path : isBelow(other, path)) this.nodes.delete(other);
        }
        this.#touchRemoved(path, stamp);
        return null;
      case 'copy': {
        if (operation.sourceRevision === 0 && isBelow(path, operation.source)) return 'OVERLAPPING_COPY';
        const from = operation.sourceRevision === 0 ? new NaiveTree(this) : past(operation.sourceRevision);
        if (!from.has(operation.source)) return 'NODE_NOT_FOUND';
        for (const other of [...this.nodes.keys()]) if (isBelow(other, path)) this.nodes.delete(other);
        for (const other of [...this.touched.keys()]) if (isBelow(other, path)) this.touched.delete(other);
        for (const [other, node] of from.nodes) {
          if (!isBelow(other, operation.source)) continue;
          const target = path + other.slice(operation.source.length);
          // What the same diff created before it copied it is as new here as it is there.
          const assigned = node.created === stamp ? node.assigned : stamp;
          this.nodes.set(target, { ...node, created: stamp, modified: stamp, assigned });
          this.#touch(target, stamp);
        }
        this.#touch(path, stamp);
        return null;
      }
    }
  }

  touchedAt(path: string): number {
    return this.has(path) ? (this.touched.get(path) ?? 0) : 0;
  }

  #changeFields(
    operation: FieldOperation,
    old: NaiveNode | undefined,
    stamp: number,
    author: string,
  ): string | null {
    if (old !== undefined && old.kind !== 'message') return 'WRONG_TYPE';
    const tally = tallyText(changedTally(tallyOf(old), operation));
    return this.#write(operation.path, 'message', tally, operation.kind === 'merge_message', stamp, author);
  }

  #write(
    path: string,
    kind: NaiveNode['kind'],
    json: string,
    assigns: boolean,
    stamp: number,
    author: string,
  ): null {
    const old = this.nodes.get(path);
    this.nodes.set(path, {
      json,
      kind,
      created: old?.created ?? stamp,
      modified: stamp,
      assigned: assigns ? stamp : (old?.assigned ?? 0),
      version: (old?.version ?? 0) + 1,
      author,
    });
    this.#touch(path, stamp);
    return null;
  }

  /** The path is there now. */
  #touch(path: string, stamp: number): void {
    for (const ancestor of ancestorsOf(path)) this.touched.set(ancestor, stamp);
  }

  /** Something at the path or below it is gone, and with it perhaps the path and those above it. */
  #touchRemoved(path: string, stamp: number): void {
    for (const ancestor of ancestorsOf(path)) {
      if (this.has(ancestor)) this.touched.set(ancestor, stamp);
      else this.touched.delete(ancestor);
    }
    for (const other of [...this.touched.keys()]) {
      if (isBelow(other, path) && !this.has(other)) this.touched.delete(other);
    }
  }
}

/** Paths on which what was staged on `base` cannot be replayed onto `target`. */
export function naiveConflicts(base: NaiveTree, target: NaiveTree, diffs: readonly NaiveDiff[]): Set<string> {
  const found = new Set<string>();
  const sameValue = (path: string): boolean => {
    const [before, now] = [base.nodes.get(path), target.nodes.get(path)];
    return before?.modified === now?.modified && before?.version === now?.version;
  };
  const sameSubtree = (path: string): boolean =>
    base.has(path) === target.has(path) && base.touchedAt(path) === target.touchedAt(path);
  for (const operation of diffs.flatMap((diff) => diff.operations)) {
    const { path } = operation;
    const [before, now] = [base.nodes.get(path), target.nodes.get(path)];
    switch (operation.kind) {
      case 'put':
        if (!sameValue(path)) found.add(path);
        break;
      case 'append':
      case 'increment':
        if (!sameValue(path) && !onlyAdded(before, now)) found.add(path);
        break;
      case 'merge_message':
        if (!sameValue(path) && !fieldsApart(before, now, operation)) found.add(path);
        break;
      case 'append_message':
      case 'increment_field':
        if (!sameValue(path) && !onlyAdded(before, now) && !fieldsApart(before, now, operation))
          found.add(path);
        break;
      case 'merge':
        if (!sameValue(path) && !mergesApart(before, now, JSON.parse(operation.patch))) found.add(path);
        break;
      case 'delete':
        if (!(operation.scope === 'node' ? sameValue(path) : sameSubtree(path))) found.add(path);
        break;
      case 'copy':
        if (!sameSubtree(path)) found.add(path);
        if (operation.sourceRevision === 0 && !sameSubtree(operation.source)) found.add(operation.source);
        break;
    }
  }
  return found;
}

function onlyAdded(before: NaiveNode | undefined, now: NaiveNode | undefined): boolean {
  if (now === undefined) return false;
  if (before === undefined) return now.assigned === 0;
  return before.created === now.created && before.assigned === now.assigned;
}

function tallyOf(node: NaiveNode | undefined): Tally {
  return node === undefined ? {} : (JSON.parse(node.json) as Tally);
}

function changedTally(tally: Tally, operation: FieldOperation): Tally {
  if (operation.kind === 'increment_field') return addedTo(tally, operation.amount).tally;
  return mergedTally(tally, operation.patch, operation.mask);
}

/** Nobody changed the fields that the operation is about; to lists that it appends to, others have at most appended. */
function fieldsApart(
  before: NaiveNode | undefined,
  now: NaiveNode | undefined,
  operation: FieldOperation,
): boolean {
  if (before !== undefined && now === undefined) return false;
  if ([before, now].some((node) => node !== undefined && node.kind !== 'message')) return false;
  const [base, target] = [tallyOf(before), tallyOf(now)];
  const same = (name: string): boolean => text(partOf(base, name)) === text(partOf(target, name));
  if (operation.kind === 'increment_field') return same('total');
  const { patch, mask } = operation;
  if (mask.length > 0) return mask.every(same);
  const extended = (list: readonly unknown[] = [], longer: readonly unknown[] = []): boolean =>
    text(longer.slice(0, list.length)) === text(list);
  const single = [
    ...(patch.title === undefined ? [] : ['title']),
    ...(patch.total === undefined ? [] : ['total']),
    ...Object.keys(patch.part ?? {}).map((name) => `part.${name}`),
  ];
  return (
    single.every(same) &&
    (patch.lines === undefined || extended(base.lines, target.lines)) &&
    (patch.marks === undefined || extended(base.marks, target.marks))
  );
}

function partOf(tally: Tally, name: string): unknown {
  const [outer = '', inner] = name.split('.');
  const value = (tally as Record<string, unknown>)[outer];
  return inner === undefined ? value : (value as Record<string, unknown> | undefined)?.[inner];
}

export function isBelow(path: string, ancestor: string): boolean {
  return path === ancestor || path.startsWith(`${ancestor}/`);
}

function ancestorsOf(path: string): string[] {
  const parts = path.split('/').slice(1);
  return parts.map((_part, index) => `/${parts.slice(0, index + 1).join('/')}`);
}

type NaiveJson = null | boolean | number | string | NaiveJson[] | { [key: string]: NaiveJson };

function isObject(value: unknown): value is { [key: string]: NaiveJson } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** RFC 7396. */
export function naiveMerge(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const result: { [key: string]: unknown } = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = naiveMerge(result[key], value);
  }
  return result;
}

function mergesApart(before: NaiveNode | undefined, now: NaiveNode | undefined, patch: unknown): boolean {
  if (before !== undefined && now === undefined) return false;
  if ([before, now].some((node) => node !== undefined && node.kind !== 'json')) return false;
  const base: unknown = before === undefined ? undefined : JSON.parse(before.json);
  const target: unknown = now === undefined ? undefined : JSON.parse(now.json);
  return keysApart(base, target, patch);
}

function keysApart(base: unknown, target: unknown, patch: unknown): boolean {
  const objects = [base, target].every((side) => side === undefined || isObject(side));
  if (!isObject(patch) || !objects) return text(base) === text(target);
  return Object.entries(patch).every(([key, value]) => {
    const before = isObject(base) ? base[key] : undefined;
    const now = isObject(target) ? target[key] : undefined;
    if (isObject(value) && (isObject(before) || isObject(now))) return keysApart(before, now, value);
    return text(before) === text(now);
  });
}

/** JSON text with sorted keys. */
function text(value: unknown): string {
  if (isObject(value))
    return `{${Object.keys(value)
      .sort()
      .map((key) => `${key}:${text(value[key])}`)
      .join()}}`;
  return Array.isArray(value) ? `[${value.map(text).join()}]` : (JSON.stringify(value) ?? 'undefined');
}
