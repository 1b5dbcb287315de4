/** Whether texts are coloured. */
import type { Environment } from '../surroundings.ts';

/** What `--color` says. */
export type ColorChoice = 'auto' | 'always' | 'never';

/**
 * `--color always` and `never` decide. Otherwise FORCE_COLOR does (`0` and `false`: none), then NO_COLOR (anything: none), and then
 * whether it is a terminal that has colours. As in Node itself, FORCE_COLOR comes before NO_COLOR.
 */
export function isColored(
  choice: ColorChoice,
  environment: Environment,
  hasTerminalColors: boolean,
): boolean {
  if (choice !== 'auto') return choice === 'always';
  const forced = environment['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  if ((environment['NO_COLOR'] ?? '') !== '') return false;
  return hasTerminalColors;
}
