/** The Rust client: what a build of the crate takes with all its features, on any platform, by `cargo metadata`. */
import { join } from 'node:path';

import { hasCargo, noRust } from '../checks/rust-client.ts';
import { run } from '../step.ts';
import { billOf, sourceText, type Bill, type Ecosystem, type Locked, type Told } from './bill.ts';

const folder = join('clients', 'rust');
const crate = 'hyperloom-client';

interface Metadata {
  readonly packages: readonly {
    readonly id: string;
    readonly name: string;
    readonly version: string;
    readonly license: string | null;
  }[];
  readonly resolve: {
    readonly nodes: readonly {
      readonly id: string;
      readonly deps: readonly {
        readonly pkg: string;
        readonly dep_kinds: readonly { readonly kind: string | null }[];
      }[];
    }[];
  };
}

async function make(): Promise<Bill> {
  if (!(await hasCargo())) throw new Error(noRust);
  const manifest = ['--manifest-path', join(folder, 'Cargo.toml')];
  const { ok, output } = await run(
    'cargo',
    ['metadata', '--quiet', '--locked', '--all-features', '--format-version', '1', ...manifest],
    true,
  );
  if (!ok) throw new Error(`cargo metadata fails: ${output.slice(-500)}`);
  const { packages, resolve } = JSON.parse(output.slice(output.indexOf('{'))) as Metadata;
  const byId = new Map(packages.map((each) => [each.id, each]));
  // What only tests and examples need is not installed with the crate.
  const needs = new Map(
    resolve.nodes.map(({ id, deps }) => [
      id,
      deps.filter(({ dep_kinds }) => dep_kinds.some(({ kind }) => kind !== 'dev')).map(({ pkg }) => pkg),
    ]),
  );
  const first = packages.find(({ name }) => name === crate)?.id ?? '';
  const taken = new Set([first]);
  for (const id of taken) for (const each of needs.get(id) ?? []) taken.add(each);
  const sums = checksums();
  const purl = (id: string): string => `pkg:cargo/${byId.get(id)?.name}@${byId.get(id)?.version}`;
  const [main, ...others] = [...taken].map((id): Told => {
    const { name = '', version = '', license } = byId.get(id) ?? {};
    const sha256 = sums.get(`${name}@${version}`);
    return {
      name,
      version,
      purl: purl(id),
      // Older crates write the alternative with a slash.
      licence: (license ?? '').replaceAll('/', ' OR '),
      ...(sha256 === undefined ? {} : { sha256 }),
      needs: (needs.get(id) ?? []).map(purl),
    };
  });
  if (main === undefined) throw new Error(`cargo metadata tells no ${crate}`);
  return billOf(main, others);
}

function checksums(): Map<string, string> {
  const entry = /name = "(.+)"\nversion = "(.+)"\nsource = ".+"\nchecksum = "(.+)"/g;
  return new Map(
    [...sourceText(join(folder, 'Cargo.lock')).matchAll(entry)].map(
      ([, name = '', version = '', sum = '']) => [`${name}@${version}`, sum],
    ),
  );
}

/** What the crate itself names; the lock file has what the generator needs, too. */
function locked(): Locked[] {
  const manifest = sourceText(join(folder, 'Cargo.toml'));
  const named = /\n\[dependencies\]\n([^[]*)/.exec(manifest)?.[1] ?? '';
  const names = new Set([...named.matchAll(/^([\w-]+)/gm)].map(([, name]) => name));
  return [...checksums().keys()]
    .map((key) => {
      const [name = '', version = ''] = key.split('@');
      return { name, version };
    })
    .filter(({ name }) => names.has(name));
}

/** See above. */
export const rustEcosystem: Ecosystem = {
  name: 'rust',
  sources: [join(folder, 'Cargo.toml'), join(folder, 'Cargo.lock')],
  hasChecksums: true,
  make,
  locked,
};
