/** Works in ghosts: stages, reads its own writes, sets checkpoints, goes back, and in the end commits, reverts or vanishes. */
import type { Client } from '../client.ts';
import { GhostSession, untilRefused } from './ghost-session.ts';
import type { BeginInit } from './ghost-session.ts';

/** `wanted` says of each new ghost how it is to be begun. */
export async function workInGhosts(
  client: Client,
  wanted: (client: Client) => BeginInit = () => ({}),
): Promise<void> {
  while (client.isOpen) {
    const expected = ['CONFLICT', 'RACE_OVER', 'RACE_EXHAUSTED', 'REVISION_COMPACTED', 'REVISION_IN_FUTURE'];
    await untilRefused(client, expected, () => oneGhost(client, wanted(client)));
    await client.sleep(30);
  }
}

async function oneGhost(client: Client, wanted: BeginInit): Promise<void> {
  // Its own place, so that what it commits conflicts with nobody but other ghosts.
  const session = await GhostSession.begin(client, wanted, `/g/${client.below(3)}`);
  for (let step = client.below(6); step >= 0; step -= 1) {
    await session.stage();
    await session.readBack();
    if (!session.hasCheckpoint && client.below(3) === 0) await session.checkpoint();
    else if (session.hasCheckpoint && client.below(3) === 0) await session.rewind();
    else if (client.below(6) === 0) await session.workInChild();
    await client.sleep(8);
  }
  const how = client.below(5);
  if (how === 0) client.fault('owner vanished');
  else if (how === 1) await session.revert();
  else await session.commit();
}
