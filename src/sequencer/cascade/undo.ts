/**
 * From the trunk as it is to the trunk as it would be: operations that lead there, at the places of the undone publishes. Each comes with
 * a precondition that nobody has changed what it undoes since.
 */
import { cascadeBytesMax, cascadeCopyNodesMin, cascadeOperationsMax } from '../../base/limits.ts';
import type { Operation, Precondition } from '../../state/command.ts';
import type { Root } from '../../state/ghosts/ghost.ts';
import { operate, operationBytes } from '../../state/values/operate.ts';
import { reject } from '../../state/outcome.ts';
import type { Rejection } from '../../state/outcome.ts';
import { standingOf } from '../../state/values/standing.ts';
import { jsonText } from '../../state/values/value.ts';
import type { Entry, Value } from '../../state/values/value.ts';
import { diff } from '../../trie/diff.ts';
import { locate } from '../../trie/lookup.ts';
import type { Path } from '../../trie/path.ts';
import { Transaction } from '../../trie/transaction.ts';
import type { Footprint, Place } from './footprint.ts';

/** The trunk as it is. */
export interface Present {
  readonly root: Root;
  readonly revision: number;
}

/** What leads from one to the other. */
export interface Undo {
  readonly operations: readonly Operation[];
  readonly preconditions: readonly Precondition[];
}

/** Roots that subtrees can be brought back from, by revision. */
export type CopySources = ReadonlyMap<number, Root>;

/** Works out what leads from `present` to `wanted`. */
export function undoOf(
  present: Present,
  wanted: Root,
  footprint: Footprint,
  sources: CopySources,
): Undo | Rejection {
  const maker = new UndoMaker(present, wanted, sources);
  for (const place of footprint.outermost()) {
    const tooMuch = place.isSubtree ? maker.subtree(place) : maker.node(place);
    if (tooMuch !== null) return tooMuch;
  }
  return maker;
}

/** The same value, whoever wrote it and when. */
export function sameContent(one: Value | null, other: Value | null): boolean {
  if (one === other) return true;
  if (one === null || other === null || one.type !== other.type) return false;
  if (one.kind === other.kind) return one.data === other.data;
  return isJson(one) && isJson(other) && jsonText(one) === jsonText(other);
}

class UndoMaker implements Undo {
  readonly operations: Operation[] = [];
  readonly preconditions: Precondition[] = [];
  readonly #present: Present;
  readonly #wanted: Root;
  readonly #sources: CopySources;
  #bytes = 0;

  constructor(present: Present, wanted: Root, sources: CopySources) {
    this.#present = present;
    this.#wanted = wanted;
    this.#sources = sources;
  }

  node({ path, isCounter }: Place): Rejection | null {
    const now = standingOf(this.#present.root, path);
    const { entry } = standingOf(this.#wanted, path);
    if (sameContent(now.entry, entry)) return null;
    this.preconditions.push({ kind: 'modified_revision', path, revision: Math.max(0, now.modified) });
    const amount = isCounter ? differenceOf(now.entry, entry) : null;
    if (amount !== null) return this.#add({ kind: 'increment', path, amount });
    return this.#add(change(path, entry));
  }

  subtree(place: Place): Rejection | null {
    const { path } = place;
    const now = locate(this.#present.root, path)?.node;
    const wanted = locate(this.#wanted, path)?.node;
    const isThere = now !== undefined && now.count > 0;
    if (wanted === undefined || wanted.count === 0) {
      if (!isThere) return null;
      this.#guard(path, true);
      return this.#add({ kind: 'delete', path, scope: 'subtree' });
    }
    const source = wanted.count < cascadeCopyNodesMin ? undefined : this.#sources.get(place.first - 1);
    if (source === undefined) return this.#guarded(path, isThere, this.#present.root);
    const copied = locate(source, path)?.node;
    if (copied === undefined || copied.count === 0) return this.#guarded(path, isThere, this.#present.root);
    this.#guard(path, isThere);
    const sourceRevision = place.first - 1;
    return this.#add({ kind: 'copy', path, source: path, sourceRevision }) ?? this.#patch(path, source);
  }

  /** Changes node by node, if there are any. */
  #guarded(path: Path, isThere: boolean, from: Root): Rejection | null {
    const before = this.operations.length;
    const tooMuch = this.#patch(path, from);
    if (this.operations.length > before) this.#guard(path, isThere);
    return tooMuch;
  }

  #patch(within: Path, from: Root): Rejection | null {
    for (const { path, after } of diff(from, this.#wanted, { within, same: sameContent })) {
      const tooMuch = this.#add(change(path, after?.node.entry ?? null));
      if (tooMuch !== null) return tooMuch;
    }
    return null;
  }

  #guard(path: Path, isThere: boolean): void {
    const { revision } = this.#present;
    this.preconditions.push(
      isThere
        ? { kind: 'subtree_unchanged_since', path, revision }
        : { kind: 'presence', path, present: false },
    );
  }

  #add(operation: Operation): Rejection | null {
    this.operations.push(operation);
    this.#bytes += operationBytes(operation);
    if (this.operations.length > cascadeOperationsMax)
      return tooLarge('cascadeOperationsMax', cascadeOperationsMax, this.operations.length);
    if (this.#bytes > cascadeBytesMax) return tooLarge('cascadeBytesMax', cascadeBytesMax, this.#bytes);
    return null;
  }
}

/** The trunk with the operations applied: what a schema is asked about. `sources` must have all that they copy from. */
export function undone(present: Present, operations: readonly Operation[], sources: CopySources): Root {
  const transaction = new Transaction<Entry>(present.root, present.revision + 1);
  const context = {
    stamp: present.revision + 1,
    author: '',
    revision: present.revision,
    compactedRevision: 0,
    past: (revision: number) => sources.get(revision) ?? present.root,
    sums: [],
  };
  for (const operation of operations) operate(transaction, operation, context);
  return transaction.commit();
}

/** A refusal of what does not fit one revision. */
export function tooLarge(limit: string, maximum: number, actual: number): Rejection {
  const message = `undoing it with all that was derived from it takes more than one revision can hold: ${actual} exceeds ${limit} = ${maximum}`;
  return reject('LIMIT_EXCEEDED', message, { limit, maximum, actual });
}

function change(path: Path, entry: Entry | null): Operation {
  if (entry === null) return { kind: 'delete', path, scope: 'node' };
  const { kind, data, bytes, type } = entry;
  return { kind: 'put', path, value: { kind, data, bytes, type } };
}

/** What is to be added to one integer to make it another, so that others can go on adding; `null` where they are none. */
function differenceOf(now: Entry | null, wanted: Entry | null): bigint | null {
  if (!isInteger(now) || !isInteger(wanted)) return null;
  const amount = BigInt(wanted.data) - BigInt(now.data);
  return amount < -(2n ** 63n) || amount > 2n ** 63n - 1n ? null : amount;
}

function isInteger(entry: Entry | null): entry is Entry {
  return entry !== null && entry.kind === 'json' && /^-?\d+$/.test(entry.data);
}

function isJson({ kind }: Value): boolean {
  return kind === 'json' || kind === 'items';
}
