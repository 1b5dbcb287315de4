/** `hyperloom ghost`: work that may turn out wrong. */
import type { AddCommand } from '../../context.ts';
import { addBegin } from './begin.ts';
import { addCheckpoint } from './checkpoint.ts';
import { addCommit } from './commit.ts';
import { addKeep } from './keep.ts';
import { addList } from './list.ts';
import { addReview } from './review/register.ts';
import { addRevert } from './revert.ts';
import { addRewind } from './rewind.ts';
import { addShow } from './show.ts';

export const addGhost: AddCommand = (program, run) => {
  const ghost = program
    .command('ghost')
    .summary('work in speculative branches')
    .description('Speculative branches: begin one, write to it with "put --ghost ID", commit or revert it.');
  const all = [
    addBegin,
    addCheckpoint,
    addRewind,
    addCommit,
    addRevert,
    addReview,
    addList,
    addShow,
    addKeep,
  ];
  for (const add of all) add(ghost, run);
};
