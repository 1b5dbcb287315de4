/**
 * `npm run image-check`: builds the image of `docs/deploy/docker/Dockerfile` with podman, without asking an image registry, and holds what comes out against
 * what is promised of it: who it runs as, what it may write, how it says that it is well, how it ends. Needs root, and Debian's packages podman, runc and mmdebstrap.
 *
 * The base image is made here, of the same parts as the official one: Debian's packages of the release that its tag names, the Node of the npm package
 * `node`, and npm. Everything else is done by the Dockerfile itself. Images, containers and volumes lie in a folder that goes in the end; with `--in FOLDER` it
 * stays, and the next check finds there what it need not make again.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { makeBase } from './image-check/base.ts';
import { Engine } from './image-check/engine.ts';
import { promises } from './image-check/promises.ts';
import { root } from './step.ts';

const dockerfile = join('docs', 'deploy', 'docker', 'Dockerfile');
const image = 'localhost/hyperloom:check';

/** The images that a Dockerfile begins with, which are no stages of its own, and not the empty one. */
function basesOf(text: string): string[] {
  const stages = [...text.matchAll(/^FROM (\S+)(?: AS (\S+))?$/gm)];
  const own = new Set(['scratch', ...stages.map(([, , name]) => name)]);
  return [...new Set(stages.map(([, from = '']) => from))].filter((from) => !own.has(from));
}

async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work();
  console.log(`${what}: ${((performance.now() - start) / 1_000).toFixed(1)} s`);
  return result;
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { in: { type: 'string' } } });
  const folder = values.in === undefined ? mkdtempSync('/var/tmp/hyperloom-image-') : resolve(values.in);
  mkdirSync(folder, { recursive: true });
  const engine = new Engine(folder);
  let broken = 0;
  try {
    for (const base of basesOf(readFileSync(join(root, dockerfile), 'utf8')))
      if (!(await engine.has(base)))
        await timed(`the base, made here as ${base}`, () => makeBase(engine, base, folder));
    await timed('the image', () => engine.build(dockerfile, image));
    console.log(`the image has ${(await engine.bytesOf(image)) >> 20} MiB, and then:`);
    for (const promised of promises) {
      const { name } = promised;
      const complaint = await promised.holds(engine, image).catch((error: unknown) => String(error));
      console.log(complaint === null ? `  ok      ${name}` : `  BROKEN  ${name}: ${complaint}`);
      if (complaint !== null) broken += 1;
    }
  } finally {
    await engine.clear(values.in === undefined);
    if (values.in === undefined) rmSync(folder, { recursive: true, force: true });
  }
  console.log(`${promises.length - broken} passed, ${broken} failed`);
  return broken;
}

process.exitCode = (await main()) === 0 ? 0 : 1;
