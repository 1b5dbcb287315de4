/** Reverts with what was derived as protobuf-es messages: see `record-message.ts`. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { BasisEntrySchema, RevertCascadeSchema } from '../gen/hyperloom/journal/v1/record_pb.ts';
import type { BasisEntry, RevertCascade } from '../state/command.ts';
import { formatPath } from '../trie/path.ts';

type Shape = Exclude<MessageInitShape<typeof RevertCascadeSchema>, { $typeName: string }>;

/** All but its operations, preconditions and tokens. */
export function cascadeShape(
  { revision, reason, undone, notUndone, notUndoneTotal, ghosts, agents, alone }: RevertCascade,
  basisShape: (entry: BasisEntry) => MessageInitShape<typeof BasisEntrySchema>,
): Shape {
  const causes = { overwritten: 1, built_upon: 2, history_gone: 3, schema: 4 } as const;
  return {
    revision: BigInt(revision),
    reason,
    undone: undone.map((each) => ({ ...each, revision: BigInt(each.revision) })),
    notUndone: notUndone.map((each) => ({
      path: formatPath(each.path),
      revision: BigInt(each.revision),
      cause: causes[each.cause],
      overwrittenByRevision: BigInt(each.overwrittenBy),
    })),
    notUndoneTotal: BigInt(notUndoneTotal),
    ghosts: ghosts.map(({ ghostId, author, reads }) => ({
      ghostId,
      author,
      reads: reads.map(({ basis, sequence }) => ({ basis: basisShape(basis), sequence: BigInt(sequence) })),
    })),
    agents: agents.map(({ author, revisions, ghostIds, basis }) => ({
      author,
      revisions: revisions.map(BigInt),
      ghostIds: [...ghostIds],
      basis: basis.map(basisShape),
    })),
    alone,
  };
}
