/** The licences of what others wrote and a bundle holds: they ask to come along. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Licences that let a bundle be handed on with no more than that. */
const permitted = ['MIT', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', '0BSD'];

/** The text for the files that a bundle is made of. Throws where a package has a licence that is not among those above. */
export function licencesOf(files: Iterable<string>): string {
  const folders = new Set<string>();
  for (const file of files) {
    const folder = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0];
    if (folder !== undefined && existsSync(join(folder, 'package.json'))) folders.add(folder);
  }
  const parts = [...folders].sort().map(partOf);
  return `This bundle holds code of others:\n\n${parts.join('\n')}`;
}

function partOf(folder: string): string {
  const told: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const { name, version, license } = told as Readonly<Record<string, string>>;
  const each = license?.replace(/[()]/g, '').split(/ (?:AND|OR) /) ?? [''];
  if (!each.every((one) => permitted.includes(one)))
    throw new Error(`${name} has the licence ${license}, which a bundle cannot simply be handed on with`);
  const texts = readdirSync(folder)
    .filter((file) => /^(licen[cs]e|notice)/i.test(file))
    .map((file) => readFileSync(join(folder, file), 'utf8').trim());
  return [`── ${name} ${version} (${license}) ──`, ...texts, ''].join('\n\n');
}
