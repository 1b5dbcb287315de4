/** `hyperloom schema strict`: whether values may be at paths of no schema. */
import { Argument } from 'commander';

import type { AddCommand } from '../../context.ts';

export const addStrict: AddCommand = (program, run) => {
  program
    .command('strict')
    .summary('say whether values may be at paths of no schema')
    .description(
      'Makes the forest strict (on): then no value may be at a path that no schema is about, and turning it on is refused while one is. ' +
        'Or lets any value be there (off), as it is in a new forest. Shows which it is.',
    )
    .addArgument(new Argument('[state]', 'on, off or show').choices(['on', 'off', 'show']).default('show'))
    .action((state: 'on' | 'off' | 'show') =>
      run(async ({ client, output }) => {
        if (state === 'show') {
          const { unboundPaths, revision } = await client.schemas.list();
          const isStrict = unboundPaths === 'refused';
          await output.result({ strict: isStrict, revision }, () => strictText(isStrict));
          return;
        }
        const isStrict = state === 'on';
        const revision = await client.schemas.setUnboundPaths(isStrict ? 'refused' : 'free');
        await output.result(
          { strict: isStrict, revision },
          () => strictText(isStrict) + (revision > 0 ? ` (since r${revision})` : ''),
        );
      }),
    );
};

function strictText(isStrict: boolean): string {
  return isStrict
    ? 'strict: no value may be at a path that no schema is about'
    : 'free: any value may be at paths that no schema is about';
}
