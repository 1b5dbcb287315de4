/** What a client finds in a forest, in terms that do not depend on how today's messages are made. */
import { createHash } from 'node:crypto';

import type { Event } from '../../src/gen/hyperloom/v1/event_pb.ts';
import type { Ghost } from '../../src/gen/hyperloom/v1/ghost_pb.ts';
import type { Node, Value } from '../../src/gen/hyperloom/v1/node_pb.ts';
import { HistoryScope } from '../../src/gen/hyperloom/v1/context_service_pb.ts';
import type { TestClients } from '../support/broker.ts';

/** Everything of a forest that is compared. Plain JSON. */
export interface Observation {
  readonly revision: string;
  readonly compactedRevision: string;
  readonly position: string;
  readonly stateHash: string;
  readonly requestIds: string;
  readonly nodes: readonly string[];
  /** Digests of all nodes as they were, by revision. */
  readonly trees: Readonly<Record<string, string>>;
  readonly events: readonly string[];
  readonly ghosts: readonly string[];
  /** Digests of all nodes that each live ghost shows. */
  readonly ghostTrees: Readonly<Record<string, string>>;
  readonly leases: readonly string[];
  readonly locks: readonly string[];
}

/** Revisions at which all nodes are compared, from the oldest on. */
const treesMax = 16n;

/** The clients of a broker in this process, or of one elsewhere. */
type Clients = Omit<TestClients, 'cut'>;

export async function observe(clients: Clients, forest: string): Promise<Observation> {
  const { context, forests } = clients;
  const status = await forests.getStatus({ forest, includeStateHash: true });
  const { revision = 0n, compactedRevision = 0n } = status.forest ?? {};
  const trees: Record<string, string> = {};
  const oldest = compactedRevision === 0n ? 1n : compactedRevision;
  const step = (revision - oldest) / treesMax + 1n;
  for (let at = oldest; at <= revision; at += step) {
    const nodes = await nodesOf(clients, forest, { atRevision: at });
    trees[String(at)] = digest(nodes.join('\n'));
  }
  const ghosts = (await context.listGhosts({ forest, pageSize: 1_000 })).ghosts;
  const ghostTrees: Record<string, string> = {};
  for (const { id } of ghosts)
    ghostTrees[id] = digest((await nodesOf(clients, forest, { ghostId: id })).join('\n'));
  const leases = await clients.locks.listLeases({ forest });
  const locks = await clients.locks.inspectLocks({ forest });
  return {
    revision: String(revision),
    compactedRevision: String(compactedRevision),
    position: String(status.position),
    stateHash: status.stateHash,
    requestIds: String(status.requestIds),
    nodes: await nodesOf(clients, forest, {}),
    trees,
    events: await eventsOf(clients, forest),
    ghosts: [...ghosts].reverse().map(ghostLine),
    ghostTrees,
    leases: leases.leases.map(({ id, author, label, locks: held, nodes, ghosts: live }) =>
      [id, author, label, `${held} locks`, `${nodes} nodes`, `${live} ghosts`].join(' | '),
    ),
    locks: locks.locks.map(({ lock, waitsFor }) =>
      [
        lock?.id,
        lock?.leaseId,
        lock?.state,
        lock?.fencingToken,
        lock?.targets.map(({ path, mode }) => `${mode} ${path}`).join(', '),
        `waits for ${waitsFor.join(', ')}`,
      ].join(' | '),
    ),
  };
}

async function nodesOf(
  { context }: Clients,
  forest: string,
  view: { readonly atRevision?: bigint; readonly ghostId?: string },
): Promise<string[]> {
  const lines: string[] = [];
  let pageToken = '';
  do {
    const page = await context.list({ forest, path: '/', depth: 0, pageSize: 10_000, pageToken, view });
    lines.push(...page.nodes.map(nodeLine));
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  return lines;
}

function nodeLine(node: Node): string {
  const { path, createdRevision, modifiedRevision, version, author, subtreeRevision, stagedSequence } = node;
  const numbers = `${createdRevision}/${modifiedRevision}/${version}/${subtreeRevision}/${stagedSequence}`;
  return [path, valueText(node.value), numbers, author, node.leaseId].join(' | ');
}

/** Short values as they are, long ones by their digest. */
function valueText(value: Value | undefined): string {
  const kind = value?.kind;
  if (kind === undefined || kind.case === undefined) return '';
  switch (kind.case) {
    case 'text':
      return `text ${short(Buffer.from(kind.value))}`;
    case 'json':
    case 'bytes':
      return `${kind.case} ${short(kind.value)}`;
    case 'message':
      return `message ${kind.value.typeUrl} ${short(kind.value.value)}`;
    case 'struct':
    case 'messageJson':
      throw new Error('the broker answers with JSON');
  }
}

function short(bytes: Uint8Array): string {
  if (bytes.length > 200) return `${bytes.length} bytes ${digest(bytes)}`;
  const text = Buffer.from(bytes).toString('utf8');
  return Buffer.from(text).equals(bytes) ? JSON.stringify(text) : Buffer.from(bytes).toString('hex');
}

async function eventsOf({ context }: Clients, forest: string): Promise<string[]> {
  const lines: string[] = [];
  let pageToken = '';
  do {
    const scope = HistoryScope.EVERYTHING;
    const page = await context.history({ forest, scope, pageSize: 1_000, pageToken });
    lines.push(...page.events.map(eventLine));
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  return lines;
}

function eventLine(event: Event): string {
  const { revision, position, author, label, ghostId, transition, requestId, leaseId } = event;
  const seconds = `${event.time?.seconds}.${event.time?.nanos}`;
  const kind =
    transition === undefined ? 'trunk' : `${transition.kind} ${transition.checkpoint} ${transition.reason}`;
  const changes = event.changes.map(({ path, action }) => `${action.case} ${path}`);
  const basis = event.basis.map(({ path, revision: at, extent }) => `${extent} ${path} ${at}`);
  const words = [position, revision, seconds, author, label, ghostId, kind, requestId, leaseId];
  return [...words, event.revertedRevision, changes.join(', '), basis.join(', ')].join(' | ');
}

function ghostLine(ghost: Ghost): string {
  const { id, scope, baseRevision, parentGhostId, label, author, state, edition, race, leaseId } = ghost;
  const staged = `${ghost.stagedOperations}/${ghost.stagedBytes}/${ghost.sequence}`;
  const checkpoints = ghost.checkpoints.map(({ name, sequence }) => `${name} ${sequence}`).join(', ');
  const attempts = ghost.attempts.map(({ reason, checkpoint }) => `${reason} ${checkpoint}`).join(', ');
  const gates = ghost.gates.map(
    (gate) => `${gate.gate?.kind.case} ${gate.state} ${gate.author} ${gate.reason}`,
  );
  const words = [id, scope, baseRevision, parentGhostId, label, author, state, staged, edition, leaseId];
  const pending = ghost.commitPending ? 'commit pending' : '';
  const raced = race === undefined ? '' : `${race.race?.id} ${race.attempts} ${race.winnerGhostId}`;
  return [...words, checkpoints, attempts, gates.join(', '), pending, raced].join(' | ');
}

export function digest(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 32);
}
