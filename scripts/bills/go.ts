/** The Go client: the modules that its packages come from, by `go list`. Their checksums are those of `go.sum`, as SHA-256 in hexadecimal. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { findGo, noGo } from '../checks/go.ts';
import { run } from '../step.ts';
import { billOf, sourceText, type Bill, type Ecosystem, type Locked, type Told } from './bill.ts';

const folder = join('clients', 'go');

interface Module {
  readonly Path: string;
  readonly Version?: string;
  readonly Main?: boolean;
  readonly Dir: string;
}

/** Sentences that only these licences have. What has none of them is looked at by a person first. */
const licenceMarks: readonly (readonly [string, RegExp])[] = [
  ['Apache-2.0', /Apache License\s+Version 2\.0/],
  ['BSD-3-Clause', /Neither the name of .* nor the names of\s+its\s+contributors/s],
  ['MIT', /Permission is hereby granted, free of charge/],
];

function licenceOf({ Path, Dir }: Module): string {
  const file = readdirSync(Dir).find((name) => /^licen[sc]e/i.test(name));
  const text = file === undefined ? '' : readFileSync(join(Dir, file), 'utf8');
  const found = licenceMarks.find(([, mark]) => mark.test(text));
  if (found === undefined) throw new Error(`the licence of ${Path} is none that is known here`);
  return found[0];
}

function purl(path: string, version: string): string {
  return `pkg:golang/${path}@${version}`;
}

async function ask(go: string, ...args: readonly string[]): Promise<string> {
  const { ok, output } = await run(go, ['-C', folder, ...args], true);
  if (!ok) throw new Error(`go ${args.join(' ')} fails: ${output.slice(-500)}`);
  return output;
}

async function make(): Promise<Bill> {
  const go = await findGo();
  if (go === undefined) throw new Error(noGo);
  const { version } = JSON.parse(sourceText('package.json')) as { readonly version: string };
  const listing = await ask(go, 'list', '-deps', '-f', '{{with .Module}}{{.Path}}{{end}}', './hyperloom/...');
  const paths = [...new Set(listing.split('\n').filter((path) => path !== ''))];
  const told = await ask(go, 'list', '-m', '-json', ...paths);
  const modules = JSON.parse(`[${told.trim().replaceAll(/}\n{/g, '},{')}]`) as Module[];
  // Without the versions that were not taken in the end.
  const versions = new Map(modules.map(({ Path, Version = `v${version}` }) => [Path, Version]));
  const needs = new Map<string, Set<string>>();
  for (const line of (await ask(go, 'mod', 'graph')).trim().split('\n')) {
    const [from = '', to = ''] = line.split(' ').map((end) => end.split('@')[0] ?? '');
    const taken = versions.get(to);
    if (taken !== undefined) needs.set(from, (needs.get(from) ?? new Set()).add(purl(to, taken)));
  }
  const tell = (module: Module): Told => {
    const { Path, Version = `v${version}`, Main = false } = module;
    return {
      name: Path,
      version: Version,
      purl: purl(Path, Version),
      licence: Main ? 'Apache-2.0' : licenceOf(module),
      ...(Main ? {} : { sha256: sumOf(Path, Version) }),
      needs: [...(needs.get(Path) ?? [])],
    };
  };
  const [main, ...none] = modules.filter(({ Main = false }) => Main).map(tell);
  if (main === undefined || none.length > 0) throw new Error('go list tells no main module');
  return billOf(main, modules.filter(({ Main = false }) => !Main).map(tell));
}

function sumOf(path: string, version: string): string {
  const line = sourceText(join(folder, 'go.sum'))
    .split('\n')
    .find((each) => each.startsWith(`${path} ${version} h1:`));
  return Buffer.from(line?.split('h1:')[1] ?? '', 'base64').toString('hex');
}

/** All that `go.mod` names, also for what others need: since Go 1.17 it names all that a build takes. */
function locked(): Locked[] {
  return [...sourceText(join(folder, 'go.mod')).matchAll(/^\t(\S+) (v\S+)/gm)].map(
    ([, name = '', version = '']) => ({ name, version }),
  );
}

/** See above. */
export const goEcosystem: Ecosystem = {
  name: 'go',
  sources: [join(folder, 'go.mod'), join(folder, 'go.sum')],
  hasChecksums: true,
  make,
  locked,
};
