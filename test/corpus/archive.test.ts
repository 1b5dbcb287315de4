/** Goal: what is packed comes out again, and other programs can read it. Method: a folder with odd sizes, through `tar` as well. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { pack, unpack } from './archive.ts';

test('a folder comes out of its archive as it was, by our own hands and by those of tar', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hyperloom-archive-'));
  try {
    const files: Record<string, Buffer> = {
      FORMAT: Buffer.from('x'),
      'forests/a/empty': Buffer.alloc(0),
      'forests/a/block': Buffer.alloc(512, 7),
      'forests/b/more': Buffer.alloc(513, 9),
    };
    const source = join(folder, 'source');
    mkdirSync(join(source, 'forests', 'a'), { recursive: true });
    mkdirSync(join(source, 'forests', 'b'));
    for (const [name, content] of Object.entries(files)) writeFileSync(join(source, name), content);
    writeFileSync(join(source, 'LOCK'), 'left out');
    const packed = pack(source, ['LOCK']);
    expect(pack(source, ['LOCK'])).toStrictEqual(packed);
    const [ours, theirs] = [join(folder, 'ours'), join(folder, 'theirs')];
    unpack(packed, ours);
    mkdirSync(theirs);
    writeFileSync(join(folder, 'packed.tar.gz'), packed);
    execFileSync('tar', ['xzf', join(folder, 'packed.tar.gz'), '-C', theirs]);
    for (const [name, content] of Object.entries(files)) {
      expect(readFileSync(join(ours, name))).toStrictEqual(content);
      expect(readFileSync(join(theirs, name))).toStrictEqual(content);
    }
    expect(() => readFileSync(join(ours, 'LOCK'))).toThrow('ENOENT');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
