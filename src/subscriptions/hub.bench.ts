/**
 * What handing one event to 100 subscribers costs inside the hub: `node src/subscriptions/hub.bench.ts [--smoke]`. CPU
 * time of this process, per delivery; receivers do nothing. Cases: all with one pattern, each with a pattern of its own,
 * and the same beside 10,000 subscribers that are not concerned.
 */
import { systemClock } from '../base/clock.ts';
import type { ForestEvent } from '../state/event.ts';
import { emptyRoot } from '../trie/node.ts';
import { parsePattern } from '../trie/pattern.ts';
import type { Pattern } from '../trie/pattern.ts';
import { Hub } from './hub.ts';
import type { EventSource } from './source.ts';
import type { Receiver } from './subscription.ts';

const isSmoke = process.argv.includes('--smoke');
const runs = isSmoke ? 1 : 5;
const eventsPerRun = isSmoke ? 500 : 20_000;
const subscribers = 100;

console.log(`node ${process.version}, ${eventsPerRun} events to ${subscribers} subscribers`);
await measure('hub/one pattern', () => '/session_1/**', 0);
await measure(
  'hub/patterns of their own',
  (index) => ['/session_1/**', '/*/agent_7/*', '/**'][index % 3] ?? '/**',
  0,
);
await measure('hub/one pattern, 10,000 others', () => '/session_1/**', isSmoke ? 100 : 10_000);

async function measure(name: string, patternOf: (index: number) => string, others: number): Promise<void> {
  let position = 0;
  const root = emptyRoot<never>();
  const source: EventSource = {
    view: () => ({ root, revision: position, position }),
    get appliedPosition() {
      return position;
    },
    oldestPosition: 0,
    durable: () => Promise.resolve(null),
    ghost: () => {
      throw new Error('no ghosts here');
    },
    stagedRoots: { of: () => Promise.resolve(null) },
    readEvents: () => {
      throw new Error('nobody falls behind here');
    },
    rootAt: async () => root,
    positionOf: async (revision) => revision,
  };
  const hub = new Hub({ clock: systemClock });
  hub.attach(source);
  let delivered = 0;
  const receiver: Receiver = {
    snapshot: () => true,
    event: () => {
      delivered += 1;
      return true;
    },
    bookmark: () => true,
    end: () => undefined,
  };
  const common = {
    start: { kind: 'now' },
    scope: { kind: 'trunk' },
    needsRoots: false,
    bookmarkIntervalMs: 30_000,
  } as const;
  const add = (text: string): void => void hub.subscribe({ patterns: [pattern(text)], ...common }, receiver);
  for (let index = 0; index < subscribers; index += 1) add(patternOf(index));
  for (let index = 0; index < others; index += 1) add(`/session_${index + 2}/**`);
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  for (let run = 0; run <= runs; run += 1) {
    delivered = 0;
    const start = process.cpuUsage();
    for (let index = 0; index < eventsPerRun; index += 1) hub.publish([eventAt((position += 1))]);
    const { user, system } = process.cpuUsage(start);
    if (delivered !== eventsPerRun * subscribers) throw new Error(`${delivered} deliveries`);
    // The first run warms up.
    if (run > 0 || isSmoke)
      console.log(`${name} run ${run}: ${((user + system) / delivered).toFixed(3)} µs CPU a delivery`);
  }
}

function eventAt(position: number): ForestEvent {
  const value = { kind: 'text', data: 'x'.repeat(200), bytes: 200, type: '' } as const;
  const operation = { kind: 'put', path: ['session_1', 'agent_7', 'note'], value } as const;
  return {
    position,
    timeMs: 0,
    revision: position,
    author: 'agent',
    label: '',
    ghostId: '',
    requestId: '',
    transition: null,
    changes: [{ operation, author: '', sum: '' }],
    basis: [],
    revertedRevision: 0,
    leaseId: '',
    roots: null,
  };
}

function pattern(text: string): Pattern {
  const parsed = parsePattern(text);
  if ('problem' in parsed) throw new Error(parsed.problem);
  return parsed;
}
