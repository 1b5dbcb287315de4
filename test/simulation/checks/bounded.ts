/** 10: nothing outlives its owner by more than its ttl and a second, and at the end there is nothing left at all. */
import type { LeaseRecord } from '../history.ts';
import type { Scene } from './scene.ts';

/** How long after its ttl everything of an owner who vanished is gone. */
const graceMs = 1_000;
/** What is on its way to the disk when it is over is still shown. */
const diskMsMax = 200;

export function checkBounded({ forest, story, states, expect }: Scene): void {
  expect(story.leftovers.length === 0, () => story.leftovers.join(', '));
  // By the requests that bound them, whatever the broker says of leases.
  const bound = [...(states.at(-1) ?? [])].find(([, { leaseId }]) => leaseId !== '');
  expect(bound === undefined, () => `${bound?.[0]} outlives its lease ${bound?.[1].leaseId}`);
  const leases = new Map(forest.leases.map((lease) => [lease.leaseId, lease]));
  for (const { id, what, invokedMs, startedMs } of forest.owned) {
    const lease = leases.get(id);
    if (lease === undefined) continue;
    const deadlineMs = deadlineOf(lease, startedMs);
    expect(
      invokedMs <= deadlineMs,
      () => `${what} is there at ${invokedMs}, and its lease ${id} should have been over at ${deadlineMs}`,
    );
  }
  for (const { leaseId, client, endedMs } of leases.values()) {
    const late = forest.owned.find(({ id, invokedMs }) => id === leaseId && invokedMs > endedMs);
    expect(
      late === undefined,
      () => `${client} ended lease ${leaseId}, and ${late?.what} was there afterwards`,
    );
  }
}

/** Nobody gives a sign while the broker is down, so each start counts as one. */
function deadlineOf({ lastSignMs, ttlMs }: LeaseRecord, startedMs: number): number {
  return Math.max(lastSignMs, startedMs) + ttlMs + graceMs + diskMsMax;
}
