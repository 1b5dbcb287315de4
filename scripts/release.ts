/**
 * `npm run release`: builds everything that is published, twice, out of two clean clones of the commit in different places, and compares them byte by byte. What
 * is the same goes into `release/` (`--out`), with checksums (`SHA256SUMS`), bills of materials, and a statement of where it comes from (SLSA provenance
 * inside an in-toto statement). It signs and publishes nothing: that is for who has an identity to do it with (`.github/workflows/release.yml`).
 *
 * The commit must be tagged `v` and its version, and the changelog must tell of that version. `--dry-run` does it for any commit, and skips what this
 * machine has no tool for; `--only npm,python` builds some of it.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { billPath } from './bills/bill.ts';
import { ecosystems } from './bills/ecosystems.ts';
import { packages, type Package } from './release/packages.ts';
import { provenance, sha256Of, type Source } from './release/provenance.ts';
import { clone, type Place } from './release/clone.ts';
import { unreadiness } from './release/readiness.ts';
import { root } from './step.ts';

const { values } = parseArgs({
  options: {
    'dry-run': { type: 'boolean', default: false },
    only: { type: 'string' },
    out: { type: 'string', default: join(root, 'release') },
  },
});

function git(...args: readonly string[]): string {
  return execFileSync('git', ['-C', root, ...args], { encoding: 'utf8' }).trim();
}

interface Built {
  readonly file: string;
  /** Where the first build lies. */
  readonly path: string;
  readonly sha256: string;
  readonly isSame: boolean;
}

/** Builds one package in both places. */
async function buildTwice(each: Package, places: readonly Place[]): Promise<Built[]> {
  const [first = [], second = []] = await places.reduce(
    async (before, place) => [...(await before), await each.build(place)],
    Promise.resolve<string[][]>([]),
  );
  const sums = new Map(second.map((path) => [basename(path), sha256Of(path)]));
  return first.map((path) => {
    const [file, sha256] = [basename(path), sha256Of(path)];
    return { file, path, sha256, isSame: sums.get(file) === sha256 };
  });
}

async function main(): Promise<number> {
  const startedOn = new Date();
  const isDryRun = values['dry-run'];
  const source: Source = {
    commit: git('rev-parse', 'HEAD'),
    tag: git('tag', '--points-at', 'HEAD', 'v*').split('\n')[0] ?? '',
    seconds: Number(git('show', '--no-patch', '--format=%ct', 'HEAD')),
  };
  const lacking = unreadiness(source.tag);
  for (const each of lacking) console.log(`${isDryRun ? 'not ready yet' : 'not ready'}: ${each}`);
  if (lacking.length > 0 && !isDryRun) return 1;
  const only = values.only?.split(',');
  const chosen = packages.filter(({ name }) => only === undefined || only.includes(name));
  const folder = mkdtempSync(join(tmpdir(), 'hyperloom-release-'));
  const built: Built[] = [];
  const skipped: string[] = [];
  try {
    // What a place is called, and what time it is there, must not show.
    const places = [
      await clone(join(folder, 'first'), source, 'UTC'),
      await clone(join(folder, 'somewhere', 'else'), source, 'Asia/Kathmandu'),
    ];
    for (const each of chosen) {
      const why = await each.cannot();
      if (why !== undefined) skipped.push(`${each.name}: ${why}`);
      else built.push(...(await buildTwice(each, places)));
    }
    const out = resolve(values.out);
    rmSync(out, { recursive: true, force: true });
    mkdirSync(out, { recursive: true });
    const keep = (path: string): void => cpSync(path, join(out, basename(path)));
    for (const { path } of built) keep(path);
    for (const ecosystem of ecosystems) keep(join(root, billPath(ecosystem)));
    const bills = ecosystems.map((ecosystem) => basename(billPath(ecosystem)));
    const sums = [...built.map(({ file }) => file), ...bills].map((file) => ({
      file,
      sha256: sha256Of(join(out, file)),
    }));
    writeFileSync(join(out, 'SHA256SUMS'), sums.map(({ file, sha256 }) => `${sha256}  ${file}\n`).join(''));
    const statement = provenance({ source, subjects: sums, startedOn, folder: root });
    writeFileSync(join(out, 'provenance.intoto.json'), `${JSON.stringify(statement, null, 2)}\n`);
    console.log(`\n${out}: of ${source.commit}${source.tag === '' ? '' : `, ${source.tag}`}, unsigned`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return tell(built, skipped, isDryRun);
}

function tell(built: readonly Built[], skipped: readonly string[], isDryRun: boolean): number {
  for (const { file, sha256, isSame } of built)
    console.log(`${isSame ? 'same twice' : 'DIFFERS   '}  ${sha256.slice(0, 16)}…  ${file}`);
  for (const each of skipped) console.log(`NOT built   ${each}`);
  const different = built.filter(({ isSame }) => !isSame).length;
  console.log(`${built.length - different} passed, ${different} failed, ${skipped.length} skipped`);
  return different > 0 || built.length === 0 || (skipped.length > 0 && !isDryRun) ? 1 : 0;
}

process.exitCode = await main();
