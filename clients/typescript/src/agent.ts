/** Who a client speaks for in which forest, and what that agent has seen. */
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import type { Basis, BasisExtent } from './basis.ts';
import { ReadViewSchema, type ReadView } from './gen/hyperloom/v1/context_service_pb.ts';
import { GhostBasis } from './ghost-basis.ts';
import type { OutcomeObserver, Published } from './publish/diff.ts';

/** How new the state must be that a read sees: at least what this client has seen (`seen`), everything acknowledged, or whatever is at hand. */
export type Consistency = 'seen' | 'linearizable' | 'stale' | { readonly atLeastRevision: number };

/** Which state a read sees. */
export interface ViewOptions {
  /** A trunk revision. Not in ghosts. */
  readonly atRevision?: number | undefined;
  /** Default: `seen`. */
  readonly consistency?: Consistency | undefined;
}

/** As far as a read tells which of a ghost's diffs it has seen. */
interface StagedNode {
  readonly stagedSequence: bigint | number;
}

/** One agent in one forest. */
export class Agent implements OutcomeObserver {
  readonly author: string;
  readonly forest: string;
  /** `undefined` where the basis is not tracked. */
  readonly basis: Basis | undefined;
  readonly #seen: { newestRevision: number };

  constructor(author: string, forest: string, basis: Basis | undefined, seen = { newestRevision: 0 }) {
    this.author = author;
    this.forest = forest === 'default' ? '' : forest;
    this.basis = basis;
    this.#seen = seen;
  }

  /** The same agent under another name: what was read and seen is shared. */
  named(author: string): Agent {
    return author === this.author ? this : new Agent(author, this.forest, this.basis, this.#seen);
  }

  /** The same agent at work in a ghost that it has begun, or attached itself to. */
  inGhost(ghostId: string, sequence: number): Agent {
    const basis = this.basis === undefined ? undefined : new GhostBasis(this.basis, ghostId, sequence);
    return new Agent(this.author, this.forest, basis, this.#seen);
  }

  /** The newest trunk revision seen in an answer, an outcome or an event. */
  get newestRevision(): number {
    return this.#seen.newestRevision;
  }

  /** Remembers that the trunk has reached `revision`. */
  see(revision: number): void {
    if (revision > this.#seen.newestRevision) this.#seen.newestRevision = revision;
  }

  onPublished(published: Published): void {
    this.see(published.revision);
  }

  /** Notes that a path was read, with what came of it; empty: the root. */
  note(path: string, revision: number, extent: BasisExtent, nodes: readonly StagedNode[] = []): void {
    this.see(revision);
    if (this.basis === undefined) return;
    const read = { path: path === '' ? '/' : path, revision, extent };
    // Others may have staged more in a ghost than this process knows.
    const sequence = nodes.reduce((latest, node) => Math.max(latest, Number(node.stagedSequence)), 0);
    this.basis.note(sequence === 0 ? read : { ...read, sequence });
  }

  /**
   * The view of a read on the trunk or in a ghost. Ghosts answer with all that is staged, so they need no revision; of what a
   * crash of the broker may have taken the known `edition` tells.
   */
  view(ghostId: string, edition: number, options: ViewOptions): ReadView {
    const atRevision = BigInt(options.atRevision ?? 0);
    const consistency = readConsistency(options.consistency ?? 'seen', this.newestRevision);
    const implied = ghostId !== '' || atRevision !== 0n;
    return create(ReadViewSchema, {
      atRevision,
      ghostId,
      edition: BigInt(ghostId === '' ? 0 : edition),
      consistency: implied && options.consistency === undefined ? { case: undefined } : consistency,
    });
  }
}

type WireConsistency = NonNullable<MessageInitShape<typeof ReadViewSchema>['consistency']>;

function readConsistency(consistency: Consistency, newestRevision: number): WireConsistency {
  if (consistency === 'stale') return { case: 'stale', value: {} };
  if (consistency === 'linearizable' || (consistency === 'seen' && newestRevision === 0)) {
    return { case: 'linearizable', value: {} };
  }
  const revision = consistency === 'seen' ? newestRevision : consistency.atLeastRevision;
  return { case: 'atLeastRevision', value: BigInt(revision) };
}
