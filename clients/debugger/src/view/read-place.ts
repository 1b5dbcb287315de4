/** Reads a node where a panel stands: on the trunk at a revision, or in a ghost. */
import type { Client, Node } from '../../../typescript/src/browser.ts';
import type { Place } from './place.ts';

/** The node with its value, messages as JSON; `undefined` where there is none. */
export async function readPlace(
  client: Client,
  { path, ghostId, atRevision }: Pick<Place, 'path' | 'ghostId' | 'atRevision'>,
  signal: AbortSignal,
): Promise<Node | undefined> {
  const options = { form: 'json', signal } as const;
  if (ghostId !== '') {
    const ghost = await client.attach(ghostId, { signal });
    return ghost.find(path, options);
  }
  return client.find(path, atRevision === 0 ? options : { ...options, atRevision });
}
