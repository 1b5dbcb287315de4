/**
 * Gets what full runs compare with (`node bench/setup.ts`): ghz, etcd, nats-server and the driver of the same work on all of them,
 * built from their Go modules into `.cache/bin`.
 * Redis comes from the system (Debian: redis-server). Whatever is missing is named in the tables.
 */
import { join } from 'node:path';

import { run } from '../scripts/step.ts';
import { cacheFolder, driverName, findTool, natsServerModule } from './harness/tools.ts';

const ghz = 'github.com/bojand/ghz/cmd/ghz@v0.121.0';
const folder = join(cacheFolder(), 'bin');

async function build(name: string, command: () => Promise<{ readonly ok: boolean }>): Promise<void> {
  if (findTool(name) !== undefined) {
    console.log(`${name}: ${findTool(name)}`);
    return;
  }
  console.log(`${name}: building, this takes minutes`);
  const { ok } = await command();
  console.log(`${name}: ${ok ? 'built' : 'could not be built (Go 1.26 or newer is needed)'}`);
}

await build('ghz', () => run('env', [`GOBIN=${folder}`, 'go', 'install', ghz]));
await build('etcd', () =>
  run('go', ['-C', 'bench/peers/etcd', 'build', '-trimpath', '-o', join(folder, 'etcd'), '.']),
);
await build('nats-server', () => run('env', [`GOBIN=${folder}`, 'go', 'install', natsServerModule]));
await build(driverName, () =>
  run('go', ['-C', 'bench/driver', 'build', '-o', join(folder, driverName), '.']),
);
console.log(`redis-server: ${findTool('redis-server') ?? 'absent; Debian: apt-get install redis-server'}`);
