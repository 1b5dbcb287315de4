/** 3: what was acknowledged is there, at the revision that was told, and what history said once it says for ever. */
import type { Event } from '../../../src/gen/hyperloom/v1/event_pb.ts';
import { digestOf } from '../agents/overseer.ts';
import type { Scene } from './scene.ts';

export function checkDurable({ forest, story, expect }: Scene): void {
  for (const { requestId, revision, client, ghostId } of forest.writes) {
    if (revision === 0) continue;
    const event = story.events[revision - 1];
    // With the last approval the broker commits by itself, under no request's id.
    const isOwn = event?.requestId === requestId || (event?.requestId === '' && event.ghostId === ghostId);
    const what = (): string =>
      `${client} was told revision ${revision} for ${requestId}; there is ${event?.requestId ?? 'nothing'}`;
    expect(isOwn, what);
  }
  for (const event of story.earlier) {
    const now = story.events[Number(event.revision) - 1];
    const what = (): string =>
      `history said ${wordsOf(event)} at revision ${event.revision}, and now ${now === undefined ? 'nothing' : wordsOf(now)}`;
    expect(now !== undefined && wordsOf(now) === wordsOf(event), what);
  }
}

function wordsOf(event: Event): string {
  return `${digestOf(event)} and ${event.changes.length} changes at position ${event.position}`;
}
