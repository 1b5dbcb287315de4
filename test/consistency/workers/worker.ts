/**
 * A worker on the TypeScript SDK, a process of its own: ADDRESS[,ADDRESS…] NAME SEED FILE [AUTHORITY]. Speaks TLS where it has the file of an authority. Works until a line comes on its standard input, says
 * `quiet` when all that it had begun has ended, and ends when its subscribers have seen the end; at once where its input is closed.
 */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

import { connect } from '../../../clients/typescript/src/index.ts';
import { seededRandom } from '../../../src/base/random.ts';
import { forests, LineWriter } from '../record.ts';
import { Agent, tlsOf } from './agent.ts';
import { follow } from './following.ts';
import { workInGhosts } from './ghosts.ts';
import { intrude, workUnderLocks } from './locks.ts';
import { bePresent, lookAround } from './presence.ts';
import { review } from './reviewing.ts';
import { readAndWrite } from './writing.ts';

const [address = '', name = '', seed = '', file = '', authorityFile = ''] = process.argv.slice(2);
const authority = authorityFile === '' ? undefined : readFileSync(authorityFile, 'utf8');
const random = seededRandom(Number(seed));
const lines = new LineWriter(file);
let isOpen = true;

const [first, second] = forests;
const writers = [
  { forest: first, work: readAndWrite },
  { forest: first, work: workInGhosts },
  { forest: first, work: workUnderLocks },
  { forest: first, work: intrude },
  { forest: first, work: bePresent },
  { forest: first, work: lookAround },
  { forest: first, work: readAndWrite },
  { forest: first, work: review },
  { forest: second, work: readAndWrite },
  { forest: second, work: workInGhosts },
  { forest: second, work: workUnderLocks },
] as const;
const followers = [
  { forest: first, prefix: '/', pauseMsMax: 0, itemsMax: 200 },
  { forest: first, prefix: '/log', pauseMsMax: 12, itemsMax: 40 },
  { forest: first, prefix: '/', pauseMsMax: 3_000, itemsMax: 2_000 },
  { forest: second, prefix: '/', pauseMsMax: 0, itemsMax: 200 },
] as const;

/** Forests of this run. */
const inUse = (process.env['CONSISTENCY_FORESTS'] ?? forests.join()).split(',');
const isInUse = ({ forest }: { readonly forest: string }): boolean => inUse.includes(forest);

/** Each agent has a connection of its own, so that a cut hits one and not all, or all at once. Of several brokers it asks each in turn. */
function agent(label: string, forest: string): Agent {
  const own = `${name}-${label}`;
  const chance = seededRandom(random.below(2 ** 31));
  const loadBalancing = address.includes(',') ? 'round_robin' : 'pick_first';
  return new Agent(
    own,
    connect(address, { author: own, forest, loadBalancing, ...tlsOf(authority) }),
    chance,
    lines,
    () => isOpen,
  );
}

const input = createInterface(process.stdin);
input.once('close', () => process.exit(0));
input.once('line', () => {
  isOpen = false;
});
console.log('ready');
const following = Promise.all(
  followers.filter(isInUse).map((each, index) => follow(agent(`f${index}`, each.forest), each)),
);
await Promise.all(writers.filter(isInUse).map(({ forest, work }, index) => work(agent(`w${index}`, forest))));
console.log('quiet');
await following;
process.exit(0);
