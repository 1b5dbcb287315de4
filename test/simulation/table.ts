/** Writes the table of README.md: `node test/simulation/table.ts`. Which seed finds each mistake, and what it sees. */
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import type { Mutant } from './mutant.ts';
import { mutants } from './mutants.ts';

const main = fileURLToPath(new URL('main.ts', import.meta.url));
const readme = new URL('README.md', import.meta.url);
const [beginning, end] = ['<!-- mutants -->', '<!-- end of mutants -->'];

interface Found {
  readonly seed: string;
  readonly guarantee: string;
}

async function find(mutant: Mutant): Promise<Found> {
  const { name, meets } = mutant;
  // Counting work is dear, so that hardly any seed does it unasked.
  const found = await findWith(mutant, meets.includes('flat') ? ['flat'] : []);
  if (found !== null) return found;
  const asked = await findWith(mutant, meets);
  if (asked === null) throw new Error(`${name} was not found`);
  return { ...asked, seed: `(${asked.seed})` };
}

function findWith({ name }: Mutant, wishes: readonly string[]): Promise<Found | null> {
  const args = [main, '--mutant', name, '--seeds', '600', '--as-found', '--with', wishes.join()];
  return new Promise((resolve) => {
    execFile(process.execPath, args, (_, output) => {
      const seed = /^seed (\d+) breaks/m.exec(output)?.[1];
      const guarantee = /^ {2}([a-z ]+): /m.exec(output)?.[1];
      resolve(seed === undefined || guarantee === undefined ? null : { seed, guarantee });
    });
  });
}

const rows: string[] = [];
for (const mutant of mutants) {
  const { name, what } = mutant;
  const { seed, guarantee } = await find(mutant);
  rows.push(`| \`${name}\` | ${what} | ${guarantee} | ${seed} |`);
  console.log(rows.at(-1));
}
const table = ['| mutant | what is wrong | what breaks | seed |', '|---|---|---|---:|', ...rows].join('\n');
const text = readFileSync(readme, 'utf8');
const before = text.slice(0, text.indexOf(beginning) + beginning.length);
writeFileSync(readme, `${before}\n\n${table}\n\n${text.slice(text.indexOf(end))}`);
