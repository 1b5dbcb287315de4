/** `hyperloom profile show`: what is in force here and now, and who said so. */
import type { AddCommand } from '../../context.ts';
import type { Column } from '../../output/table.ts';
import { visible } from '../../output/text.ts';
import { connectionKeys, type ConnectionKey } from '../../profiles/profile.ts';
import type { Origin } from '../../profiles/settle.ts';

interface Row {
  readonly key: ConnectionKey;
  readonly value: string | undefined;
  readonly origin: Origin;
}

export const addShow: AddCommand = (program, run) => {
  program
    .command('show')
    .summary('show what is in force here and now, and what said so')
    .action(() =>
      run(async ({ output, settled }) => {
        const { values, origins, profile } = settled;
        if (output.json) {
          const told = connectionKeys.map((key) => [key, values[key] ?? null]);
          await output.record({
            profile: profile ?? null,
            ...Object.fromEntries(told),
            origins: { ...origins },
          });
          return;
        }
        const rows = connectionKeys.map((key) => ({ key, value: values[key], origin: origins[key] }));
        await output.rows(
          rows.filter(({ value = '' }) => value !== ''),
          columns(profile),
          () => ({}),
          '',
        );
      }),
    );
};

function columns(profile: string | undefined): readonly Column<Row>[] {
  return [
    { title: 'WHAT', cell: ({ key }) => key },
    { title: 'IS', cell: ({ value = '' }) => visible(value), cut: 'middle' },
    {
      title: 'SAYS',
      cell: ({ origin }) => (origin === 'profile' ? `the profile ${profile ?? ''}` : article(origin)),
    },
  ];
}

function article(origin: Origin): string {
  return origin === 'built in' ? 'nobody: built in' : `the ${origin}`;
}
