/**
 * Goal: many writers in two languages on one node lose nothing and double nothing, and readers never see half a diff.
 * Method: a real broker; 25 TypeScript clients here and 25 Python ones in a process of their own append to the same text
 * node at once; meanwhile readers take two nodes that every diff changes together.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { connect, operation } from '../../clients/typescript/src/index.ts';
import { BrokerProcess } from '../support/broker-process.ts';

const python = fileURLToPath(new URL('../../.venv/bin/python', import.meta.url));
const appendersEach = 25;
const appendsEach = 40;

const pythonAppenders = `
import asyncio, sys, hyperloom

async def append_all(address, name):
    async with hyperloom.connect(address, author=name) as client:
        for number in range(${appendsEach}):
            await client.publish([
                hyperloom.operation.append("/shared/log", f"{name}.{number}\\n"),
                hyperloom.operation.put("/shared/left", f"{name}.{number}"),
                hyperloom.operation.put("/shared/right", f"{name}.{number}"),
            ])

async def main():
    await asyncio.gather(*(append_all(sys.argv[1], f"py{index}") for index in range(${appendersEach})))

asyncio.run(main())
`;

test('50 concurrent appenders in two languages: every append is there, none twice, no diff is seen by halves', async () => {
  if (!existsSync(python)) throw new Error('no Python environment: npm test makes it (.venv)');
  const folder = await mkdtemp(join(tmpdir(), 'hyperloom-appenders-'));
  const broker = new BrokerProcess(join(folder, 'data'));
  await broker.start();
  const { address } = broker;
  try {
    const load = { isRunning: true };
    const readers = Array.from({ length: 3 }, async () => {
      await using reader = connect(address, { author: 'reader' });
      let seen = 0;
      while (load.isRunning) {
        const { nodes } = await reader.batchGet(['/shared/left', '/shared/right']);
        expect(nodes[0]?.value).toBe(nodes[1]?.value);
        seen += 1;
      }
      return seen;
    });
    const inPython = promisify(execFile)(python, ['-c', pythonAppenders, address]);
    const here = Array.from({ length: appendersEach }, async (_, index) => {
      await using client = connect(address, { author: `ts${index}` });
      for (let number = 0; number < appendsEach; number += 1) {
        const token = `ts${index}.${number}`;
        await client.publish([
          operation.append('/shared/log', `${token}\n`),
          operation.put('/shared/left', token),
          operation.put('/shared/right', token),
        ]);
      }
    });
    await Promise.all([inPython, ...here]);
    load.isRunning = false;
    expect(Math.min(...(await Promise.all(readers)))).toBeGreaterThan(0);
    await using client = connect(address);
    const log = (await client.get('/shared/log')).value;
    if (typeof log !== 'string') throw new Error('the log is no text');
    const tokens = log.trimEnd().split('\n');
    const expected = ['ts', 'py'].flatMap((language) =>
      Array.from({ length: appendersEach }, (_, index) =>
        Array.from({ length: appendsEach }, (_each, number) => `${language}${index}.${number}`),
      ).flat(),
    );
    expect(tokens).toHaveLength(expected.length);
    expect(new Set(tokens)).toEqual(new Set(expected));
  } finally {
    await broker.stop('SIGTERM');
    await rm(folder, { recursive: true, force: true });
  }
}, 120_000);
