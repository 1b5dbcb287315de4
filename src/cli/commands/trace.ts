/** `hyperloom trace`: what a publish was made from, or what was made from it. */
import { InvalidArgumentError } from 'commander';

import type {
  BasisEntry,
  DerivedPublish,
  GhostDiff,
  SeenNode,
  TraceLink,
  TraceStart,
} from '../../../clients/typescript/src/index.ts';
import { nodePath, positiveNumber } from '../arguments.ts';
import { collect } from '../collect.ts';
import type { AddCommand, Context } from '../context.ts';
import { eventRecord, nodeRecord, type JsonRecord } from '../output/records.ts';
import type { Column } from '../output/table.ts';
import { counted, oneLine, timeText, visible } from '../output/text.ts';
import { valueLine } from '../output/values.ts';

interface TraceCommandOptions {
  readonly downstream?: boolean;
  readonly hops?: number;
  readonly limit: number;
  readonly path?: string;
}

export const addTrace: AddCommand = (program, run) => {
  program
    .command('trace')
    .summary('show what a publish was made from, or what was made from it')
    .description(
      'Shows what an agent was looking at when it published: every node as it was seen then, and how it compares with now. Or, downstream, ' +
        'every publish that has used what was written, through any number of agents, in live ghosts too.',
    )
    .argument('<start>', 'a revision, a path (the publish of its newest value), or GHOST#DIFF', traceStart)
    .option('--downstream', 'who has used it, instead of what it was made from')
    .option('--path <path>', 'only what was written here or below', nodePath)
    .option('--hops <count>', 'how many publishes away; default: upstream 1, downstream all', positiveNumber)
    .option('--limit <count>', 'how many entries at most', positiveNumber, 100)
    .action((start: TraceStart, options: TraceCommandOptions) =>
      run((context) => trace(context, start, options)),
    );
};

async function trace(
  { client, output }: Context,
  start: TraceStart,
  options: TraceCommandOptions,
): Promise<void> {
  const { downstream = false, hops, limit, path } = options;
  const asked = { path, hops };
  let isCut = false;
  if (downstream) {
    const found = await collect(client.traceDownstream(start, asked), limit);
    await output.rows(found.items, derivedColumns, derivedRecord, 'nobody has used it');
    ({ isCut } = found);
  } else {
    const found = await collect(client.traceUpstream(start, asked), limit);
    await output.rows(found.items, seenColumns, seenRecord, 'it was made from nothing that was read');
    ({ isCut } = found);
  }
  if (isCut) await output.cut(limit);
}

/** Of values, which may be megabytes, as much as a terminal may show. */
const valueLengthMax = 200;

const seenColumns: readonly Column<SeenNode>[] = [
  { title: 'HOPS', align: 'right', cell: ({ hops }) => String(hops) },
  { title: 'BY', cell: ({ readerRevision, readerDiff }) => placeOf(readerRevision, readerDiff) },
  { title: 'SAW', cell: ({ node, basis }) => visible(node?.path ?? basis.path), cut: 'middle' },
  { title: 'AT', cell: ({ basis }) => viewOf(basis) },
  { title: 'WRITTEN', cell: writtenOf, cut: 'end' },
  { title: 'SINCE', cell: ({ standing }) => standing },
  {
    title: 'VALUE',
    cell: ({ node, basis }) =>
      node === undefined
        ? basis.extent === 'absent'
          ? 'nothing there'
          : ''
        : valueLine(node, valueLengthMax),
    cut: 'end',
  },
];

const derivedColumns: readonly Column<DerivedPublish>[] = [
  { title: 'HOPS', align: 'right', cell: ({ hops }) => String(hops) },
  { title: 'PUBLISH', cell: ({ event }) => placeOf(event.revision, diffOf(event)) },
  { title: 'TIME', cell: ({ event }) => timeText(event.time) },
  { title: 'AUTHOR', cell: ({ event }) => visible(event.author), cut: 'end' },
  { title: 'LABEL', cell: ({ event }) => oneLine(event.label, Infinity), cut: 'end' },
  {
    title: 'THROUGH',
    cell: ({ links }) => links.slice(0, 1).map(linkText).join('') + more(links.length),
    cut: 'middle',
  },
  { title: 'STANDING', align: 'right', cell: ({ standingPaths }) => counted(standingPaths.length, 'path') },
];

function writtenOf({ node }: SeenNode): string {
  if (node === undefined || node.kind === 'none') return '';
  const place = node.modifiedRevision > 0 ? `r${node.modifiedRevision}` : 'staged';
  return node.author === '' ? place : `${place} by ${visible(node.author)}`;
}

function linkText({ basis, writerRevision, writerDiff }: TraceLink): string {
  return `${visible(basis.path)} of ${placeOf(writerRevision, writerDiff)}`;
}

function more(count: number): string {
  return count > 1 ? ` and ${count - 1} more` : '';
}

function viewOf({ revision, ghostId, sequence = 0 }: BasisEntry): string {
  return ghostId === undefined ? `r${revision}` : `${ghostId}#${sequence}`;
}

function placeOf(revision: number, diff: GhostDiff | undefined): string {
  return diff === undefined || revision > 0 ? `r${revision}` : `${diff.ghostId}#${diff.sequence}`;
}

function diffOf({ ghostId, transition }: DerivedPublish['event']): GhostDiff | undefined {
  return transition === undefined ? undefined : { ghostId, sequence: transition.sequence };
}

function seenRecord({ basis, node, readerDiff, ...rest }: SeenNode): JsonRecord {
  return {
    ...rest,
    basis: { ...basis },
    node: node === undefined ? null : nodeRecord(node),
    readerDiff: diffRecord(readerDiff),
  };
}

function derivedRecord({ event, links, ...rest }: DerivedPublish): JsonRecord {
  return {
    ...rest,
    event: eventRecord(event),
    links: links.map(({ basis, writerRevision, writerDiff }) => ({
      basis: { ...basis },
      writerRevision,
      writerDiff: diffRecord(writerDiff),
    })),
  };
}

function diffRecord(diff: GhostDiff | undefined): JsonRecord | null {
  return diff === undefined ? null : { ...diff };
}

/** A revision, a path, or a diff in a ghost. */
function traceStart(text: string): TraceStart {
  if (text.startsWith('/')) return nodePath(text);
  const [, ghostId, sequence] = /^([^#]+)#(\d+)$/.exec(text) ?? [];
  if (ghostId !== undefined) return { ghostId, sequence: Number(sequence) };
  if (!/^r?\d+$/.test(text)) throw new InvalidArgumentError('It must be a revision, a path, or GHOST#DIFF.');
  return Number(text.replace('r', ''));
}
