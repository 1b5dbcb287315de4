/**
 * The basis: what an agent has read since its last publish, as paths and revisions. It is sent along with each publish, so
 * that the broker can answer what the agent knew, and fail a serializable commit whose reads are outdated.
 *
 * - Reading a thing again replaces what was noted of it, unless that read shows an older state: then both count.
 * - The record is bounded. Above its bound, siblings become one entry for the subtree of their parent, the largest families
 *   first; such an entry stands for reads from `revision` to `newest`, and travels as two, one of each. So it claims more than was
 *   read. Only what was both written and overwritten between these two can be missed.
 * - What is published on the trunk takes all of it. What is staged in a ghost takes a copy, since it may be taken back, and others of
 *   the agent's ghosts may stand on the same: see `ghost-basis.ts`.
 * - The same in every language: `clients/conformance/scenarios/sdk/basis.yaml`.
 */
import type { MessageInitShape } from '@bufbuild/protobuf';
import {
  BasisExtent as WireExtent,
  type BasisEntry as WireBasisEntry,
  type BasisEntrySchema,
} from './gen/hyperloom/v1/operation_pb.ts';
import { basisEntriesMax } from './limits.ts';

/** How much of a path was read: its own value, it and all below it, or that there was nothing. */
export type BasisExtent = 'node' | 'subtree' | 'absent';

/** Something an agent had read. */
export interface BasisEntry {
  readonly path: string;
  /** Revision of the view in which it was read; in a ghost the one that it stands on. */
  readonly revision: number;
  readonly extent: BasisExtent;
  /** The ghost in which it was read; without one: the trunk. */
  readonly ghostId?: string;
  /** The ghost's newest diff in that view; 0 where it had none. */
  readonly sequence?: number;
  /** Where it stands for several reads: the newest view among them, a revision or in a ghost a sequence; the one above is the oldest. */
  readonly newest?: number;
}

/** What notes reads, and hands them over to publishes. */
export interface Basis {
  /** What the agent has read, wherever that was. */
  readonly record: BasisRecord;
  /** Where this handle reads. */
  readonly lineage: Lineage;
  note(entry: BasisEntry): void;
  /** What goes along with the next publish. */
  take(): readonly BasisEntry[];
  /** That publish did not take effect: what it took counts again, where nothing newer was read meanwhile. */
  giveBack(entries: readonly BasisEntry[]): void;
  /** Forgets what was noted. */
  clear(): void;
}

/** The ghost in which something was read, and those around it, outwards; empty for the trunk. */
export type Lineage = readonly string[];

interface Noted {
  readonly entry: BasisEntry;
  readonly lineage: Lineage;
  /** Grows with every note. */
  readonly stamp: number;
}

/** The record of one agent, from any number of handles. */
export class BasisRecord implements Basis {
  readonly record = this;
  readonly lineage: Lineage = trunk;
  readonly #entriesMax: number;
  /** By what was read, in the order of reading. */
  #notes = new Map<string, Noted>();
  #stamp = 0;

  constructor(entriesMax = basisEntriesMax) {
    this.#entriesMax = entriesMax;
  }

  /** The stamp of the newest note. */
  get stamp(): number {
    return this.#stamp;
  }

  note(entry: BasisEntry, lineage: Lineage = trunk): void {
    const key = keyOf(entry);
    const known = this.#notes.get(key)?.entry;
    const noted = known === undefined || supersedes(entry, known) ? entry : spanning(known, entry);
    this.#stamp += 1;
    this.#notes.set(key, { entry: noted, lineage, stamp: this.#stamp });
    if (this.#notes.size > this.#entriesMax) fold(this.#notes, Math.floor(this.#entriesMax / 2));
  }

  take(): readonly BasisEntry[] {
    if (this.#notes.size === 0) return nothing;
    const entries = Array.from(this.#notes.values(), ({ entry }) => entry);
    this.#notes = new Map();
    return entries;
  }

  giveBack(entries: readonly BasisEntry[], lineage: Lineage = trunk): void {
    for (const entry of entries) {
      const known = this.#notes.get(keyOf(entry))?.entry;
      if (known === undefined || !supersedes(known, entry)) this.note(entry, lineage);
    }
  }

  clear(): void {
    this.#notes.clear();
  }

  /** A copy of what was noted after a stamp, on the trunk, in the ghost, or in one that is around it or in it. */
  since(stamp: number, lineage: Lineage): readonly BasisEntry[] {
    if (stamp === this.#stamp) return nothing;
    const entries: BasisEntry[] = [];
    for (const noted of this.#notes.values()) {
      if (noted.stamp > stamp && isRelated(noted.lineage, lineage)) entries.push(noted.entry);
    }
    return entries;
  }

  /** Forgets what {@link since} gives up to a stamp: it was published with a commit. */
  forgetUntil(stamp: number, lineage: Lineage): void {
    for (const [key, noted] of this.#notes)
      if (noted.stamp <= stamp && isRelated(noted.lineage, lineage)) this.#notes.delete(key);
  }

  /** A ghost is over. What was read in it was read; where it was dropped, what it stood on is what is left of that. */
  release([ghostId, ...around]: Lineage, isDropped: boolean): void {
    for (const [key, { entry, lineage }] of this.#notes) {
      if (lineage[0] !== ghostId) continue;
      this.#notes.delete(key);
      const { path, revision, extent } = entry;
      this.note(isDropped ? { path, revision, extent } : entry, around);
    }
  }
}

const nothing: readonly never[] = [];
const trunk: Lineage = [];

function isRelated(noted: Lineage, wanted: Lineage): boolean {
  const [noteGhost] = noted;
  const [ghost] = wanted;
  if (noteGhost === undefined || ghost === undefined) return true;
  return noted.includes(ghost) || wanted.includes(noteGhost);
}

/**
 * A node and its subtree are noted apart: the one may have been read later than the other. So is what was read in ghosts. No path
 * ends with a star or begins without a slash.
 */
function keyOf({ path, extent, ghostId }: BasisEntry): string {
  const key = extent === 'subtree' ? `${path}/**` : path;
  return ghostId === undefined ? key : ghostId + key;
}

/** Which view of the trunk, or of its ghost, it is. */
function oldestOf({ revision, ghostId, sequence = 0 }: BasisEntry): number {
  return ghostId === undefined ? revision : sequence;
}

function newestOf(entry: BasisEntry): number {
  return entry.newest ?? oldestOf(entry);
}

function at(entry: BasisEntry, view: number): BasisEntry {
  return entry.ghostId === undefined ? { ...entry, revision: view } : { ...entry, sequence: view };
}

/** Whether it shows all that the other one shows as it was later. What stands for several reads has to be kept. */
function supersedes(entry: BasisEntry, other: BasisEntry): boolean {
  return (other.newest ?? 0) === 0 && newestOf(entry) >= oldestOf(other);
}

/** One entry for both. */
function spanning(entry: BasisEntry, other: BasisEntry): BasisEntry {
  const newest = Math.max(newestOf(entry), newestOf(other));
  return { ...at(entry, Math.min(oldestOf(entry), oldestOf(other))), newest };
}

/** The entries as they travel: what stands for several reads as the oldest and the newest of them. */
export function travelling(entries: readonly BasisEntry[]): readonly BasisEntry[] {
  if (entries.every(({ newest }) => newest === undefined)) return entries;
  return entries.flatMap(({ newest, ...entry }) =>
    newest === undefined || newest <= oldestOf(entry) ? [entry] : [entry, at(entry, newest)],
  );
}

/** Notes with the same parent, by their keys. */
interface Family {
  readonly parent: string;
  readonly depth: number;
  readonly members: string[];
}

/**
 * Turns families into subtrees of their parents until at most `countMax` entries are left. Where no entry has a sibling, the
 * deepest ones become subtrees of their parents, so that they have some in the end.
 */
function fold(notes: Map<string, Noted>, countMax: number): void {
  while (notes.size > countMax) {
    const families = familiesOf(notes);
    const largest = families
      .filter(({ members }) => members.length > 1)
      .sort((a, b) => b.members.length - a.members.length || b.depth - a.depth);
    const depth = Math.max(...families.map((family) => family.depth));
    const chosen = largest.length > 0 ? largest : families.filter((family) => family.depth === depth);
    if (chosen.length === 0) return dropOldest(notes, countMax);
    for (const { parent, members } of chosen) {
      for (const key of members) unite(notes, key, parent);
      if (notes.size <= countMax) return;
    }
  }
}

function familiesOf(notes: ReadonlyMap<string, Noted>): readonly Family[] {
  const families = new Map<string, Family>();
  for (const [key, { entry }] of notes) {
    if (entry.path === '/') continue;
    const parent = parentOf(entry.path);
    const name = (entry.ghostId ?? '') + parent;
    const family = families.get(name);
    if (family === undefined) families.set(name, { parent, depth: depthOf(parent), members: [key] });
    else family.members.push(key);
  }
  return [...families.values()];
}

/** Moves what was read there into the subtree of its parent. */
function unite(notes: Map<string, Noted>, key: string, parent: string): void {
  const noted = notes.get(key);
  if (noted === undefined) return;
  notes.delete(key);
  const { lineage } = noted;
  const newest = newestOf(noted.entry);
  const subtree: BasisEntry = { ...noted.entry, path: parent, extent: 'subtree', newest };
  const target = keyOf(subtree);
  const known = notes.get(target);
  const entry = known === undefined ? subtree : spanning(known.entry, subtree);
  notes.set(target, { entry, lineage, stamp: Math.max(noted.stamp, known?.stamp ?? 0) });
}

/** Whole forests read in more ghosts than there is room for: nothing is left to be folded. */
function dropOldest(notes: Map<string, Noted>, countMax: number): void {
  for (const key of notes.keys()) {
    if (notes.size <= countMax) return;
    notes.delete(key);
  }
}

function depthOf(path: string): number {
  return path === '/' ? 0 : path.split('/').length - 1;
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}

/** The entries as messages. */
export function wireBasis(entries: readonly BasisEntry[]): MessageInitShape<typeof BasisEntrySchema>[] {
  return travelling(entries).map(({ path, revision, extent, ghostId = '', sequence = 0 }) => ({
    path,
    revision: BigInt(revision),
    extent: wireExtents[extent],
    ghostId,
    sequence: BigInt(sequence),
  }));
}

const wireExtents: Readonly<Record<BasisExtent, WireExtent>> = {
  node: WireExtent.NODE,
  subtree: WireExtent.SUBTREE,
  absent: WireExtent.ABSENT,
};

/** Reads a basis entry from its message. */
export function readBasisEntry(entry: WireBasisEntry): BasisEntry {
  const { path, revision, extent, ghostId, sequence } = entry;
  const read = { path, revision: Number(revision), extent: readExtent(extent) };
  return ghostId === '' ? read : { ...read, ghostId, sequence: Number(sequence) };
}

function readExtent(extent: WireExtent): BasisExtent {
  if (extent === WireExtent.SUBTREE) return 'subtree';
  return extent === WireExtent.ABSENT ? 'absent' : 'node';
}
