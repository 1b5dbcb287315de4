/** Whether the checkout is what a release is made of. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { root } from '../step.ts';

/** Where each package says its version, by the first match. */
const versionsAt: readonly (readonly [string, RegExp])[] = [
  ...['langgraph', 'openai-agents', 'vercel-ai', 'ag-ui', 'typescript', 'protoc-gen-hyperloom'].map(
    (name) => [`clients/${name}/package.json`, /"version": "(.+)"/] as const,
  ),
  ['clients/python/pyproject.toml', /^version = "(.+)"$/m],
  ['clients/java/pom.xml', /<version>(.+)<\/version>/],
  ['clients/rust/Cargo.toml', /^version = "(.+)"$/m],
];

/** What is still to be done before the commit, with that tag, can be released. Empty where nothing is. */
export function unreadiness(tag: string, folder = root): string[] {
  const text = (path: string): string => readFileSync(join(folder, path), 'utf8');
  const { version, repository } = JSON.parse(text('package.json')) as {
    readonly version: string;
    readonly repository?: object;
  };
  const others = versionsAt
    .map(([path, pattern]) => [path, pattern.exec(text(path))?.[1] ?? 'none'] as const)
    .filter(([, own]) => own !== version);
  return [
    ...(tag === `v${version}` ? [] : [`the commit is not tagged v${version}`]),
    ...(text('CHANGELOG.md').includes(`## [${version}]`) ? [] : [`CHANGELOG.md does not tell of ${version}`]),
    // npm compares it with the repository that the signer works for.
    ...(repository === undefined
      ? ['package.json names no "repository", which npm wants for provenance']
      : []),
    ...others.map(([path, own]) => `${path} has version ${own}, not ${version}`),
  ];
}
