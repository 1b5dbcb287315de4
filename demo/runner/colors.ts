/** Colours, only where there is a terminal that wants them. */
import { styleText } from 'node:util';

type Format = Parameters<typeof styleText>[0];

/** Whether standard output takes colours. `NO_COLOR` and the like are heeded. */
const hasColors = process.stdout.isTTY && process.stdout.hasColors();

/** Text in a colour, or as it is. */
export function paint(format: Format, text: string): string {
  return hasColors ? styleText(format, text, { validateStream: false }) : text;
}
