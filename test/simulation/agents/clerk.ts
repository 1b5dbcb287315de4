/**
 * Messages whose fields are merged, appended to, incremented and made conditions of, by several at once, on the trunk and in ghosts. Nobody
 * but a clerk merges into the tally of its own; into the one that all share, lines are only appended, and amounts added.
 */
import { ContextService } from '../../../src/gen/hyperloom/v1/context_service_pb.ts';
import { SchemaService } from '../../../src/gen/hyperloom/v1/schema_service_pb.ts';
import { CallFailure } from '../call.ts';
import type { Client } from '../client.ts';
import type { OperationInit, PreconditionInit } from '../requests.ts';
import { tallyMessage, tallyOf, tallyPrefix, tallySchema } from '../../support/tally.ts';
import type { Tally } from '../../support/tally.ts';
import { untilRefused } from './ghost-session.ts';

const { method } = ContextService;
const shared = `${tallyPrefix}/all/shared`;

export async function keepTallies(client: Client): Promise<void> {
  await client.ask(SchemaService.method.registerSchema, {
    name: 'tallies',
    definition: { kind: { case: 'descriptorSet', value: new Uint8Array(tallySchema) } },
    requestId: `tallies ${client.token()}`,
  });
  while (client.isOpen) {
    const work = client.oneOf(publishOwn, publishOwn, publishShared, publishUnderCondition, commitShared);
    await untilRefused(client, [], () => work(client));
    await client.sleep(20);
  }
}

const ownPath = (client: Client): string => `${tallyPrefix}/${client.name}/own`;

function merge(path: string, tally: Tally, ...paths: string[]): OperationInit {
  const message = tallyMessage(tally);
  const value = paths.length === 0 ? { message } : { message, mask: { paths } };
  return { path, action: { case: 'merge', value } };
}

function append(path: string, tally: Tally): OperationInit {
  const addition = { case: 'message' as const, value: tallyMessage(tally) };
  return { path, action: { case: 'append', value: { addition } } };
}

function add(path: string, value: bigint): OperationInit {
  return {
    path,
    action: { case: 'increment', value: { amount: { case: 'integer', value }, field: 'total' } },
  };
}

/** Anything that can be done to a field of a tally that is one's own. */
function any(client: Client): OperationInit {
  const path = ownPath(client);
  const token = client.token();
  switch (client.below(8)) {
    case 0:
      return merge(path, { title: token });
    case 1:
      return merge(path, client.below(2) === 0 ? { lines: [token] } : {}, 'lines', 'title');
    case 2:
      return merge(path, { lines: [token], marks: [client.below(5) - 2], part: { state: token } });
    case 3:
      return merge(path, { part: { count: client.below(3) } }, 'part.count');
    case 4:
      return merge(path, {}, client.oneOf('part', 'part.state', 'marks', 'total'));
    case 5:
      return append(path, { lines: [token], marks: [client.below(300)] });
    case 6:
      return { path, action: { case: 'delete', value: {} } };
    default:
      return add(path, BigInt(client.below(5) - 2));
  }
}

async function write(
  client: Client,
  operations: OperationInit[],
  preconditions: PreconditionInit[] = [],
): Promise<void> {
  const requestId = `tally ${client.token()}`;
  const request = { operations, preconditions, requestId, author: client.name };
  await client.write(
    method.publish,
    request,
    { requestId, operations, preconditions },
    ({ revision }) => revision,
  );
}

async function publishOwn(client: Client): Promise<void> {
  await write(
    client,
    Array.from({ length: 1 + client.below(3) }, () => any(client)),
  );
}

function sharedWork(client: Client): OperationInit[] {
  return [append(shared, { lines: [client.token()] }), add(shared, BigInt(1 + client.below(9)))];
}

async function publishShared(client: Client): Promise<void> {
  await write(client, sharedWork(client));
}

/** What it has read may hold no more when the diff comes. */
async function publishUnderCondition(client: Client): Promise<void> {
  const path = client.oneOf(shared, ownPath(client));
  const { nodes } = await client.ask(method.batchGet, { paths: [path] });
  const kind = nodes[0]?.value?.kind;
  const { total = '0', title = '', part } = kind?.case === 'message' ? tallyOf(kind.value) : {};
  const equals = (name: string, value: unknown): PreconditionInit => {
    const expected = new TextEncoder().encode(JSON.stringify(value));
    return condition(path, name, { case: 'equalsJson', value: expected });
  };
  const isSet = (name: string, value: boolean): PreconditionInit =>
    condition(path, name, { case: 'isSet', value });
  const chosen = client.oneOf(
    equals('total', total),
    equals('title', title),
    equals('part.count', part?.count ?? 0),
    isSet('part', part !== undefined),
    isSet('lines', client.below(2) === 0),
  );
  await write(client, path === shared ? sharedWork(client) : [any(client)], [chosen]);
}

type Expectation =
  | { readonly case: 'equalsJson'; readonly value: Uint8Array<ArrayBuffer> }
  | { readonly case: 'isSet'; readonly value: boolean };

function condition(path: string, name: string, expectation: Expectation): PreconditionInit {
  const value = { target: { case: 'field' as const, value: name }, expectation };
  return { path, condition: { case: 'field', value } };
}

/** Appends and increments commute with those of all others, so that a commit of nothing else cannot conflict. */
async function commitShared(client: Client): Promise<void> {
  const { ghost } = await client.ask(method.beginGhost, {
    ttl: { seconds: 1n, nanos: 0 },
    author: client.name,
    requestId: `tally ghost ${client.token()}`,
  });
  const [ghostId, author] = [ghost?.id ?? '', client.name];
  let edition = ghost?.edition ?? 0n;
  for (let count = 1 + client.below(3); count > 0; count -= 1) {
    const request = { ghostId, operations: sharedWork(client), author, edition };
    const requestId = `tally staged ${client.token()}`;
    edition = (await client.ask(method.publish, { ...request, requestId })).edition;
    await client.sleep(10);
  }
  try {
    await client.ask(method.commit, {
      ghostId,
      author,
      edition,
      requestId: `tally commit ${client.token()}`,
    });
  } catch (error) {
    if (!(error instanceof CallFailure) || error.reason !== 'CONFLICT') throw error;
    client.history.conflicted.push({ ghostId, path: shared, base: Number(ghost?.baseRevision ?? 0n) });
  }
}
