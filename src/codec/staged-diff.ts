/** Diffs staged in a ghost ↔ `StagedDiff`. */
import type { BasisEntry, Operation, Precondition } from '../state/command.ts';
import type { StagedDiff } from '../state/ghosts/ghost.ts';
import { readBasisEntry, readPrecondition, writeBasis, writePreconditions } from './condition.ts';
import { estimateOperations, readOperation, writeOperations } from './operation.ts';
import type { WireReader } from './wire-reader.ts';
import type { WireWriter } from './wire-writer.ts';

export function writeStagedDiff(writer: WireWriter, field: number, diff: StagedDiff): void {
  const mark = writer.open(
    field,
    estimateOperations(diff.operations) + diff.author.length + diff.label.length + 16,
  );
  writer.uint(1, diff.sequence);
  writer.uint(2, diff.timeMs);
  writer.text(3, diff.author);
  writer.text(4, diff.label);
  writeOperations(writer, 5, diff.operations);
  writePreconditions(writer, 6, diff.preconditions);
  writeBasis(writer, 7, diff.basis);
  for (const sum of diff.sums) writer.textAlways(8, sum);
  writer.close(mark);
}

export function readStagedDiff(reader: WireReader): StagedDiff {
  const outer = reader.enter();
  let sequence = 0;
  let timeMs = 0;
  let author = '';
  let label = '';
  const operations: Operation[] = [];
  const preconditions: Precondition[] = [];
  const basis: BasisEntry[] = [];
  const sums: string[] = [];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    switch (field) {
      case 1:
        sequence = reader.uint();
        break;
      case 2:
        timeMs = reader.uint();
        break;
      case 3:
        author = reader.repeatedText();
        break;
      case 4:
        label = reader.repeatedText();
        break;
      case 5:
        operations.push(readOperation(reader));
        break;
      case 6:
        preconditions.push(readPrecondition(reader));
        break;
      case 7:
        basis.push(readBasisEntry(reader));
        break;
      case 8:
        sums.push(reader.text());
        break;
      default:
        reader.unknown('StagedDiff');
    }
  }
  reader.leave(outer);
  return { sequence, timeMs, author, label, operations, preconditions, basis, sums };
}
