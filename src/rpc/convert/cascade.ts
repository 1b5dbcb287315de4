/** What a revert takes along, and whom it concerns, as clients see it. */
import { create } from '@bufbuild/protobuf';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { cascadeToldMax, revertedBasisToldMax } from '../../base/limits.ts';
import {
  type BasisRevertedSchema,
  type CascadeReport,
  CascadeReportSchema,
  NotUndoneCause,
} from '../../gen/hyperloom/v1/cascade_pb.ts';
import type { RevertedBasisSchema } from '../../gen/hyperloom/v1/ghost_pb.ts';
import type { Worked } from '../../sequencer/cascade/plan.ts';
import type { ForestEvent } from '../../state/event.ts';
import type { RevertedBasis } from '../../state/cascades/cascade-parts.ts';
import { formatPath } from '../../trie/path.ts';
import { basisMessage } from './basis.ts';

const causes = {
  overwritten: NotUndoneCause.OVERWRITTEN,
  built_upon: NotUndoneCause.BUILT_UPON,
  history_gone: NotUndoneCause.HISTORY_GONE,
  schema: NotUndoneCause.SCHEMA,
} as const;

export function cascadeMessage(worked: Worked): CascadeReport {
  const { operations, undone, notUndone, notUndoneTotal, ghosts } = worked;
  return create(CascadeReportSchema, {
    undone: undone
      .slice(0, cascadeToldMax)
      .map((publish) => ({ ...publish, revision: BigInt(publish.revision) })),
    notUndone: notUndone.map(({ path, revision, cause, overwrittenBy }) => ({
      path: formatPath(path),
      revision: BigInt(revision),
      cause: causes[cause],
      overwrittenByRevision: BigInt(overwrittenBy),
    })),
    ghosts: ghosts.slice(0, cascadeToldMax).map(({ ghostId, author, reads }) => ({
      ghostId,
      author,
      basis: reads.slice(0, revertedBasisToldMax).map(({ basis }) => basisMessage(basis)),
    })),
    undoneTotal: BigInt(undone.length),
    notUndoneTotal: BigInt(notUndoneTotal),
    ghostsTotal: BigInt(ghosts.length),
    operations: BigInt(operations.length),
  });
}

/** Whom an event tells that it took back what they had read: all of them, or one agent. */
export function basisRevertedMessages(
  { basisReverted }: ForestEvent,
  agent: string | null,
): MessageInitShape<typeof BasisRevertedSchema>[] {
  if (basisReverted === undefined) return [];
  const { agents, reason } = basisReverted;
  const told = agent === null ? agents : agents.filter(({ author }) => author === agent);
  return told.map(({ author, revisions, ghostIds, basis }) => ({
    author,
    revisions: revisions.map(BigInt),
    ghostIds: [...ghostIds],
    basis: basis.map(basisMessage),
    reason,
  }));
}

/** What a ghost has to look at again. */
export function revertedBasisMessage({
  basis,
  sequence,
  revertedRevision,
}: RevertedBasis): MessageInitShape<typeof RevertedBasisSchema> {
  return {
    basis: basisMessage(basis),
    sequence: BigInt(sequence),
    revertedRevision: BigInt(revertedRevision),
  };
}
