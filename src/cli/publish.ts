/** What all commands that write have in common: options, preconditions, and how the outcome is told. */
import { Option, type Command } from 'commander';

import {
  precondition,
  type FenceOptions as ClientFenceOptions,
  type Operation,
  type Precondition,
  type Published,
} from '../../clients/typescript/src/index.ts';
import { durationMs, fencingTokens, wholeNumber } from './arguments.ts';
import type { Context } from './context.ts';
import type { Output } from './output/output.ts';

/** How a write stands to locks. */
export interface FenceOptions {
  readonly fencingTokens?: readonly number[];
  readonly lockWait?: number;
}

export interface WriteOptions extends FenceOptions {
  readonly ghost?: string;
  readonly label?: string;
  readonly ifAbsent?: boolean;
  readonly ifPresent?: boolean;
  readonly ifRevision?: number;
  readonly requestId?: string;
}

/** Adds the options of every write. */
export function withWriteOptions(command: Command): Command {
  return withFenceOptions(command)
    .option('--ghost <id>', 'in a ghost instead of the trunk')
    .option('--label <text>', 'what the change is, in a few words')
    .addOption(
      new Option('--if-absent', 'only if the node is not there').conflicts(['ifPresent', 'ifRevision']),
    )
    .option('--if-present', 'only if the node is there')
    .option('--if-revision <revision>', 'only if the node was last changed at this revision', wholeNumber)
    .option('--request-id <id>', 'repeating it within an hour repeats the outcome and writes nothing');
}

/** Adds the options of everything that locks can stand in the way of. */
export function withFenceOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--fencing-tokens <tokens>',
        'of the locks it is done under; "lock acquire" sets them for its command',
      )
        .env('HYPERLOOM_FENCING_TOKENS')
        .argParser(fencingTokens),
    )
    .option(
      '--lock-wait <duration>',
      'how long to wait for locks of others; default: not at all',
      durationMs,
    );
}

/** The same, as the client takes them. */
export function fenceOf({ fencingTokens: tokens, lockWait }: FenceOptions): ClientFenceOptions {
  return { fencingTokens: tokens, lockWaitMs: lockWait };
}

/** Publishes one operation as a context diff of its own. */
export async function publishOne(
  { view, output }: Context,
  operation: Operation,
  options: WriteOptions,
): Promise<void> {
  const verbs = await view(options.ghost);
  const published = await verbs.publish([operation], {
    label: options.label,
    preconditions: preconditionsOf(operation.path, options),
    requestId: options.requestId,
    ...fenceOf(options),
  });
  await tellPublished(output, published);
}

/** Tells where a diff has gone. */
export function tellPublished(output: Output, published: Published): Promise<void> {
  const { revision, sequence, repeated } = published;
  const place = revision > 0 ? `revision ${revision}` : `staged as #${sequence}`;
  return output.result({ revision, sequence, repeated }, () => place + (repeated ? ' (repeated)' : ''));
}

function preconditionsOf(path: string, options: WriteOptions): readonly Precondition[] {
  const all: Precondition[] = [];
  if (options.ifAbsent === true) all.push(precondition.absent(path));
  if (options.ifPresent === true) all.push(precondition.present(path));
  if (options.ifRevision !== undefined) all.push(precondition.modifiedRevision(path, options.ifRevision));
  return all;
}
