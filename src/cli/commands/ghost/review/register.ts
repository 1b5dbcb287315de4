/** `hyperloom ghost review`: decides about ghosts whose gates name a reviewer. */
import type { AddCommand } from '../../../context.ts';
import { addApprove, addReject } from './decide.ts';
import { addLs } from './ls.ts';

export const addReview: AddCommand = (program, run) => {
  const review = program.command('review').summary('list what waits for reviewers; approve or reject it');
  for (const add of [addLs, addApprove, addReject]) add(review, run);
};
