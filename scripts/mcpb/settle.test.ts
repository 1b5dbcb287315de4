/** Goal: two bundles of the same files have the same bytes, whenever they were packed, and can still be read. Method: archives by Python's own zip writer. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, expect, test } from 'vitest';

import { settleArchive } from './settle.ts';

const folder = mkdtempSync(join(tmpdir(), 'hyperloom-settle-'));
afterAll(() => rmSync(folder, { recursive: true }));

const pack = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED) as archive:
    for name, text in (("manifest.json", "{}"), ("server/index.js", "x" * 1000), ("ä.txt", "")):
        archive.writestr(zipfile.ZipInfo(name, (int(sys.argv[2]), 5, 17, 11, 12, 14)), text)
`;
const read = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive:
    assert archive.testzip() is None
    print([(info.filename, info.date_time, len(archive.read(info))) for info in archive.infolist()])
`;

function packedIn(year: number): string {
  const path = join(folder, `${year}.zip`);
  execFileSync('python3', ['-c', pack, path, String(year)]);
  return path;
}

test('archives of two years are the same archive', () => {
  const paths = [packedIn(2024), packedIn(2026)];
  const [first, second] = paths.map((path) => readFileSync(path));
  if (first === undefined || second === undefined) throw new Error('no archive');
  expect(first.equals(second)).toBe(false);
  settleArchive(first);
  settleArchive(second);
  expect(first.equals(second)).toBe(true);
  writeFileSync(paths[0] ?? '', first);
  const told = execFileSync('python3', ['-c', read, paths[0] ?? ''], { encoding: 'utf8' });
  const when = '(1980, 1, 1, 0, 0, 0)';
  expect(told.trim()).toBe(
    `[('manifest.json', ${when}, 2), ('server/index.js', ${when}, 1000), ('ä.txt', ${when}, 0)]`,
  );
});

test('what is no archive is told of, and not changed', () => {
  for (const bytes of [Buffer.alloc(0), Buffer.alloc(10), Buffer.alloc(100, 7)]) {
    const before = Buffer.from(bytes);
    expect(() => settleArchive(bytes)).toThrow('no zip archive');
    expect(bytes.equals(before)).toBe(true);
  }
});
