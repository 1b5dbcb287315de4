/** `hyperloom profile`: names for brokers. */
import type { AddCommand } from '../../context.ts';
import { addAdd } from './add.ts';
import { addLs } from './ls.ts';
import { addRm } from './rm.ts';
import { addShow } from './show.ts';
import { addUse } from './use.ts';

export const addProfile: AddCommand = (program, run) => {
  const profile = program
    .command('profile')
    .summary('give brokers names, and choose one')
    .description(
      'Connection profiles: an address, a forest, an author and certificates under a name. What an option says comes first, then the ' +
        'profile named with --profile, then environment variables, then the profile of HYPERLOOM_PROFILE or of "profile use".',
    );
  for (const add of [addAdd, addLs, addUse, addShow, addRm]) add(profile, run);
};
