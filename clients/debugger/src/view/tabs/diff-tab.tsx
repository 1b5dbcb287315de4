/** What the last change of the node has made of it. */
import type { ReactElement } from 'react';
import type { Client, Node } from '../../../../typescript/src/browser.ts';
import { AskedView } from '../asked.tsx';
import { DiffView } from '../diff-view.tsx';
import type { Place } from '../place.ts';
import { readPlace } from '../read-place.ts';
import { useAsked, useSurroundings } from '../use.ts';

interface Step {
  readonly before: Node | undefined;
  readonly after: Node | undefined;
  readonly words: string;
}

export function DiffTab({ place }: { readonly place: Place }): ReactElement {
  const { session } = useSurroundings();
  const asked = useAsked(`diff ${place.key}`, (signal) => lastStep(session.client, place, signal));
  return (
    <AskedView asked={asked}>
      {({ before, after, words }) => (
        <>
          <p className="words">{words}</p>
          <DiffView before={before} after={after} />
        </>
      )}
    </AskedView>
  );
}

async function lastStep(client: Client, place: Place, signal: AbortSignal): Promise<Step> {
  const after = await readPlace(client, place, signal);
  if (place.ghostId !== '') {
    const { baseRevision } = await (await client.attach(place.ghostId, { signal })).state({ signal });
    const before = await readPlace(client, { ...place, ghostId: '', atRevision: baseRevision }, signal);
    return { before, after, words: `In the ghost, compared with its base at revision ${baseRevision}` };
  }
  const changed = after?.modifiedRevision ?? 0;
  if (changed <= 1) return { before: undefined, after, words: 'As it was first written' };
  const before = await readPlace(client, { ...place, atRevision: changed - 1 }, signal);
  return { before, after, words: `Revision ${changed} compared with the one before` };
}
