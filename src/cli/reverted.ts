/** Tells what was taken back. */
import type { Reverted } from '../../clients/typescript/src/index.ts';
import { cascadeLines, cascadeRecord } from './output/cascade-text.ts';
import type { Output } from './output/output.ts';
import { counted, visible } from './output/text.ts';

export function tellReverted(output: Output, reverted: Reverted): Promise<void> {
  const { revision, checkpoint, attempts, droppedOperations, brokerTimeMs, repeated, cascade } = reverted;
  const record = {
    revision,
    checkpoint: checkpoint === undefined ? null : { ...checkpoint },
    attempts: attempts.map((attempt) => ({ ...attempt })),
    droppedOperations,
    brokerTimeMs,
    repeated,
    ...(cascade === undefined ? {} : { cascade: cascadeRecord(cascade) }),
  };
  return output.result(record, () => {
    if (cascade !== undefined) {
      const verb = revision > 0 ? `revision ${revision} takes back` : 'would take back';
      return cascadeLines(cascade, verb, output.style, output.columns).join('\n');
    }
    const what =
      revision > 0
        ? `revision ${revision} takes it back`
        : `${counted(droppedOperations, 'operation')} dropped`;
    const where = checkpoint === undefined ? '' : `; last valid checkpoint: ${visible(checkpoint.name)}`;
    return `${what} in ${brokerTimeMs.toFixed(3)} ms${where}`;
  });
}
