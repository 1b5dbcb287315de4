/**
 * Goal: what a release says of itself can be held against its files, and nothing is released that is not ready. Method: the parts, on files of their own;
 * `npm run release -- --dry-run` is the whole.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, expect, test } from 'vitest';

import { root } from '../step.ts';
import { provenance, sha256Of } from './provenance.ts';
import { unreadiness } from './readiness.ts';

const folder = mkdtempSync(join(tmpdir(), 'hyperloom-release-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const source = { commit: 'a'.repeat(40), tag: 'v0.1.0', seconds: 1_700_000_000 };

test('the statement names every file with its checksum, the commit, and all locks', () => {
  const subjects = [{ file: 'hyperloom-0.1.0.tgz', sha256: 'b'.repeat(64) }];
  const statement = provenance({ source, subjects, startedOn: new Date(0), folder: root });
  expect(statement).toMatchObject({
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: 'hyperloom-0.1.0.tgz', digest: { sha256: 'b'.repeat(64) } }],
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        externalParameters: { ref: 'refs/tags/v0.1.0' },
        resolvedDependencies: expect.arrayContaining([
          expect.objectContaining({ digest: { gitCommit: source.commit } }),
          { name: 'package-lock.json', digest: { sha256: sha256Of(join(root, 'package-lock.json')) } },
        ]) as unknown,
      },
      runDetails: { metadata: { startedOn: '1970-01-01T00:00:00.000Z' } },
    },
  });
});

test('a commit with another tag is not ready, and all packages have one version', () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  expect(unreadiness('v999.0.0')).toContain(`the commit is not tagged v${version}`);
  expect(unreadiness(`v${version}`).filter((each) => each.includes('has version'))).toEqual([]);
});

test('a source archive that was packed at another time has the same bytes when it is settled', () => {
  const archives = [1_000_000_000, 1_500_000_000].map((seconds, index) => {
    const file = join(folder, 'file');
    writeFileSync(file, 'the same');
    utimesSync(file, seconds, seconds);
    const archive = join(folder, `${index}.tar.gz`);
    execFileSync('tar', ['-czf', archive, '--owner', `someone${index}:${index}`, '-C', folder, 'file']);
    return archive;
  });
  const sums = (): string[] => archives.map(sha256Of);
  expect(new Set(sums()).size).toBe(2);
  const env = { ...process.env, SOURCE_DATE_EPOCH: String(source.seconds) };
  for (const archive of archives)
    execFileSync('python3', [join(root, 'scripts', 'release', 'settle_archive.py'), archive], { env });
  expect(new Set(sums()).size).toBe(1);
  const listing = execFileSync('tar', ['-tzvf', archives[0] ?? ''], {
    encoding: 'utf8',
    env: { ...process.env, TZ: 'UTC' },
  });
  expect(listing).toContain('0/0');
  expect(listing).toContain('2023-11-14');
});
