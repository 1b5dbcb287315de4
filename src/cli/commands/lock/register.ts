/** `hyperloom lock`: held rights on subtrees. */
import type { AddCommand } from '../../context.ts';
import { addAcquire } from './acquire.ts';
import { addLs } from './ls.ts';
import { addRelease } from './release.ts';

export const addLock: AddCommand = (program, run) => {
  const lock = program
    .command('lock')
    .summary('lock subtrees, and see who holds and who waits')
    .description(
      'Held rights on subtrees: run a command under one with "lock acquire PATH -- COMMAND", see them with "lock ls".',
    );
  for (const add of [addLs, addAcquire, addRelease]) add(lock, run);
};
