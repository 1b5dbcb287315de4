/** 4: the same request gives the same outcome. No request is in history twice, and none that was refused. */
import type { Scene } from './scene.ts';

export function checkExactlyOnce({ forest, story, expect }: Scene): void {
  const revisions = new Map<string, bigint>();
  for (const { requestId, revision } of story.events) {
    if (requestId === '') continue;
    const first = revisions.get(requestId);
    expect(first === undefined, () => `${requestId} made revision ${first} and revision ${revision}`);
    revisions.set(requestId, revision);
  }
  for (const { requestId, refusal } of forest.writes) {
    if (refusal === '') continue;
    const revision = revisions.get(requestId);
    expect(
      revision === undefined,
      () => `${requestId} was refused with ${refusal}, and made revision ${revision}`,
    );
  }
}
