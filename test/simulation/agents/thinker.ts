/** Reads some of what others have written, writes something of its own, and says what it had read: on the trunk and in ghosts. */
import { CommitIsolation, ContextService } from '../../../src/gen/hyperloom/v1/context_service_pb.ts';
import { BasisExtent, DeleteScope } from '../../../src/gen/hyperloom/v1/operation_pb.ts';
import type { Client } from '../client.ts';
import { mindPrefix, tokensIn } from '../knowledge.ts';
import type { Dream, DreamCommit, DreamtThought, Look } from '../knowledge.ts';
import { textOf } from '../model.ts';
import { appendText, copyFrom, putText, remove } from '../requests.ts';
import type { OperationInit } from '../requests.ts';
import { untilRefused } from './ghost-session.ts';

const { method } = ContextService;

/** Subjects, some of which lie within others: few, so that agents meet. */
const subjects = ['/0', '/0/x', '/0/y', '/1', '/1/x', '/2', '/3'].map((each) => mindPrefix + each);
/** What can be read as a whole. */
const fields = [mindPrefix, `${mindPrefix}/0`, `${mindPrefix}/1`];
/** So often a ghost's owner looks again before it gives up. */
const commitsMax = 3;

export async function think(client: Client): Promise<void> {
  while (client.isOpen) {
    const expected = ['CONFLICT', 'REVISION_COMPACTED', 'BASIS_REVERTED'];
    const work = client.below(3) === 0 ? dream : thinkOnce;
    await untilRefused(client, expected, () => work(client));
    await client.sleep(15);
  }
}

async function thinkOnce(client: Client): Promise<void> {
  const looks = await lookAround(client, null);
  const requestId = `thought ${client.token()}`;
  const operations = [somethingNew(client), ...(client.below(3) === 0 ? [something(client)] : [])];
  client.history.knowledge.thoughts.push({ client: client.name, requestId, operations, looks });
  const basis = looks.map((look) => look.basis);
  const request = { operations, basis, requestId, author: client.name };
  await client.write(method.publish, request, { requestId, operations }, ({ revision }) => revision);
}

function somethingNew(client: Client): OperationInit {
  const path = subjectOf(client);
  const text = `[${client.token()}]`;
  return client.below(5) < 3 ? putText(path, text) : appendText(path, text);
}

function something(client: Client): OperationInit {
  const path = subjectOf(client);
  switch (client.below(4)) {
    case 0:
      return remove(path);
    case 1:
      return { path, action: { case: 'delete', value: { scope: DeleteScope.NODE } } };
    case 2:
      return copyFrom(`${mindPrefix}/3/of-0`, `${mindPrefix}/0`, 0);
    default:
      return somethingNew(client);
  }
}

function subjectOf(client: Client): string {
  return subjects[client.below(subjects.length)] ?? mindPrefix;
}

/** A view in a ghost, and the number of its newest diff. */
interface DreamView {
  readonly ghostId: string;
  readonly edition: bigint;
  readonly sequence: bigint;
}

/** Reads a few things, each with the texts that it showed. */
async function lookAround(client: Client, within: DreamView | null): Promise<Look[]> {
  const looks: Look[] = [];
  for (let count = client.below(4); count > 0; count -= 1)
    looks.push(
      client.below(5) === 0
        ? await lookAtField(client, within)
        : await lookAt(client, subjectOf(client), within),
    );
  return looks;
}

async function lookAt(client: Client, path: string, within: DreamView | null): Promise<Look> {
  const { nodes, revision } = await client.ask(method.batchGet, { paths: [path], view: viewOf(within) });
  const [node] = nodes;
  const extent = node === undefined ? BasisExtent.ABSENT : BasisExtent.NODE;
  const tokens = node?.value === undefined ? [] : tokensIn(textOf(node.value));
  return { basis: { path, revision, extent, ...seenIn(within) }, tokens };
}

async function lookAtField(client: Client, within: DreamView | null): Promise<Look> {
  const path = fields[client.below(fields.length)] ?? mindPrefix;
  const { nodes, revision } = await client.ask(method.list, { path, pageSize: 1_000, view: viewOf(within) });
  const tokens = nodes.flatMap(({ value }) => (value === undefined ? [] : tokensIn(textOf(value))));
  return { basis: { path, revision, extent: BasisExtent.SUBTREE, ...seenIn(within) }, tokens };
}

function viewOf(within: DreamView | null): { ghostId: string; edition: bigint } | Record<string, never> {
  return within === null ? {} : { ghostId: within.ghostId, edition: within.edition };
}

function seenIn(within: DreamView | null): { ghostId: string; sequence: bigint } | Record<string, never> {
  return within === null ? {} : { ghostId: within.ghostId, sequence: within.sequence };
}

/** A ghost with a basis: begun, worked in, and committed, or left alone. */
async function dream(client: Client): Promise<void> {
  const { ghost } = await client.ask(method.beginGhost, {
    ttl: { seconds: 1n, nanos: 0 },
    author: client.name,
    requestId: `dream ${client.token()}`,
  });
  const record: Dream = {
    client: client.name,
    ghostId: ghost?.id ?? '',
    baseRevision: Number(ghost?.baseRevision ?? 0n),
    // Without chance, of which everything else in the run would get another part.
    isSerializable: client.history.knowledge.dreams.length % 4 === 3,
    diffs: [],
    commits: [],
    endInvokedMs: Infinity,
  };
  client.history.knowledge.dreams.push(record);
  let view: DreamView = { ghostId: record.ghostId, edition: ghost?.edition ?? 0n, sequence: 0n };
  for (let count = 1 + client.below(3); count > 0; count -= 1) {
    view = await stage(client, record, view);
    await client.sleep(30);
  }
  if (client.below(8) === 0) client.fault('owner vanished');
  else await wakeUp(client, record, view);
}

async function stage(client: Client, record: Dream, view: DreamView): Promise<DreamView> {
  const looks = [...(await lookAround(client, view)), ...(await lookAround(client, null))];
  const requestId = `dreamt ${client.token()}`;
  const operations = [
    // Its own place, so that what it commits hardly conflicts; what it adds elsewhere commutes.
    putText(`${mindPrefix}/2/${client.name}`, `[${client.token()}]`),
    appendText(subjectOf(client), `[${client.token()}]`),
  ];
  const diff: DreamtThought = {
    requestId,
    operations,
    looks,
    invokedMs: client.nowMs,
    completedMs: Infinity,
    startedMs: 0,
    sequence: 0,
  };
  record.diffs.push(diff);
  const { ghostId, edition } = view;
  const basis = looks.map((look) => look.basis);
  const request = { ghostId, edition, operations, basis, requestId, author: client.name };
  const answer = await client.ask(method.publish, request);
  diff.completedMs = client.nowMs;
  diff.startedMs = client.surroundings.startedMs();
  diff.sequence = Number(answer.sequence);
  return { ghostId, edition: answer.edition, sequence: answer.sequence };
}

/** Commits. Where something that was read was taken back meanwhile, it looks again, and says so. */
async function wakeUp(client: Client, record: Dream, { ghostId, edition }: DreamView): Promise<void> {
  record.endInvokedMs = client.nowMs;
  const isolation = record.isSerializable ? CommitIsolation.SERIALIZABLE : CommitIsolation.WRITES;
  let basis: DreamCommit['basis'] = [];
  for (let attempt = 1; attempt <= commitsMax; attempt += 1) {
    const requestId = `awake ${client.token()}`;
    record.commits.push({ requestId, basis });
    const request = { ghostId, edition, isolation, basis: [...basis], requestId, author: client.name };
    await client.write(method.commit, request, { requestId, ghostId }, ({ revision }) => revision);
    const write = client.history.writes.findLast((each) => each.requestId === requestId);
    if (write?.refusal !== 'BASIS_REVERTED') return;
    basis = await lookAgain(client, record);
  }
}

/** At the trunk, at all that it had read: what it had read as a whole is looked at as a whole. */
async function lookAgain(client: Client, { diffs }: Dream): Promise<DreamCommit['basis']> {
  const looks = diffs.flatMap((diff) => diff.looks.map(({ basis }) => basis));
  const looked: DreamCommit['basis'][number][] = [];
  for (const { path, extent } of looks) {
    const { revision } = await client.ask(method.batchGet, { paths: [path] });
    looked.push({ path, revision, extent: extent ?? BasisExtent.NODE });
  }
  return looked;
}
