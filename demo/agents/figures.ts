/** The analyst's work where no Python is there: what `analyst.py` does otherwise. */
import { operation, type Ghost } from '../../clients/typescript/src/index.ts';
import { figureOf, headlineOf } from './compute.ts';
import type { Desk, RevertReport } from './desk.ts';
import { paths } from './paths.ts';
import type { Measurements } from './records.ts';
import { reviewed } from './review.ts';
import { finishTask } from './tasks.ts';

const computed = 'computed';

/** Computes in a ghost, goes back to the checkpoint when the reviewer refuses, and commits what it accepts. */
export async function deliverFigures(desk: Desk): Promise<RevertReport | undefined> {
  const measurements = await desk.value<Measurements>(paths.measurements);
  await using ghost = await desk.client.ghost({ label: 'figures', scope: paths.figures });
  for (const [quantity, samples] of Object.entries(measurements)) {
    await desk.publish(
      `computes ${quantity}`,
      [operation.put(paths.figure(quantity), figureOf(samples))],
      ghost,
    );
  }
  await ghost.checkpoint(computed);
  let revert: RevertReport | undefined;
  const reasons: string[] = [];
  for (let attempt = 1; ; attempt += 1) {
    await stageHeadline(desk, ghost, measurements, reasons);
    const { accepted, reason } = await reviewed(desk, ghost, 'figures', attempt);
    if (accepted) break;
    const startMs = performance.now();
    const reverted = await ghost.rewind({ checkpoint: computed, reason });
    const agentMs = performance.now() - startMs;
    const { brokerTimeMs: brokerMs, droppedOperations } = reverted;
    revert = { reason, checkpoint: computed, droppedOperations, brokerMs, agentMs, committedRevision: 0 };
    reasons.push(...reverted.attempts.map((each) => each.reason));
  }
  const { revision } = await ghost.commit({ label: 'the figures, as accepted' });
  await finishTask(desk, 'figures');
  return revert && { ...revert, committedRevision: revision };
}

/** The first attempt writes the digits the wrong way round, as models do; with a reason at hand it computes again. */
async function stageHeadline(
  desk: Desk,
  ghost: Ghost,
  measurements: Measurements,
  reasons: readonly string[],
): Promise<void> {
  const right = headlineOf(measurements);
  const less_percent = reasons.length === 0 ? transposed(right.less_percent) : right.less_percent;
  const caption = `Version 4.2 needs ${less_percent} % less ${right.quantity} than 4.1.`;
  const label = reasons.length === 0 ? 'headline and caption' : 'headline and caption, computed again';
  await desk.publish(
    label,
    [
      operation.put(paths.headline, { quantity: right.quantity, less_percent }),
      operation.put(paths.caption, caption),
    ],
    ghost,
  );
}

function transposed(percent: number): number {
  const [tens = '', ones = '', ...rest] = String(percent);
  return Number([ones, tens, ...rest].join(''));
}
