/** `hyperloom render`: state as text for a model's prompt. */
import { Option } from 'commander';

import type { RenderedContext } from '../../../clients/typescript/src/index.ts';
import { positiveNumber, speedFactor, wholeNumber } from '../arguments.ts';
import type { AddCommand } from '../context.ts';
import { ageRecord } from '../output/records.ts';
import type { JsonRecord } from '../output/records.ts';
import { counted, grouped, visibleLines } from '../output/text.ts';

interface RenderCommandOptions {
  readonly at?: number;
  readonly base?: number;
  readonly budget: number;
  readonly factor?: number;
  readonly format: 'text' | 'json';
  readonly ghost?: string;
  readonly raw?: boolean;
  readonly since?: number;
  readonly tokenizer: 'o200k' | 'cl100k';
}

export const addRender: AddCommand = (program, run) => {
  program
    .command('render')
    .summary("show state as text for a model's prompt")
    .description(
      'Renders nodes as text under a budget of tokens. The text of one layout only grows at its end, so that what a provider has cached of it ' +
        'stays valid: pass the layout on with --base, and ask for what is new with --since.',
    )
    .argument('<pattern...>', 'which nodes, in this order, such as /session_1/notes/**')
    .option('--budget <tokens>', 'how many tokens it may take', positiveNumber, 8_000)
    .option('--base <revision>', 'go on with the layout that began with this revision', wholeNumber)
    .option(
      '--since <revision>',
      'only what comes behind the text that ended with this revision',
      wholeNumber,
    )
    .option('--at <revision>', 'as it was at a trunk revision', wholeNumber)
    .option('--ghost <id>', 'as a ghost sees it')
    .addOption(
      new Option('--format <format>', 'headed text, or a JSON object a line')
        .choices(['text', 'json'])
        .default('text'),
    )
    .addOption(
      new Option('--tokenizer <name>', 'how tokens are counted')
        .choices(['o200k', 'cl100k'])
        .default('o200k'),
    )
    .option('--factor <factor>', 'for other models: tokens count so many times', speedFactor)
    .option('--raw', 'the text and nothing else')
    .action((patterns: string[], options: RenderCommandOptions) =>
      run(async ({ view, output }) => {
        const verbs = await view(options.ghost);
        const { at, base, budget, factor, format, since, tokenizer } = options;
        const rendered = await verbs.renderContext(patterns, {
          tokenBudget: budget,
          atRevision: at,
          baseRevision: base,
          sinceRevision: since,
          tokenFactor: factor,
          format,
          tokenizer,
        });
        if (options.raw === true) await output.write(rendered.text);
        else if (output.json) await output.record(renderedRecord(rendered));
        else await output.line(visibleLines(rendered.text) + output.style.dim(standing(rendered)));
      }),
    );
};

function renderedRecord({ basis, ageMs, ...rest }: RenderedContext): JsonRecord {
  return { ...rest, ...ageRecord({ ageMs }), basis: basis.map((entry) => ({ ...entry })) };
}

/** What to ask with the next time, and what it took. */
function standing({ revision, baseRevision, tokens, rebasedTokens, leftOut }: RenderedContext): string {
  const parts = [
    `r${revision}, layout of r${baseRevision}`,
    counted(tokens, 'token'),
    ...(rebasedTokens < tokens ? [`a new layout would take ${grouped(rebasedTokens)}`] : []),
    ...(leftOut > 0 ? [`${counted(leftOut, 'node')} left out`] : []),
  ];
  return parts.join('; ');
}
