/** Who had read what is undone: agents, and live ghosts. */
import { cascadeToldMax, revertedBasisPerGhostMax, revertedBasisToldMax } from '../../base/limits.ts';
import type {
  AffectedAgent,
  AffectedGhost,
  AffectedRead,
  UndonePublish,
} from '../../state/cascades/cascade-parts.ts';
import type { BasisEntry } from '../../state/command.ts';
import { formatPath } from '../../trie/path.ts';
import type { DerivedPublish } from './derived.ts';

export interface Affected {
  readonly ghosts: readonly AffectedGhost[];
  readonly agents: readonly AffectedAgent[];
}

/** Those who are told. `authorOf` names who began a live ghost. */
export function affectedBy(
  derived: readonly DerivedPublish[],
  authorOf: (ghostId: string) => string | undefined,
): Affected {
  const ghosts = new Map<string, { readonly author: string; readonly reads: Map<string, AffectedRead> }>();
  const agents = new Map<string, AgentNotes>();
  const agentOf = (author: string): AgentNotes => {
    const known = agents.get(author) ?? { revisions: [], ghostIds: new Set(), basis: new Map() };
    agents.set(author, known);
    return known;
  };
  for (const { ghostId, at, authors, reads } of derived) {
    const owner = ghostId === '' ? undefined : authorOf(ghostId);
    if (ghostId !== '' && owner === undefined) continue;
    for (const author of new Set(owner === undefined ? authors : [...authors, owner])) {
      const { revisions, ghostIds, basis } = agentOf(author);
      if (ghostId === '') revisions.push(at);
      else ghostIds.add(ghostId);
      for (const read of reads) if (basis.size < revertedBasisToldMax) basis.set(keyOf(read), read);
    }
    if (owner === undefined) continue;
    const ghost = ghosts.get(ghostId) ?? { author: owner, reads: new Map() };
    ghosts.set(ghostId, ghost);
    // One more than is kept says that there were more.
    for (const basis of reads)
      if (ghost.reads.size <= revertedBasisPerGhostMax)
        ghost.reads.set(`${at} ${keyOf(basis)}`, { basis, sequence: at });
  }
  return {
    ghosts: Array.from(ghosts, ([ghostId, { author, reads }]) => ({
      ghostId,
      author,
      reads: [...reads.values()],
    })),
    agents: Array.from(agents, ([author, notes]) => agentWith(author, notes))
      .sort(({ author: a }, { author: b }) => (a < b ? -1 : 1))
      .slice(0, cascadeToldMax),
  };
}

/** What is undone, oldest first. */
export function undonePublishes(
  start: UndonePublish,
  derived: readonly DerivedPublish[],
): readonly UndonePublish[] {
  const others = derived.flatMap(({ ghostId, at: revision, hops, author, label }) =>
    ghostId === '' ? [{ revision, hops, author, label }] : [],
  );
  return [start, ...others].sort((a, b) => a.revision - b.revision);
}

interface AgentNotes {
  readonly revisions: number[];
  readonly ghostIds: Set<string>;
  readonly basis: Map<string, BasisEntry>;
}

function agentWith(author: string, { revisions, ghostIds, basis }: AgentNotes): AffectedAgent {
  return {
    author,
    revisions: revisions.toSorted((a, b) => a - b),
    ghostIds: [...ghostIds],
    basis: [...basis.values()],
  };
}

function keyOf({ path, revision, extent, ghostId = '', sequence = 0 }: BasisEntry): string {
  return `${extent} ${revision} ${ghostId} ${sequence} ${formatPath(path)}`;
}
