/** What differs between two trees. What they share is skipped, so the cost is that of the difference. */
import { ChildCursor } from './cursor.ts';
import { locate } from './lookup.ts';
import type { Located } from './lookup.ts';
import { laterStamp } from './node.ts';
import type { TrieNode } from './node.ts';
import { comparePaths, compareSegments, isWithin } from './path.ts';
import type { Path } from './path.ts';

/** A path whose entry differs. A side is `null` where there is no entry; never both. */
export interface Difference<E extends object> {
  readonly path: Path;
  readonly before: Located<E> | null;
  readonly after: Located<E> | null;
}

/** Where to compare, and how. */
export interface DiffOptions<E extends object> {
  readonly within: Path;
  /** The last path that was seen: the comparison goes on behind it. */
  readonly after?: Path | undefined;
  /** Entries that count as equal. Only the identical ones without it. */
  readonly same?: ((before: E, after: E) => boolean) | undefined;
  /** Whether to go on below a node. Below all without it. */
  readonly enters?: ((path: Path) => boolean) | undefined;
}

interface DiffRules<E extends object> extends Pick<DiffOptions<E>, 'enters'> {
  readonly same: (before: E, after: E) => boolean;
}

type Side<E extends object> = Located<E> | undefined;

/** All paths within a subtree whose entries differ, in the order of paths. */
export function* diff<E extends object>(
  before: TrieNode<E>,
  after: TrieNode<E>,
  options: DiffOptions<E>,
): Generator<Difference<E>, void, undefined> {
  const { within, same = identical, enters } = options;
  const from = options.after;
  const isInside = from !== undefined && isWithin(from, within);
  if (from !== undefined && !isInside && comparePaths(from, within) > 0) return;
  yield* diffNodes(locate(before, within), locate(after, within), [...within], isInside ? from : undefined, {
    same,
    enters,
  });
}

/** `path` is the nodes' own; `seen` is a path at or below it up to which everything was seen. */
function* diffNodes<E extends object>(
  before: Side<E>,
  after: Side<E>,
  path: string[],
  seen: Path | undefined,
  options: DiffRules<E>,
): Generator<Difference<E>, void, undefined> {
  if (before?.node === after?.node) return;
  if (seen === undefined && differ(before?.node.entry ?? null, after?.node.entry ?? null, options.same)) {
    yield { path: [...path], before: withEntry(before), after: withEntry(after) };
  }
  if (before?.node.children === after?.node.children) return;
  if (options.enters?.(path) === false) return;
  const start = seen?.[path.length];
  const left = new ChildCursor(before?.node.children ?? null, start);
  const right = new ChildCursor(after?.node.children ?? null, start);
  for (;;) {
    if (left.skipShared(right)) continue;
    const leftSegment = left.segment;
    const rightSegment = right.segment;
    const segment = earlier(leftSegment, rightSegment);
    if (segment === undefined) return;
    const child = leftSegment === segment ? left.node : undefined;
    const otherChild = rightSegment === segment ? right.node : undefined;
    if (child !== undefined) left.advance();
    if (otherChild !== undefined) right.advance();
    if (child === otherChild) continue;
    path.push(segment);
    yield* diffNodes(
      below(before, child),
      below(after, otherChild),
      path,
      segment === start ? seen : undefined,
      options,
    );
    path.pop();
  }
}

function differ<E extends object>(
  old: E | null,
  now: E | null,
  same: (before: E, after: E) => boolean,
): boolean {
  return old !== now && (old === null || now === null || !same(old, now));
}

function withEntry<E extends object>(side: Side<E>): Located<E> | null {
  return side === undefined || side.node.entry === null ? null : side;
}

function below<E extends object>(parent: Side<E>, child: TrieNode<E> | undefined): Side<E> {
  return child === undefined
    ? undefined
    : { node: child, grafted: laterStamp(parent?.grafted ?? 0, child.grafted) };
}

function earlier(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return compareSegments(a, b) <= 0 ? a : b;
}

function identical(before: object, after: object): boolean {
  return before === after;
}
