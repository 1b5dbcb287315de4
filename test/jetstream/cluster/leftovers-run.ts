/** A run that only begins, to be killed: `node THIS FOLDER`. Says what it has started, as JSON, and waits. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';

import { Disk } from './disk.ts';
import { Network } from './network.ts';

const [folder = ''] = process.argv.slice(2);
await Disk.mount(join(folder, 'disk with a space'));
const { hosts } = await Network.make(['left']);
const [command = '', ...before] = hosts[0]?.before ?? [];
const child = spawn(command, [...before, 'sleep', '600'], { stdio: 'ignore', detached: true });
console.log(JSON.stringify({ left: child.pid, space: before.at(-1) }));
