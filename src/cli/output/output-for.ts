/** Where the results of a command go, by the options that all commands have. */
import type { Command } from 'commander';

import type { Surroundings } from '../surroundings.ts';
import { isColored, type ColorChoice } from './color.ts';
import { Output } from './output.ts';

/** JSON where no person looks, and colours as options and the environment want them. */
export function outputFor(program: Command, surroundings: Surroundings): Output {
  const { json, color } = program.opts<{ readonly json?: boolean; readonly color: ColorChoice }>();
  const { stdout, stderr, isTerminal, environment, columns } = surroundings;
  const hasColors = isColored(color, environment, surroundings.hasColors);
  return new Output({ stdout, stderr, json: json ?? !isTerminal, hasColors, columns });
}
