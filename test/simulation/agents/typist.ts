/**
 * Typed state: values that a schema lets be and others that it does not, on the trunk and in ghosts that are reverted at the first
 * of them or collect them all, while the schema becomes stricter and laxer.
 */
import { ContextService } from '../../../src/gen/hyperloom/v1/context_service_pb.ts';
import { GateState, ViolationAction } from '../../../src/gen/hyperloom/v1/gate_pb.ts';
import { SchemaService } from '../../../src/gen/hyperloom/v1/schema_service_pb.ts';
import { CallFailure } from '../call.ts';
import type { Client } from '../client.ts';
import { textOf } from '../model.ts';
import { putJson } from '../requests.ts';
import type { OperationInit } from '../requests.ts';
import { untilRefused } from './ghost-session.ts';

const { method } = ContextService;
/** Numbers up to the least always fit, those above the most never. */
const [leastMaximum, mostMaximum] = [5, 10];

/** Where typed values are. */
export const typedPrefix = '/t';

export async function type(client: Client): Promise<void> {
  await declare(client, mostMaximum);
  while (client.isOpen) {
    const work = client.oneOf(publishAny, beReverted, collect, collectInside, migrate);
    await untilRefused(client, ['CONFLICT', 'SCHEMA_STORED'], () => work(client));
    if (client.below(5) === 0) await declare(client, leastMaximum + client.below(6));
    await client.sleep(30);
  }
}

/** A schema of numbers up to one. */
function definitionOf(maximum: number) {
  const schema = { type: 'object', properties: { n: { maximum } }, required: ['n', 'by'] };
  const value = {
    json: new TextEncoder().encode(JSON.stringify(schema)),
    path: `${typedPrefix}/{who}/{what}`,
  };
  return { kind: { case: 'jsonSchema' as const, value } };
}

/** Says up to what numbers may be; what is stored may be in the way. */
async function declare(client: Client, maximum: number): Promise<void> {
  const definition = definitionOf(maximum);
  const requestId = `declare ${client.token()}`;
  try {
    const told = await client.ask(SchemaService.method.registerSchema, {
      name: 'typed',
      definition,
      requestId,
    });
    client.history.declared.push({ maximum, revision: Number(told.schema?.revision ?? 0n) });
  } catch (error) {
    if (!(error instanceof CallFailure)) throw error;
    const what = (): string => `a stricter schema was refused with ${error.reason} ${error.message}`;
    client.expect('no bug', error.reason === 'SCHEMA_STORED', what);
  }
}

function put(client: Client, what: string, n: number, by = client.token()): OperationInit {
  return putJson(`${typedPrefix}/${client.name}/${what}`, JSON.stringify({ n, by }));
}

async function publishAny(client: Client): Promise<void> {
  const operations = [put(client, 'trunk', client.below(mostMaximum + 3))];
  const requestId = `typed ${client.token()}`;
  const request = { operations, requestId, author: client.name };
  await client.write(method.publish, request, { requestId, operations }, ({ revision }) => revision);
}

/** A ghost with a schema gate, and the edition that its worker was told last. */
class TypedGhost {
  readonly id: string;
  readonly #client: Client;
  readonly #beganMs: number;
  edition: bigint;

  constructor(client: Client, id: string, edition: bigint, beganMs: number) {
    this.#client = client;
    this.id = id;
    this.edition = edition;
    this.#beganMs = beganMs;
  }

  static async begin(client: Client, onViolation: ViolationAction, parent?: TypedGhost): Promise<TypedGhost> {
    const beganMs = client.surroundings.startedMs();
    const { ghost } = await client.ask(method.beginGhost, {
      ttl: { seconds: 1n, nanos: 0 },
      author: client.name,
      requestId: `typed ghost ${client.token()}`,
      gates: [{ kind: { case: 'schema' as const, value: { onViolation } } }],
      parentGhostId: parent?.id ?? '',
      parentEdition: parent?.edition ?? 0n,
    });
    return new TypedGhost(client, ghost?.id ?? '', ghost?.edition ?? 0n, beganMs);
  }

  /** No restart can have taken anything since it was begun. */
  get isUnbroken(): boolean {
    return this.#client.surroundings.startedMs() === this.#beganMs;
  }

  async stage(operation: OperationInit): Promise<void> {
    const requestId = `typed staged ${this.#client.token()}`;
    const { name: author } = this.#client;
    const request = { ghostId: this.id, operations: [operation], requestId, author, edition: this.edition };
    this.edition = (await this.#client.ask(method.publish, request)).edition;
  }

  async commit(): Promise<bigint> {
    const requestId = `typed commit ${this.#client.token()}`;
    const request = { ghostId: this.id, requestId, author: this.#client.name, edition: this.edition };
    const { parentEdition } = await this.#client.ask(method.commit, request);
    return parentEdition;
  }

  /** Something that must be refused for this reason, unless a crash has taken the ghost or what was last in it. */
  async isRefused(reason: string, ask: () => Promise<unknown>): Promise<boolean> {
    try {
      await ask();
    } catch (error) {
      if (error instanceof CallFailure && error.reason === reason) return true;
      throw error;
    }
    this.#client.expect('typed', false, () => `ghost ${this.id} was not refused with ${reason}`);
    return false;
  }
}

/** Goes back to its checkpoint by itself, with what it had staged since. */
async function beReverted(client: Client): Promise<void> {
  const ghost = await TypedGhost.begin(client, ViolationAction.REVERT);
  await ghost.stage(put(client, 'a', leastMaximum));
  const request = { ghostId: ghost.id, name: 'here', requestId: `typed checkpoint ${client.token()}` };
  ghost.edition = (await client.ask(method.checkpoint, { ...request, edition: ghost.edition })).edition;
  const dropped = client.token();
  await ghost.stage(put(client, 'b', 1, dropped));
  await ghost.isRefused('GATE_REVERTED', () => ghost.stage(put(client, 'c', mostMaximum + 1)));
  // From here on nothing that was staged behind the checkpoint may come up again, unless a crash has taken the return.
  const { ghost: now } = await client.ask(method.getGhost, { ghostId: ghost.id });
  if (!ghost.isUnbroken || now === undefined) return;
  client.history.droppedTexts.push(dropped);
  const staged = Number(now.stagedOperations);
  const what = (): string => `ghost ${ghost.id} was to be reverted to 1 operation, and has ${staged} staged`;
  client.expect('typed', staged === 1 && now.attempts.length === 1, what);
  ghost.edition = now.edition;
  await ghost.commit();
}

async function collect(client: Client): Promise<void> {
  const ghost = await TypedGhost.begin(client, ViolationAction.COLLECT);
  await ghost.stage(put(client, 'd', mostMaximum + 1 + client.below(9)));
  await putRight(client, ghost);
}

/** What a child has collected is its parent's. */
async function collectInside(client: Client): Promise<void> {
  const ghost = await TypedGhost.begin(client, ViolationAction.COLLECT);
  const child = await TypedGhost.begin(client, ViolationAction.COLLECT, ghost);
  await child.stage(put(client, 'd', mostMaximum + 1 + client.below(9)));
  ghost.edition = await child.commit();
  await putRight(client, ghost);
}

/** Makes the schema stricter together with the values that are in the way; what others write meanwhile may be in the way again. */
async function migrate(client: Client): Promise<void> {
  const maximum = leastMaximum + client.below(3);
  const migration = { name: 'typed', definition: definitionOf(maximum) };
  const begun = { ttl: { seconds: 1n, nanos: 0 }, author: client.name, migration };
  const { ghost } = await client.ask(method.beginGhost, {
    ...begun,
    requestId: `migrate ${client.token()}`,
  });
  const ghostId = ghost?.id ?? '';
  let edition = ghost?.edition ?? 0n;
  const { nodes } = await client.ask(method.list, {
    path: typedPrefix,
    depth: 2,
    view: { ghostId, edition },
    pageSize: 1_000,
  });
  const operations = nodes.flatMap(({ path, value }): OperationInit[] => {
    if (value === undefined) return [];
    const { n, by } = JSON.parse(textOf(value)) as { readonly n: number; readonly by: string };
    return n > maximum ? [putJson(path, JSON.stringify({ n: maximum, by }))] : [];
  });
  if (operations.length > 0) {
    const requestId = `migrated ${client.token()}`;
    const request = { ghostId, operations, requestId, author: client.name, edition };
    edition = (await client.ask(method.publish, request)).edition;
  }
  const requestId = `migration ${client.token()}`;
  const done = await client.ask(method.commit, { ghostId, requestId, author: client.name, edition });
  client.expect('typed', done.schemaVersion > 0n, () => `the migration ${ghostId} brought no version`);
  // Where the version was the newest already, it says so without a revision, or beside its values.
  if (done.revision > 0n) client.history.declared.push({ maximum, revision: Number(done.revision) });
}

/** Cannot be committed before it is put right; now and then it never is. */
async function putRight(client: Client, ghost: TypedGhost): Promise<void> {
  const { ghost: shown } = await client.ask(method.getGhost, { ghostId: ghost.id });
  const state = shown?.gates[0]?.state;
  const what = (): string => `the gate of ghost ${ghost.id} is ${state} while a value does not fit`;
  if (ghost.isUnbroken) client.expect('typed', state === GateState.CLOSED, what);
  if (!(await ghost.isRefused('SCHEMA_VIOLATION', () => ghost.commit()))) return;
  if (client.below(4) === 0) return client.fault('owner vanished');
  await ghost.stage(put(client, 'd', client.below(leastMaximum)));
  await ghost.commit();
}
