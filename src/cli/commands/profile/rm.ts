/** `hyperloom profile rm`. */
import type { AddCommand } from '../../context.ts';
import { profileNamed } from '../../profiles/settle.ts';

export const addRm: AddCommand = (program, run) => {
  program
    .command('rm')
    .summary('forget a profile')
    .argument('<name>', 'the profile')
    .action((name: string) =>
      run(async ({ output, profiles }) => {
        const before = profiles.read();
        profileNamed(name, before);
        const all = new Map(before.all);
        all.delete(name);
        profiles.write({ all, current: before.current === name ? undefined : before.current });
        await output.result({ name, removed: true }, () => `${name} is forgotten`);
      }),
    );
};
