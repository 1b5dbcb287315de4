/** `hyperloom watch`: events as they come, until Ctrl-C or until nobody reads them any more. */
import type {
  Client,
  Ghost,
  Node,
  SubscribeOptions,
  SubscriptionItem,
} from '../../../clients/typescript/src/index.ts';
import { wholeNumber } from '../arguments.ts';
import type { AddCommand, Context } from '../context.ts';
import { UsageError } from '../failure.ts';
import { eventLines } from '../output/event-lines.ts';
import type { Output } from '../output/output.ts';
import { eventRecord, nodeRecord } from '../output/records.ts';
import { counted, visible } from '../output/text.ts';
import { valueLine } from '../output/values.ts';
import { cutEnd, cutMiddle, widthOf } from '../output/width.ts';

interface WatchOptions {
  readonly all?: boolean;
  readonly from?: number;
  readonly ghost?: string;
  readonly snapshot?: boolean;
}

export const addWatch: AddCommand = (program, run) => {
  program
    .command('watch')
    .summary('print what changes as it happens')
    .description(
      'Prints events as they come. Resumes by itself when the connection is lost; ends with Ctrl-C.',
    )
    .argument('<pattern...>', "paths; '*' is one segment, '**' any number of them")
    .option('--from <revision>', 'first what happened since after this revision', wholeNumber)
    .option('--snapshot', 'first the nodes as they are')
    .option('--ghost <id>', 'what happens in a ghost')
    .option('--all', "the trunk's events and all ghosts' events")
    .action((patterns: string[], options: WatchOptions) =>
      run((context) => watch(context, patterns, options)),
    );
};

async function watch(context: Context, patterns: readonly string[], options: WatchOptions): Promise<void> {
  if (options.from !== undefined && options.snapshot === true) {
    throw new UsageError('--from and --snapshot exclude one another: both say where to begin');
  }
  if (options.ghost !== undefined && options.all === true) {
    throw new UsageError('--ghost and --all exclude one another');
  }
  const client = await context.openSteadyClient();
  const verbs: Client | Ghost = options.ghost === undefined ? client : await client.attach(options.ghost);
  const signal = context.interruption();
  const subscription = verbs.subscribe(patterns, {
    ...startOf(options),
    everything: options.all,
    form: 'json',
    signal,
  });
  try {
    for await (const item of subscription) await print(context.output, item);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function startOf({ from, snapshot }: WatchOptions): SubscribeOptions {
  if (from !== undefined) return { start: { afterRevision: from } };
  return { start: snapshot === true ? 'snapshot' : 'now' };
}

async function print(output: Output, item: SubscriptionItem): Promise<void> {
  if (item.kind === 'bookmark') return;
  if (item.kind === 'event') {
    if (output.json) await output.record({ type: 'event', ...eventRecord(item.event) });
    else await output.line(...eventLines(item.event, output.style, output.columns));
    return;
  }
  const { nodes, revision, position } = item;
  if (output.json) {
    for (const node of nodes) await output.record({ type: 'node', ...nodeRecord(node) });
    await output.record({ type: 'snapshot', nodes: nodes.length, revision, position });
    return;
  }
  await output.line(output.style.yellow(`${counted(nodes.length, 'node')} at r${revision}`));
  for (const node of nodes) await output.line(nodeLine(node, output));
}

/** However narrow the terminal is, so much is shown of a path; and of a value so much or nothing. */
const pathWidthMin = 20;
const valueWidthMin = 8;
const indent = '    ';

function nodeLine(node: Node, { style, columns }: Output): string {
  const path = cutMiddle(visible(node.path), Math.max(pathWidthMin, columns - indent.length));
  const room = columns - indent.length - widthOf(path) - 2;
  // Of bytes and messages the line says what they are, whatever the room.
  const value = room < valueWidthMin ? '' : cutEnd(valueLine(node, room), room);
  return `${indent}${path}${value === '' ? '' : `  ${style.dim(value)}`}`;
}
