/** `hyperloom lease`: time-limited ownerships, on which locks, ghosts and nodes hang. */
import type { AddCommand } from '../../context.ts';
import { addEnd } from './end.ts';
import { addGrant } from './grant.ts';
import { addLs } from './ls.ts';

export const addLease: AddCommand = (program, run) => {
  const lease = program
    .command('lease')
    .summary('own locks, ghosts and nodes for a time')
    .description(
      'Time-limited ownerships: grant one, hang locks, ghosts and nodes on it with --lease, and end all of that at once.',
    );
  for (const add of [addLs, addGrant, addEnd]) add(lease, run);
};
