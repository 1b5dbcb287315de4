/** Plays runs of our own format for `replay`: at once, in real time, or faster; and takes marked mistakes back with their consequences. */
import { operationsBytes } from '../../../clients/typescript/src/run-file/operation-bytes.ts';
import type { EventLine } from '../../../clients/typescript/src/run-file/format.ts';
import { RunMeter } from './meter.ts';
import type { RunReport } from './run-report.ts';
import type { Stage } from './stage.ts';
import { playFile } from '../run-file/play-file.ts';
import type { Progress } from '../output/progress.ts';
import type { Surroundings } from '../surroundings.ts';

/** Plays a file and tells what it moved. */
export async function playRunFile(
  file: string,
  speed: number | undefined,
  { client, signal, revertMistakes }: Stage,
  progress: Progress,
  surroundings: Surroundings,
): Promise<RunReport> {
  const meter = new RunMeter();
  const onEvent = (line: EventLine): void => count(meter, line);
  const { tree, mistakes } = await playFile(
    { client, file, target: undefined, signal, speed, progress, onEvent },
    surroundings,
  );
  if (!revertMistakes || mistakes.length === 0) return { tree, outcome: 'published', ...meter.tally };
  for (const { revision, reason } of mistakes) {
    const { cascade } = await client.revertRevision(revision, reason, { cascade: 'all' });
    meter.count('reverts', cascade?.undoneTotal);
  }
  return { tree, outcome: 'mistake_reverted', ...meter.tally };
}

function count(meter: RunMeter, line: EventLine): void {
  switch (line.kind) {
    case 'publish':
    case 'stage':
      meter.hop(line.author, operationsBytes(line.operations), line.operations);
      break;
    case 'commit':
      meter.count('commits');
      break;
    case 'rewind':
    case 'revert':
    case 'expire':
      meter.count('reverts');
      break;
    case 'begin':
    case 'checkpoint':
      break;
  }
}
