/** What the help of each command shows it done with. Tests see to it that every command has some, and that each of them is understood. */
import type { Command } from 'commander';

import { dataExamples } from './data-examples.ts';
import type { Example, Examples } from './example.ts';
import { ghostExamples } from './ghost-examples.ts';
import { historyExamples } from './history-examples.ts';
import { operationExamples } from './operation-examples.ts';

const all: Examples = { ...dataExamples, ...ghostExamples, ...historyExamples, ...operationExamples };

/** Descriptions in the help are wrapped beside their options where so much room is left: on narrow terminals too. */
export const minWidthToWrap = 20;

/** The examples of a command, such as `ghost begin`. */
export function examplesOf(name: string): readonly Example[] {
  return (all[name] ?? []).map((example) => {
    const [line, what] = typeof example === 'string' ? [example, ''] : example;
    return { line, what };
  });
}

/** Names of commands that have examples. */
export function exampleNames(): readonly string[] {
  return Object.keys(all);
}

/**
 * Shows the examples of a command, and of all below it, at the end of their help. Whoever uses one wrongly is told where that is: all of it
 * would push the error off the screen.
 */
export function showExamples(command: Command): void {
  const name = nameOf(command);
  const examples = examplesOf(name);
  command.showHelpAfterError(`see "hyperloom ${name === '' ? '' : `${name} `}--help"`);
  if (examples.length > 0) command.addHelpText('after', `\n${exampleText(examples)}`);
  for (const below of command.commands) showExamples(below);
}

/** Such as `ghost begin`; empty for the program itself. */
export function nameOf(command: Command): string {
  return command.parent === null ? '' : `${nameOf(command.parent)} ${command.name()}`.trim();
}

function exampleText(examples: readonly Example[]): string {
  const widest = Math.max(...examples.filter(({ what }) => what !== '').map(({ line }) => line.length), 0);
  const lines = examples.map(({ line, what }) =>
    what === '' ? `  ${line}` : `  ${line.padEnd(widest)}   # ${what}`,
  );
  return ['Examples:', ...lines].join('\n');
}
