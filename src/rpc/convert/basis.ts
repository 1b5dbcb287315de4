/** What agents had read, as clients see it. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import { BasisExtent, type BasisEntrySchema } from '../../gen/hyperloom/v1/operation_pb.ts';
import type { BasisEntry } from '../../state/command.ts';
import { formatPath } from '../../trie/path.ts';

export function basisMessage(entry: BasisEntry): MessageInitShape<typeof BasisEntrySchema> {
  const { path, revision, extent, ghostId = '', sequence = 0 } = entry;
  const numbers = { node: BasisExtent.NODE, subtree: BasisExtent.SUBTREE, absent: BasisExtent.ABSENT };
  const seen = { ghostId, sequence: BigInt(sequence) };
  return { path: formatPath(path), revision: BigInt(revision), extent: numbers[extent], ...seen };
}
