/** What a journal entry wrote and what its author had read, as far as derivation is concerned: without values. */
import type { BasisEntry, Operation, Proposal } from '../state/command.ts';
import { deletions, eventsOf } from '../state/describe.ts';
import type { ForestEvent } from '../state/event.ts';
import type { Effects } from '../state/forest.ts';
import type { StagedDiff } from '../state/ghosts/ghost.ts';
import { formatPath } from '../trie/path.ts';
import type { Path } from '../trie/path.ts';

/** A journal entry, decoded. */
export interface Recorded {
  readonly proposal: Proposal;
  readonly effects: Effects;
}

/** Of an operation: what it did to which path. */
export interface Mark {
  readonly path: Path;
  /** `assigned`: the node was put or removed. `replaced`: all below it too. `added`: it holds what was there before as well. */
  readonly kind: 'assigned' | 'replaced' | 'added';
}

/** What one author did in one go. */
export interface Part {
  readonly author: string;
  readonly marks: readonly Mark[];
  /** What it had read, copies and what a revert brought back included; without what was still to come when it was published. */
  readonly reads: readonly BasisEntry[];
}

/** A publish: what derivation is between. The journal's position names it. */
export interface Made {
  readonly position: number;
  readonly author: string;
  readonly label: string;
  /** The ghost that it was staged in; empty on the trunk. */
  readonly layer: string;
  /** Trunk revision, or the number of the diff in the ghost. */
  readonly at: number;
  readonly parts: readonly Part[];
  /** For commits: the ghost whose work it is. */
  readonly committedGhostId: string;
  /** The trunk revisions that it took back; none for most. */
  readonly undoneRevisions: readonly number[];
}

const none: readonly number[] = [];

/** The publish of an entry; `null` where it wrote nothing. */
export function madeOf({ proposal, effects }: Recorded): Made | null {
  const { command, position } = proposal;
  if (effects.rejected || effects.refusal !== null || effects.commitPending) return null;
  const common = { position, author: command.author, committedGhostId: '', undoneRevisions: none };
  switch (command.kind) {
    case 'publish': {
      const { ghostId, operations, basis, author, label } = command;
      const at = ghostId === '' ? effects.revision : effects.sequence;
      return {
        ...common,
        label,
        layer: ghostId,
        at,
        parts: [partOf(author, operations, basis, ghostId, at)],
      };
    }
    case 'commit_ghost': {
      const { committed, parentId, revision } = effects;
      if (committed.length === 0 && revision === 0) return null;
      const at = parentId === '' ? revision : (committed[0]?.sequence ?? 0);
      const parts = committed.map((diff) => committedPart(diff, parentId, at));
      return {
        ...common,
        label: command.label,
        layer: parentId,
        at,
        parts,
        committedGhostId: command.ghostId,
      };
    }
    case 'revert_revision':
    case 'revert_cascade': {
      const at = effects.revision;
      const { author, operations, reason, revision } = command;
      const read = operations.flatMap((operation): BasisEntry[] => {
        if (operation.kind === 'copy') return [];
        return [{ path: operation.path, revision: revision - 1, extent: 'node' }];
      });
      const parts = [partOf(author, operations, read, '', at)];
      const undone =
        command.kind === 'revert_cascade' ? command.undone.map((each) => each.revision) : [revision];
      return { ...common, label: reason, layer: '', at, parts, undoneRevisions: undone };
    }
    default: {
      if (effects.revision === 0) return null;
      const parts = [partOf(command.author, deletions(effects.deletedPaths), [], '', effects.revision)];
      return { ...common, label: '', layer: '', at: effects.revision, parts };
    }
  }
}

function committedPart({ author, operations, basis }: StagedDiff, layer: string, at: number): Part {
  return partOf(author, operations, basis, layer, at);
}

function partOf(
  author: string,
  operations: readonly Operation[],
  basis: readonly BasisEntry[],
  layer: string,
  at: number,
): Part {
  const copied: BasisEntry[] = [];
  const marks = operations.map((operation): Mark => {
    if (operation.kind === 'copy') copied.push(copiedFrom(operation, layer, at));
    return { path: operation.path, kind: markKind(operation) };
  });
  const reads = copied.length === 0 ? basis : [...basis, ...copied];
  const isPast = ({ revision }: BasisEntry): boolean => layer !== '' || revision < at;
  return { author, marks, reads: reads.every(isPast) ? reads : reads.filter(isPast) };
}

/** What a copy shows to its author: the source in the view before it, or at the revision that it says. */
function copiedFrom(
  { source, sourceRevision }: Operation & { readonly kind: 'copy' },
  layer: string,
  at: number,
): BasisEntry {
  const read = { path: source, extent: 'subtree' } as const;
  if (sourceRevision !== 0) return { ...read, revision: sourceRevision };
  if (layer === '') return { ...read, revision: at - 1 };
  // Between the diff before it and itself: what was dropped meanwhile it has not seen.
  return { ...read, revision: 0, ghostId: layer, sequence: at - 0.5 };
}

function markKind(operation: Operation): Mark['kind'] {
  if (operation.kind === 'put') return 'assigned';
  if (operation.kind === 'copy') return 'replaced';
  if (operation.kind === 'delete') return operation.scope === 'node' ? 'assigned' : 'replaced';
  return 'added';
}

/** The event that an entry tells of a publish. For one that was staged in a ghost by a commit: as the ghost around it sees it. */
export function eventOf({ proposal, effects }: Recorded): ForestEvent | null {
  const told = eventsOf(proposal, effects, null)[0];
  return told ?? null;
}

/** Paths that a publish wrote, each once. */
export function writtenPaths({ parts }: Made): Path[] {
  const paths = new Map<string, Path>();
  for (const { marks } of parts) for (const { path } of marks) paths.set(formatPath(path), path);
  return [...paths.values()];
}
