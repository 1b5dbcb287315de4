/** Goal: one broker a data folder, only on a folder that is ours, and forests that come and go whole. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { seededRandom } from '../../base/random.ts';
import { entry, hex, readAll } from '../contract.ts';
import { JournalDamage } from '../journal.ts';
import { DataFolder, DataFolderInUse, isForestName } from './data-folder.ts';
import { SimulatedFileSystem } from './simulated-file-system.ts';

describe('on the real disk', () => {
  let parent: string;
  let path: string;
  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'hyperloom-data-'));
    path = join(parent, 'data');
  });
  afterEach(async () => {
    await rm(parent, { recursive: true });
  });

  test('a folder is made, taken, given back and taken again with what it held', async () => {
    const folder = await DataFolder.open(path);
    await folder.createForest('default');
    const journal = await folder.openForest('default');
    journal.append(entry(1), 'sync');
    await folder.close();
    const again = await DataFolder.open(path);
    expect(await again.listForests()).toEqual(['default']);
    expect(await readAll(await again.openForest('default'), 1, 1)).toEqual([hex(entry(1))]);
    await again.close();
  });

  test('a second opener in the same process is refused until the first one closes', async () => {
    const folder = await DataFolder.open(path);
    await expect(DataFolder.open(path)).rejects.toThrow(DataFolderInUse);
    await expect(DataFolder.open(path)).rejects.toThrow('another broker works on');
    await folder.close();
    await (await DataFolder.open(path)).close();
  });

  test('a second process is refused, and the lock dies with the process that holds it', async () => {
    const script = `
      import { DataFolder } from ${JSON.stringify(join(import.meta.dirname, 'data-folder.ts'))};
      await DataFolder.open(${JSON.stringify(path)});
      process.stdout.write('taken');
      setInterval(() => {}, 1_000);`;
    const holder = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let warnings = '';
    holder.stderr.on('data', (chunk: Buffer) => (warnings += chunk.toString()));
    await once(holder.stdout, 'data');
    await expect(DataFolder.open(path)).rejects.toThrow(DataFolderInUse);
    const exited = once(holder, 'exit');
    holder.kill('SIGKILL');
    await exited;
    await (await DataFolder.open(path)).close();
    expect(warnings).toBe('');
  });

  test('a folder that holds something else is refused and left alone', async () => {
    await writeFile(join(parent, 'thesis.txt'), 'mine');
    await expect(DataFolder.open(parent)).rejects.toThrow(JournalDamage);
    await expect(DataFolder.open(parent)).rejects.toThrow('thesis.txt');
    await expect(DataFolder.open(join(parent, 'thesis.txt'))).rejects.toThrow('is a file');
  });

  test.each([
    ['hyperloom data folder\nversion 2\n', 'start the release that wrote it'],
    ['hyperloom data folder\n', 'damaged or not ours'],
    ['another program\nversion 1\n', 'damaged or not ours'],
  ])('the FORMAT %j is refused with what to do', async (text, words) => {
    await (await DataFolder.open(path)).close();
    await writeFile(join(path, 'FORMAT'), text);
    await expect(DataFolder.open(path)).rejects.toThrow(JournalDamage);
    await expect(DataFolder.open(path)).rejects.toThrow(words);
  });
});

describe('forests', () => {
  const start = async (): Promise<{ fileSystem: SimulatedFileSystem; folder: DataFolder }> => {
    const fileSystem = new SimulatedFileSystem({ random: seededRandom(5) });
    return { fileSystem, folder: await DataFolder.open('/data', { fileSystem, segmentBytes: 4_096 }) };
  };

  test('are listed, made once, opened once and deleted with all they hold', async () => {
    const { fileSystem, folder } = await start();
    for (const name of ['b', 'a']) await folder.createForest(name);
    expect(await folder.listForests()).toEqual(['a', 'b']);
    await expect(folder.createForest('a')).rejects.toThrow('the forest "a" is there');
    await expect(folder.openForest('c')).rejects.toThrow('the forest "c" is missing');
    const journal = await folder.openForest('a');
    await expect(folder.openForest('a')).rejects.toThrow('open already');
    journal.append(entry(1), 'sync');
    await folder.deleteForest('a');
    expect(await fileSystem.readdir('/data/forests')).toEqual(['b']);
    await folder.createForest('a');
    expect((await folder.openForest('a')).lastPosition).toBe(0);
    await folder.closeForest('a');
    await (await folder.openForest('a')).close();
    await folder.close();
  });

  test.each(['', 'A', '-a', '_a', '.', '..', 'a.b', 'a/b', 'ä', 'a'.repeat(64)])(
    'cannot be named %j',
    async (name) => {
      const { folder } = await start();
      expect(isForestName(name)).toBe(false);
      await expect(folder.createForest(name)).rejects.toThrow('cannot name a forest');
    },
  );

  test.each(['a', '0', 'a-b_c', 'a'.repeat(63)])('can be named %j', (name) => {
    expect(isForestName(name)).toBe(true);
  });

  test('a crash at any operation of making or deleting one leaves it whole or not at all', async () => {
    for (let at = 1; at <= 40; at += 1) {
      const { fileSystem, folder } = await start();
      await folder.createForest('kept');
      fileSystem.failAt(at, 'crash');
      const done: string[] = [];
      const run = async (): Promise<void> => {
        await folder.createForest('coming');
        done.push('made');
        (await folder.openForest('coming')).append(entry(1), 'sync');
        await folder.deleteForest('coming');
        done.push('deleted');
      };
      await run().catch(() => undefined);
      fileSystem.crash('torn');
      const again = await DataFolder.open('/data', { fileSystem, segmentBytes: 4_096 });
      const names = await again.listForests();
      expect(names.filter((name) => name !== 'coming' || done.includes('deleted'))).toEqual(['kept']);
      for (const name of names) await again.openForest(name);
      expect(await fileSystem.readdir('/data/forests')).toEqual(names);
      await again.close();
    }
  });
});
