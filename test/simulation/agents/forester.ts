/**
 * Makes forests, fills them, and deletes them, each request under an id and repeated until its outcome is known, in the middle of
 * whatever happens. It knows what must be there, and that nothing comes back.
 */
import { ContextService } from '../../../src/gen/hyperloom/v1/context_service_pb.ts';
import { ForestService } from '../../../src/gen/hyperloom/v1/forest_service_pb.ts';
import { CallFailure } from '../call.ts';
import type { Client } from '../client.ts';
import { textOf } from '../model.ts';
import { putText } from '../requests.ts';

const { createForest, deleteForest, listForests } = ForestService.method;

/** The forests of one forester, and whether they are there. */
export type Woods = Map<string, boolean>;

export async function plant(client: Client, woods: Woods): Promise<void> {
  const names = [`${client.name}-0`, `${client.name}-1`];
  while (client.isOpen) {
    const name = names[client.below(names.length)] ?? '';
    const isThere = woods.get(name) === true;
    if (!isThere) await create(client, name, woods);
    else if (client.below(3) === 0) await remove(client, name, woods);
    else await fill(client, name);
    if (client.below(4) === 0) await checkList(client, own(woods, names));
    await client.sleep(25);
  }
}

function own(woods: Woods, names: readonly string[]): Woods {
  return new Map([...woods].filter(([name]) => names.includes(name)));
}

/** Exactly the forests are listed that must be there. */
export async function checkList(client: Client, woods: Woods): Promise<void> {
  const listed = new Set((await client.ask(listForests, {})).forests.map(({ name }) => name));
  for (const [name, isThere] of woods) {
    const what = (): string => `forest ${name} is ${isThere ? 'gone' : 'there'}, against what was answered`;
    client.expect('durable', listed.has(name) === isThere, what);
  }
}

async function create(client: Client, name: string, woods: Woods): Promise<void> {
  const requestId = `create ${client.token()}`;
  await client.ask(createForest, { name, requestId });
  woods.set(name, true);
  const { nodes, revision } = await client.ask(ContextService.method.list, { forest: name, path: '/' });
  const isEmpty = nodes.length === 0 && revision === 0n;
  client.expect('isolated', isEmpty, () => `new forest ${name} has ${nodes.length} nodes at ${revision}`);
  // Asked again, it is the same forest; under another id it is refused.
  const again = await client.ask(createForest, { name, requestId });
  client.expect('exactly once', again.repeated, () => `${requestId} made forest ${name} twice`);
  const refusal = await refusalOf(() => client.ask(createForest, { name, requestId: `${requestId} more` }));
  const what = (): string => `forest ${name} was made though it was there: ${refusal}`;
  client.expect('exactly once', refusal === 'FOREST_EXISTS', what);
}

/** Afterwards nobody finds it, and who asks for the same again is told the same. */
async function remove(client: Client, name: string, woods: Woods): Promise<void> {
  const requestId = `delete ${client.token()}`;
  await client.ask(deleteForest, { name, requestId });
  woods.set(name, false);
  const refusal = await refusalOf(() => client.ask(ContextService.method.get, { forest: name, path: '/f' }));
  client.expect('durable', refusal === 'FOREST_NOT_FOUND', () => `deleted forest ${name} says ${refusal}`);
  const again = await client.ask(deleteForest, { name, requestId });
  client.expect('exactly once', again.repeated, () => `${requestId} deleted forest ${name} twice`);
}

/** Puts a text there, and reads it back: nobody else writes in this forest. */
async function fill(client: Client, forest: string): Promise<void> {
  const token = client.token();
  const requestId = `fill ${token}`;
  const operations = [putText('/f', token)];
  const { revision } = await client.ask(ContextService.method.publish, { forest, operations, requestId });
  const { node } = await client.ask(ContextService.method.get, { forest, path: '/f' });
  const shown = node?.value === undefined ? 'nothing' : textOf(node.value);
  const isOwn = shown === token && node?.modifiedRevision === revision;
  client.expect('durable', isOwn, () => `forest ${forest} holds ${shown}, and ${token} was put there`);
}

/** The reason of a refusal; empty where there is none. */
export async function refusalOf(attempt: () => Promise<unknown>): Promise<string> {
  try {
    await attempt();
    return '';
  } catch (error) {
    if (!(error instanceof CallFailure)) throw error;
    return error.reason;
  }
}
