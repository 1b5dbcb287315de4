/** `hyperloom profile use`. */
import type { AddCommand } from '../../context.ts';
import { UsageError } from '../../failure.ts';
import { profileNamed } from '../../profiles/settle.ts';

interface UseOptions {
  readonly none?: boolean;
}

export const addUse: AddCommand = (program, run) => {
  program
    .command('use')
    .summary('choose the profile that is used where none is named')
    .argument('[name]', 'the profile')
    .option('--none', 'no profile from now on')
    .action((name: string | undefined, { none = false }: UseOptions) =>
      run(async ({ output, profiles }) => {
        if ((name === undefined) !== none) throw new UsageError('name either a profile or --none');
        const { all, ...before } = profiles.read();
        if (name !== undefined) profileNamed(name, { all, ...before });
        profiles.write({ all, current: name });
        await output.result({ current: name ?? null }, () =>
          name === undefined ? 'no profile is in use' : `${name} is in use`,
        );
      }),
    );
};
