/** `hyperloom ghost begin`. */
import { durationMs, wholeNumber } from '../../arguments.ts';
import type { AddCommand } from '../../context.ts';
import { UsageError } from '../../failure.ts';
import { ghostRecord } from '../../output/records.ts';

interface BeginOptions {
  readonly base?: number;
  readonly label?: string;
  readonly parent?: string;
  readonly quiet?: boolean;
  readonly scope?: string;
  readonly ttl: number;
}

/** Nobody keeps a ghost alive between two commands, so it gets long enough for a person. */
const ttlMsDefault = 3_600_000;

export const addBegin: AddCommand = (program, run) => {
  program
    .command('begin')
    .summary('begin a ghost and print its id')
    .option('--scope <path>', 'the only subtree it may write to')
    .option('--base <revision>', 'the trunk revision to stand on; default: the newest', wholeNumber)
    .option('--parent <id>', 'begin it in another ghost')
    .option('--label <text>', 'what it is, in a few words')
    .option('-q, --quiet', 'print the id alone, in a pipe too: ghost=$(hyperloom ghost begin -q)')
    .option('--ttl <duration>', 'how long it lives unless kept alive (default: 1h)', durationMs, ttlMsDefault)
    .action((options: BeginOptions) =>
      run(async ({ client, output }) => {
        const { base, label, parent, quiet = false, scope, ttl: ttlMs } = options;
        if (base !== undefined && parent !== undefined) {
          throw new UsageError(
            '--base and --parent exclude one another: a ghost in a ghost stands on its parent',
          );
        }
        const ghost =
          parent === undefined
            ? await client.ghost({ baseRevision: base, label, scope, ttlMs })
            : await (await client.attach(parent)).ghost({ label, scope, ttlMs });
        // Neither disposed of nor committed: the ghost stays behind on purpose, to be used by the next commands.
        if (quiet) await output.line(ghost.id);
        else await output.result(ghostRecord(ghost.info), () => ghost.id);
      }),
    );
};
