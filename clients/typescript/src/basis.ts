/**
 * The basis: what an agent has read since its last publish, as paths and revisions. It is sent along with each publish, so
 * that the broker can answer what the agent knew, and fail a serializable commit whose reads are outdated.
 */
import type { BasisEntry as WireBasisEntry } from './gen/hyperloom/v1/operation_pb.ts';
import { BasisExtent as WireExtent } from './gen/hyperloom/v1/operation_pb.ts';
import { basisEntriesMax } from './limits.ts';

/** How much of a path was read: its own value, it and all below it, or that there was nothing. */
export type BasisExtent = 'node' | 'subtree' | 'absent';

/** Something an agent had read. */
export interface BasisEntry {
  readonly path: string;
  /** Revision of the view in which it was read. */
  readonly revision: number;
  readonly extent: BasisExtent;
}

/** Collects the basis of one agent, bounded: when it grows too long, neighbours are folded into their parent's subtree. */
export class BasisRecord {
  readonly #entriesMax: number;
  #entries = new Map<string, BasisEntry>();

  constructor(entriesMax = basisEntriesMax) {
    this.#entriesMax = entriesMax;
  }

  /** Notes that `path` was read at `revision`; reading it again replaces what was noted before. */
  note(path: string, revision: number, extent: BasisExtent): void {
    const before = this.#entries.get(path);
    if (before?.extent === 'subtree' && extent !== 'subtree') {
      // The subtree was read earlier than this node: the older revision is what the rest of it was seen at.
      if (before.revision >= revision) return;
      this.#entries.set(path, before);
      return;
    }
    this.#entries.set(path, { path, revision, extent });
    if (this.#entries.size > this.#entriesMax) this.#fold();
  }

  /** Hands over what was noted and begins anew. */
  take(): readonly BasisEntry[] {
    if (this.#entries.size === 0) return empty;
    const entries = [...this.#entries.values()];
    this.#entries = new Map();
    return entries;
  }

  /** Takes back what was handed over, where nothing newer was read meanwhile. */
  giveBack(entries: readonly BasisEntry[]): void {
    for (const { path, revision, extent } of entries)
      if (!this.#entries.has(path)) this.note(path, revision, extent);
  }

  /** Turns the deepest entries into subtrees of their parents, at their oldest revision, until half the room is free. */
  #fold(): void {
    while (this.#entries.size > this.#entriesMax / 2) {
      const entries = [...this.#entries.values()];
      let deepest = 0;
      for (const entry of entries) deepest = Math.max(deepest, depthOf(entry.path));
      if (deepest === 0) return;
      this.#entries = new Map();
      for (const entry of entries) {
        this.#addFolded(
          depthOf(entry.path) < deepest ? entry : { ...entry, path: parentOf(entry.path), extent: 'subtree' },
        );
      }
    }
  }

  #addFolded(entry: BasisEntry): void {
    const other = this.#entries.get(entry.path);
    if (other === undefined) this.#entries.set(entry.path, entry);
    else {
      const extent = other.extent === 'subtree' || entry.extent === 'subtree' ? 'subtree' : entry.extent;
      this.#entries.set(entry.path, {
        path: entry.path,
        revision: Math.min(other.revision, entry.revision),
        extent,
      });
    }
  }
}

const empty: readonly BasisEntry[] = [];

function depthOf(path: string): number {
  let depth = 0;
  for (let at = 0; at < path.length - 1; at += 1) if (path[at] === '/') depth += 1;
  return depth;
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}

/** Reads a basis entry from its message. */
export function readBasisEntry(entry: WireBasisEntry): BasisEntry {
  return { path: entry.path, revision: Number(entry.revision), extent: readExtent(entry.extent) };
}

function readExtent(extent: WireExtent): BasisExtent {
  if (extent === WireExtent.SUBTREE) return 'subtree';
  return extent === WireExtent.ABSENT ? 'absent' : 'node';
}
