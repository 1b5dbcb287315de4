/** What a cascade needs to know of provenance: who had read what a publish wrote. */
import type { Provenance } from '../../provenance/provenance.ts';
import type { BasisEntry } from '../../state/command.ts';

/** A publish that had read what another one wrote, through any number of others. */
export interface DerivedPublish {
  /** Its journal entry. */
  readonly position: number;
  /** The live ghost that it was staged in; empty on the trunk. */
  readonly ghostId: string;
  /** The trunk revision, or the number of the diff in the ghost. */
  readonly at: number;
  /** Publishes away; 1 had read what was asked about. */
  readonly hops: number;
  readonly author: string;
  readonly label: string;
  /** Everybody who had a part in it. */
  readonly authors: readonly string[];
  /** What it had read, and had been written outside its own ghost. */
  readonly reads: readonly BasisEntry[];
}

/**
 * All that was derived from a trunk revision, nearest first, as far as it is durable; a diff in a live ghost again with what it had read farther
 * away. Throws `TraceRefused`.
 */
export type DerivedFrom = (revision: number) => AsyncIterable<DerivedPublish>;

/** Asks the index. */
export function derivedBy(provenance: Provenance): DerivedFrom {
  return async function* derivedFrom(revision) {
    // Who looks again at what it had read has to know all of it.
    const start = { kind: 'revision', revision } as const;
    for await (const { made, hops, links } of provenance.derivedFrom(start, [], true)) {
      const { position, layer, at, author, label, parts } = made;
      const authors = [author, ...parts.map((part) => part.author)];
      const isOwn = (writer: string): boolean => layer !== '' && writer === layer;
      const reads = links.flatMap(({ read, writer }) => (isOwn(writer.layer) ? [] : [read]));
      yield { position, ghostId: layer, at, hops, author, label, authors, reads };
    }
  };
}
