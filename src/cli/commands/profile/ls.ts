/** `hyperloom profile ls`. */
import type { AddCommand } from '../../context.ts';
import { profileColumns, profileRecord } from '../../output/profile-text.ts';

export const addLs: AddCommand = (program, run) => {
  program
    .command('ls')
    .alias('list')
    .summary('list the profiles')
    .action(() =>
      run(async ({ output, profiles }) => {
        const { current, all } = profiles.read();
        const rows = [...all].sort(([a], [b]) => (a < b ? -1 : 1));
        await output.rows(
          rows,
          profileColumns(current),
          ([name, profile]) => profileRecord(name, profile, current),
          'no profiles: see "hyperloom profile add --help"',
        );
      }),
    );
};
