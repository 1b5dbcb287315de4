/** Writes the table of README.md: `node test/simulation/table.ts`. Which seed finds each mistake, and after how many events. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { mutants } from './mutants.ts';

const main = fileURLToPath(new URL('main.ts', import.meta.url));
const readme = new URL('README.md', import.meta.url);
const mark = '<!-- mutants -->';

function found(name: string): { readonly seed: string; readonly guarantee: string } {
  try {
    execFileSync(process.execPath, [main, '--mutant', name, '--seeds', '200'], { encoding: 'utf8' });
  } catch (error) {
    const output = error instanceof Error && 'stdout' in error ? String(error.stdout) : '';
    const seed = /^seed (\d+) breaks/m.exec(output)?.[1];
    const guarantee = /^ {2}([a-z ]+): /m.exec(output)?.[1];
    if (seed !== undefined && guarantee !== undefined) return { seed, guarantee };
  }
  throw new Error(`${name} was not found`);
}

const rows = mutants.map(({ name, what }) => {
  const { seed, guarantee } = found(name);
  return `| \`${name}\` | ${what} | ${guarantee} | ${seed} |`;
});
const table = ['| mutant | what is wrong | what breaks | seed |', '|---|---|---|---:|', ...rows].join('\n');
const text = readFileSync(readme, 'utf8');
writeFileSync(readme, `${text.slice(0, text.indexOf(mark) + mark.length)}\n\n${table}\n`);
