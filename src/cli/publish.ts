/** What all commands that write have in common: options, preconditions, and how the outcome is told. */
import type { Command } from 'commander';

import {
  precondition,
  type Operation,
  type Precondition,
  type Published,
} from '../../clients/typescript/src/index.ts';
import { wholeNumber } from './arguments.ts';
import type { Context } from './context.ts';
import type { Output } from './output/output.ts';

export interface WriteOptions {
  readonly ghost?: string;
  readonly label?: string;
  readonly ifAbsent?: boolean;
  readonly ifPresent?: boolean;
  readonly ifRevision?: number;
  readonly requestId?: string;
}

/** Adds the options of every write. */
export function withWriteOptions(command: Command): Command {
  return command
    .option('--ghost <id>', 'in a ghost instead of the trunk')
    .option('--label <text>', 'what the change is, in a few words')
    .option('--if-absent', 'only if the node is not there')
    .option('--if-present', 'only if the node is there')
    .option('--if-revision <revision>', 'only if the node was last changed at this revision', wholeNumber)
    .option('--request-id <id>', 'repeating it within an hour repeats the outcome and writes nothing');
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
