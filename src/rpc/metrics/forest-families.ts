/** What each forest tells. */
import type { Forest, ForestStatus } from '../../sequencer/forest.ts';
import { ageFamilies } from './age-families.ts';
import type { Family, Sample } from './exposition.ts';

/** Name, what it is, and its value. Gauges, unless they are named as totals. */
const figures: readonly (readonly [string, string, (status: ForestStatus, forest: Forest) => number])[] = [
  ['revision', 'Newest durable revision of the trunk.', ({ revision }) => revision],
  [
    'compacted_revision',
    'History below this revision is gone.',
    ({ compactedRevision }) => compactedRevision,
  ],
  ['nodes', 'Nodes that have a value.', ({ nodes }) => nodes],
  ['ghosts', 'Live ghosts.', ({ ghosts }) => ghosts],
  ['leases', 'Live leases.', ({ leases }) => leases],
  ['locks_held', 'Locks that are held.', ({ locksHeld }) => locksHeld],
  ['locks_waiting', 'Locks that are waited for.', ({ locksWaiting }) => locksWaiting],
  ['request_ids', 'Request ids remembered.', ({ requestIds }) => requestIds],
  ['subscriptions', 'Live subscriptions.', (_, { hub }) => hub.subscriptions],
  [
    'subscriptions_catching_up',
    'Subscriptions that read on from memory or the journal because they are behind.',
    (_, { hub }) => hub.catchingUp,
  ],
  [
    'subscription_lag_entries',
    'How many journal entries the slowest subscription is behind.',
    (_, { hub }) => hub.lag,
  ],
  ['journal_position', 'Newest journal position, durable or not.', ({ position }) => position],
  ['journal_durable_position', 'Newest durable journal position.', ({ durablePosition }) => durablePosition],
  [
    'snapshot_position',
    'Journal position of the newest snapshot.',
    ({ snapshotPosition }) => snapshotPosition,
  ],
  ['stored_bytes', 'Bytes of journal and snapshots on disk.', ({ storedBytes }) => storedBytes],
  ['pending_entries', 'Entries that wait for the disk.', ({ pendingEntries }) => pendingEntries],
  ['pending_bytes', 'Bytes of entries that wait for the disk.', ({ pendingBytes }) => pendingBytes],
  [
    'writable',
    '1 while writes are taken.',
    ({ writeStopReason, diskFullReason }) => (writeStopReason === '' && diskFullReason === '' ? 1 : 0),
  ],
];

/** `nowMs` is wall time. */
export function forestFamilies(forests: readonly Forest[], nowMs: number): Family[] {
  const told = forests.map((forest) => ({ forest, status: forest.status }));
  const gauges = figures.map(([name, help, value]): Family => {
    const samples = told.map(({ forest, status }): Sample => ({
      labels: { forest: forest.name },
      value: value(status, forest),
    }));
    return { name: `hyperloom_forest_${name}`, help, kind: 'gauge', labels: ['forest'], samples };
  });
  const commands = forests.flatMap((forest) =>
    [...forest.commands].map(([kind, value]): Sample => ({ labels: { forest: forest.name, kind }, value })),
  );
  const help = 'Commands that took effect since the start, by kind; publishes are of the kind publish.';
  return [
    ...gauges,
    ...ageFamilies(forests, nowMs),
    {
      name: 'hyperloom_forest_commands_total',
      help,
      kind: 'counter',
      labels: ['forest', 'kind'],
      samples: commands,
    },
  ];
}
