/** Asking for a review of a ghost. */
import { operation, type Ghost } from '../../clients/typescript/src/index.ts';
import type { Desk } from './desk.ts';
import { paths } from './paths.ts';
import type { ReviewRequest, ReviewVerdict } from './records.ts';

/** Asks the reviewer, on the trunk, to look into the ghost, and waits for the verdict. */
export async function reviewed(
  desk: Desk,
  ghost: Ghost,
  subject: ReviewRequest['subject'],
  attempt: number,
): Promise<ReviewVerdict> {
  const name = `${subject}_${attempt}`;
  const request: ReviewRequest = { subject, ghost: ghost.id };
  await desk.publish(`asks for a review of its ${subject}`, [operation.put(paths.review(name), request)]);
  return desk.value<ReviewVerdict>(paths.verdict(name));
}
