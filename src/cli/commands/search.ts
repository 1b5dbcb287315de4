/** `hyperloom search`: which nodes hold some text. */
import { Option } from 'commander';

import type { Node, SearchHit, SearchTarget } from '../../../clients/typescript/src/index.ts';
import { nodePath, positiveNumber, wholeNumber } from '../arguments.ts';
import { collect } from '../collect.ts';
import type { AddCommand } from '../context.ts';
import { excerptText } from '../output/excerpt-text.ts';
import { flowLines } from '../output/flow.ts';
import { nodeRecord, type JsonRecord } from '../output/records.ts';
import type { Style } from '../output/style.ts';
import { visible } from '../output/text.ts';

interface SearchCommandOptions {
  readonly at?: number;
  readonly ghost?: string;
  readonly in: SearchTarget;
  readonly limit: number;
  readonly path?: string;
}

export const addSearch: AddCommand = (program, run) => {
  program
    .command('search')
    .summary('find nodes by a text in their paths or values')
    .description(
      'Finds the nodes whose path or value holds a text, whatever the case of its letters: in texts, in JSON, and in the ' +
        'texts of messages that a schema knows.',
    )
    .argument('<text>', 'what to find')
    .option('--path <path>', 'only here and below', nodePath)
    .addOption(
      new Option('--in <where>', 'where to look')
        .choices(['everything', 'paths', 'values'])
        .default('everything'),
    )
    .option('--at <revision>', 'as it was at a trunk revision', wholeNumber)
    .option('--ghost <id>', 'as a ghost sees it')
    .option('--limit <count>', 'how many nodes at most', positiveNumber, 100)
    .action((text: string, options: SearchCommandOptions) =>
      run(async ({ view, output }) => {
        const verbs = await view(options.ghost);
        const found = verbs.search(text, { path: options.path, target: options.in, atRevision: options.at });
        const { items, isCut } = await collect(found, options.limit);
        if (items.length === 0 && !output.json) await output.line(output.style.dim('nothing holds it'));
        for (const hit of items) {
          if (output.json) await output.record(hitRecord(hit));
          else await output.line(...hitLines(hit, output.style, output.columns));
        }
        if (isCut) await output.cut(options.limit);
      }),
    );
};

function hitRecord({ node, ...rest }: SearchHit): JsonRecord {
  return { node: nodeRecord(node), ...rest };
}

/** The node, and below it the place in its value. */
function hitLines(hit: SearchHit, style: Style, columns: number): readonly string[] {
  const head = flowLines(
    [
      [visible(hit.node.path), style.cyan],
      [originOf(hit.node), style.dim],
    ],
    columns,
  );
  return hit.excerpt === '' ? head : [...head, `    ${excerptText(hit, style, columns - 4)}`];
}

function originOf({ kind, modifiedRevision, stagedSequence, author }: Node): string {
  if (modifiedRevision === 0 && stagedSequence === 0) return kind === 'none' ? '' : 'staged';
  const place = modifiedRevision > 0 ? `r${modifiedRevision}` : `staged #${stagedSequence}`;
  return author === '' ? place : `${place} by ${visible(author)}`;
}
