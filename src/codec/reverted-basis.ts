/** What a ghost has read that was reverted ↔ `SnapshotRevertedBasis`. */
import type { BasisEntry } from '../state/command.ts';
import type { RevertedBasis } from '../state/cascades/cascade-parts.ts';
import { readBasisEntry, writeBasis } from './condition.ts';
import { CodecDamage } from './damage.ts';
import type { WireReader } from './wire-reader.ts';
import type { WireWriter } from './wire-writer.ts';

export function writeRevertedBasis(writer: WireWriter, field: number, marks: readonly RevertedBasis[]): void {
  for (const { basis, sequence, revertedRevision } of marks) {
    const mark = writer.open(field, 64);
    writeBasis(writer, 1, [basis]);
    writer.uint(2, sequence);
    writer.uint(3, revertedRevision);
    writer.close(mark);
  }
}

export function readRevertedBasis(reader: WireReader): RevertedBasis {
  const outer = reader.enter();
  let basis: BasisEntry | undefined;
  let [sequence, revertedRevision] = [0, 0];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) basis = readBasisEntry(reader);
    else if (field === 2) sequence = reader.uint();
    else if (field === 3) revertedRevision = reader.uint();
    else reader.unknown('SnapshotRevertedBasis');
  }
  reader.leave(outer);
  if (basis === undefined) throw new CodecDamage('a reverted read without what was read');
  return { basis, sequence, revertedRevision };
}
