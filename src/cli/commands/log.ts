/** `hyperloom log`: what happened, newest first. */
import type { Command } from 'commander';

import { nodePath, positiveNumber, wholeNumber } from '../arguments.ts';
import { collect } from '../collect.ts';
import type { AddCommand } from '../context.ts';
import { eventLines } from '../output/event-lines.ts';
import { eventRecord } from '../output/records.ts';

interface LogOptions {
  readonly after?: number;
  readonly ghosts?: boolean;
  readonly limit: number;
  readonly oldestFirst?: boolean;
  readonly path?: string;
}

export const addLog: AddCommand = (program, run) => {
  program
    .command('log')
    .summary('show what happened, newest first')
    .option('--limit <count>', 'how many events at most', positiveNumber, 20)
    .option('--path <path>', 'only what changed something here or below', nodePath)
    .option('--ghosts', "ghosts' events too")
    .option('--after <revision>', 'only what came after this revision', wholeNumber)
    .option('--oldest-first', 'the other way round')
    .action((options: LogOptions, self: Command) =>
      run(async ({ client, output }) => {
        const events = client.history({
          path: options.path,
          form: 'json',
          everything: options.ghosts,
          afterRevision: options.after,
          newestFirst: options.oldestFirst !== true,
          pageSize: Math.min(options.limit, pageSizeMax),
        });
        const { items, isCut } = await collect(events, options.limit);
        if (items.length === 0 && !output.json) await output.line(output.style.dim('nothing has happened'));
        for (const event of items) {
          if (output.json) await output.record(eventRecord(event));
          else await output.line(...eventLines(event, output.style, output.columns));
        }
        // Who says how many wants no more.
        if (isCut && self.getOptionValueSource('limit') === 'default') await output.cut(options.limit);
      }),
    );
};

const pageSizeMax = 100;
