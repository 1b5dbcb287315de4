/** Goal: the README's quick start runs as it stands. Method: it is cut out, pointed at a real broker, and run in a process of its own. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { Broker } from './testing/broker.ts';

test('the quick start of the README runs and tells what it promises', async () => {
  const readme = await readFile(join(import.meta.dirname, '../README.md'), 'utf8');
  const example = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? '';
  await using broker = await Broker.start();
  const script = example
    .replace("'@hyperloom/client'", JSON.stringify(join(import.meta.dirname, 'index.ts')))
    .replace('127.0.0.1:7400', broker.address);
  const folder = await mkdtemp(join(tmpdir(), 'hyperloom-readme-'));
  try {
    await writeFile(join(folder, 'example.mts'), script);
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [join(folder, 'example.mts')]);
    expect(stderr).toBe('');
    expect(stdout).toContain("{ goal: 'compare three databases', budget: 12 } at revision 1 by researcher");
    expect(stdout).toContain('/session_1/steps');
    expect(stdout).toContain('after 2 attempts; refused before: the summary is a placeholder');
    expect(stdout).toContain('researcher put /session_1/done');
  } finally {
    await rm(folder, { recursive: true });
  }
});
