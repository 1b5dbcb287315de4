/** `hyperloom ghost begin`. */
import { Option } from 'commander';

import {
  gate,
  type Gate,
  type GhostOptions,
  type ViolationAction,
} from '../../../../clients/typescript/src/index.ts';
import { durationMs, nodePath, oneMore, positiveNumber, wholeNumber } from '../../arguments.ts';
import type { AddCommand } from '../../context.ts';
import { UsageError } from '../../failure.ts';
import { ghostRecord } from '../../output/records.ts';

interface BeginOptions {
  readonly gateBytes?: number;
  readonly gateOperations?: number;
  readonly gatePath?: readonly string[];
  readonly gateReviewer?: readonly string[];
  readonly gateSchema?: ViolationAction;
  readonly lease?: string;
  readonly race?: string;
  readonly raceAttempts?: number;
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
    .option('--scope <path>', 'the only subtree it may write to', nodePath)
    .option('--base <revision>', 'the trunk revision to stand on; default: the newest', wholeNumber)
    .option('--parent <id>', 'begin it in another ghost')
    .option('--label <text>', 'what it is, in a few words')
    .option('-q, --quiet', 'print the id alone, in a pipe too: ghost=$(hyperloom ghost begin -q)')
    .option('--gate-reviewer <name>', 'who must approve before it can be committed; repeatable', oneMore)
    .option('--gate-path <pattern>', 'the only paths that it may touch; repeatable', oneMore)
    .option('--gate-operations <count>', 'how many operations it may stage', positiveNumber)
    .addOption(
      new Option(
        '--gate-schema <what>',
        'what values that do not fit their schemas do; default: they are refused',
      ).choices(['revert', 'collect']),
    )
    .option('--gate-bytes <count>', 'how many bytes it may stage', positiveNumber)
    .option('--race <id>', 'one of several alternatives: the first that is committed wins')
    .option('--race-attempts <count>', 'attempts that all of the race have together', positiveNumber)
    .option('--lease <id>', 'let it live as long as a lease')
    .addOption(
      new Option('--ttl <duration>', 'how long it lives unless kept alive')
        .argParser(durationMs)
        .default(ttlMsDefault, '1h'),
    )
    .action((options: BeginOptions) =>
      run(async ({ client, output }) => {
        const { base, label, lease, parent, quiet = false, race, raceAttempts, scope, ttl: ttlMs } = options;
        if (base !== undefined && parent !== undefined) {
          throw new UsageError(
            '--base and --parent exclude one another: a ghost in a ghost stands on its parent',
          );
        }
        if (raceAttempts !== undefined && race === undefined) {
          throw new UsageError('--race-attempts says how long a race goes on: name it with --race');
        }
        const shared: GhostOptions = {
          label,
          scope,
          ttlMs,
          gates: gatesOf(options),
          race: race === undefined ? undefined : { id: race, attemptsMax: raceAttempts },
          lease: lease === undefined ? undefined : { id: lease },
        };
        const ghost =
          parent === undefined
            ? await client.ghost({ ...shared, baseRevision: base })
            : await (await client.attach(parent)).ghost(shared);
        // Neither disposed of nor committed: the ghost stays behind on purpose, to be used by the next commands.
        if (quiet) await output.line(ghost.id);
        else await output.result(ghostRecord(ghost.info), () => ghost.id);
      }),
    );
};

function gatesOf(options: BeginOptions): readonly Gate[] {
  const { gateBytes: bytesMax, gateOperations: operationsMax, gatePath: patterns } = options;
  const isLimited = bytesMax !== undefined || operationsMax !== undefined || patterns !== undefined;
  return [
    ...(isLimited ? [gate.limit({ patterns, operationsMax, bytesMax })] : []),
    ...(options.gateSchema === undefined ? [] : [gate.schema(options.gateSchema)]),
    ...(options.gateReviewer ?? []).map((reviewer) => gate.review(reviewer)),
  ];
}
