/** Asks for ghosts and what is staged in them, as far as a picture shows it. */
import type { Client } from '../../../typescript/src/browser.ts';
import { ghostsShownMax } from '../model/graph.ts';
import type { Ghosts } from '../model/ghosts.ts';
import { stagedOf } from './facts.ts';

/** Staged nodes asked for of a ghost. */
export const stagedAsked = 200;

/** Asks for all that live; what is not among them any more goes without a sign, since nobody knows how it ended. */
export async function loadGhosts(client: Client, ghosts: Ghosts, nowMs: number): Promise<void> {
  const ids: string[] = [];
  for await (const { id } of client.ghosts()) ids.push(id);
  for (const branch of ghosts.all()) if (!ids.includes(branch.id)) ghosts.drop(branch.id);
  await Promise.all(ids.slice(0, ghostsShownMax).map((id) => loadGhost(client, ghosts, id, nowMs)));
}

/** Asks for one. */
export async function loadGhost(client: Client, ghosts: Ghosts, id: string, nowMs: number): Promise<void> {
  const ghost = await client.attach(id).catch(() => undefined);
  if (ghost === undefined) return;
  const info = await ghost.state();
  if (info.state !== 'live') {
    ghosts.set(info, undefined, nowMs);
    return;
  }
  const { value: page } = await ghost.diff({ pageSize: stagedAsked }).pages().next();
  ghosts.set(info, (page?.items ?? []).map(stagedOf), nowMs);
}
