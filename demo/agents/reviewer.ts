/**
 * The reviewer: looks into the ghosts of others, accepts or refuses what is staged there, and approves the notes. It takes nobody's
 * word: figures are computed anew from the measurements, the draft is held against findings and figures.
 */
import { operation } from '../../clients/typescript/src/index.ts';
import { Desk } from './desk.ts';
import { paths } from './paths.ts';
import type { Figure, Finding, Measurements, ReviewRequest, ReviewVerdict } from './records.ts';
import { finishTask } from './tasks.ts';
import { verifyDraft, verifyFigures } from './verify.ts';

const desk = new Desk('reviewer', [
  paths.task('review'),
  paths.task('draft'),
  paths.reviews,
  paths.findings,
  paths.measurements,
  `${paths.figures}/*`,
]);
let refusals = 0;

await desk.value(paths.task('review'));
await reviewUntilAccepted('figures');
await desk.waitFor(paths.reviews);
await reviewUntilAccepted('draft');
// The draft's own author tells when it has reached the trunk; what is approved is a copy of it there.
await desk.until(
  (known) =>
    (known.get(paths.task('draft')) as { state?: string } | undefined)?.state === 'done' || undefined,
);
await finishTask(desk, 'review');
await desk.publish('approved: the notes are final', [
  operation.copy(paths.draft, paths.final),
  operation.put(paths.approval, { by: desk.name, refusals }),
]);
await desk.finish(`${refusals} refused, 2 accepted, notes approved`);

async function reviewUntilAccepted(subject: ReviewRequest['subject']): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const name = `${subject}_${attempt}`;
    const request = await desk.value<ReviewRequest>(paths.review(name));
    const reason = await judge(request);
    const verdict: ReviewVerdict = { accepted: reason === '', reason };
    const label = reason === '' ? `accepts the ${subject}` : `refuses the ${subject}: ${reason}`;
    await desk.publish(label, [operation.put(paths.verdict(name), verdict)]);
    if (verdict.accepted) return;
    refusals += 1;
  }
}

/** Reads in the ghost, which nobody else sees into by accident. Says what is wrong, if anything is. */
async function judge({ subject, ghost: id }: ReviewRequest): Promise<string> {
  const ghost = await desk.client.attach(id);
  const nodes = await desk.readAll(subject === 'figures' ? paths.figures : paths.draft, ghost);
  if (subject === 'figures') return verifyFigures(nodes, await desk.value<Measurements>(paths.measurements));
  const quantities = Object.keys(await desk.value<Measurements>(paths.measurements));
  const figures = await Promise.all(quantities.map((quantity) => desk.value<Figure>(paths.figure(quantity))));
  return verifyDraft(nodes, await desk.value<readonly Finding[]>(paths.findings), figures);
}
