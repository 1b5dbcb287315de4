/** Takes back what others believe, with all that they have made of it; and one who asks only who knew what. */
import { Cascade } from '../../../src/gen/hyperloom/v1/cascade_pb.ts';
import type { CascadeReport } from '../../../src/gen/hyperloom/v1/cascade_pb.ts';
import { ContextService } from '../../../src/gen/hyperloom/v1/context_service_pb.ts';
import { TraceDirection } from '../../../src/gen/hyperloom/v1/trace_pb.ts';
import type { TraceEntry } from '../../../src/gen/hyperloom/v1/trace_pb.ts';
import { CallFailure } from '../call.ts';
import type { Client } from '../client.ts';
import type { CascadeRecord } from '../knowledge.ts';

const { method } = ContextService;

/** So far upstream is looked. */
export const upstreamHops = 3;

/** Reverts with a cascade, now and then after a look at what would go. */
export async function doubt(client: Client): Promise<void> {
  while (client.isOpen) {
    await client.sleep(80);
    const target = someThought(client);
    if (target === 0) continue;
    if (client.below(2) === 0) await asking(client, () => forecast(client, target));
    if (client.below(4) > 0) await takeBack(client, target);
  }
}

/** A revision that somebody made of what had been read, and not long ago. */
function someThought(client: Client): number {
  const made = client.history.writes.filter(
    ({ requestId, revision }) => revision > 0 && /^(thought|awake|cascade) /.test(requestId),
  );
  return made.at(-1 - client.below(Math.min(12, made.length)))?.revision ?? 0;
}

async function forecast(client: Client, revision: number): Promise<void> {
  const invokedMs = client.nowMs;
  const target = { case: 'revision' as const, value: BigInt(revision) };
  const { cascade } = await client.call(method.revert, { target, cascade: Cascade.REPORT });
  const undone = undoneOf(cascade);
  const record = { client: client.name, target: revision, invokedMs, completedMs: client.nowMs, undone };
  client.history.knowledge.forecasts.push(record);
}

async function takeBack(client: Client, revision: number): Promise<void> {
  const requestId = `cascade ${client.token()}`;
  const record: CascadeRecord = { client: client.name, requestId, target: revision, undone: null };
  client.history.knowledge.cascades.push(record);
  const target = { case: 'revision' as const, value: BigInt(revision) };
  const request = { target, cascade: Cascade.ALL, reason: 'it was wrong', author: client.name, requestId };
  const done = await client.write(method.revert, request, { requestId }, ({ revision: made }) => made);
  if (done?.cascade !== undefined) record.undone = undoneOf(done.cascade);
}

function undoneOf(report: CascadeReport | undefined): readonly string[] {
  return (report?.undone ?? []).map(({ revision, hops }) => `${hops}: ${revision}`);
}

/** Asks who has used what was written, and what its author had before it. */
export async function trace(client: Client): Promise<void> {
  while (client.isOpen) {
    await client.sleep(40);
    const start = someThought(client);
    if (start > 0) await traceOnce(client, start);
  }
}

/** `Trace` of one revision, one way, in pages. */
export async function traceOnce(
  client: Client,
  start: number,
  direction = client.oneOf(TraceDirection.DOWNSTREAM, TraceDirection.UPSTREAM),
): Promise<void> {
  const invokedMs = client.nowMs;
  const note = (revision: number, entries: readonly TraceEntry[], isRefused: boolean): void => {
    const { compactedMax, knowledge } = client.history;
    const asked = { client: client.name, direction, start, invokedMs, completedMs: client.nowMs };
    knowledge.traces.push({ ...asked, revision, entries, isRefused, compactedMax });
  };
  await asking(
    client,
    async () => {
      const { revision, entries } = await allPages(client, start, direction);
      note(Number(revision), entries, false);
    },
    () => note(0, [], true),
  );
}

async function allPages(
  client: Client,
  start: number,
  direction: TraceDirection,
): Promise<{ readonly revision: bigint; readonly entries: readonly TraceEntry[] }> {
  const isUpstream = direction === TraceDirection.UPSTREAM;
  const entries: TraceEntry[] = [];
  let revision = 0n;
  let pageToken = '';
  do {
    const page = await client.call(method.trace, {
      start: { case: 'revision', value: BigInt(start) },
      direction,
      hops: isUpstream ? upstreamHops : 0,
      pageSize: isUpstream ? 1_000 : 4,
      pageToken,
    });
    entries.push(...page.entries);
    const first = revision;
    const what = (): string => `pages of one trace are as of revisions ${first} and ${page.revision}`;
    client.expect('provenance', first === 0n || page.revision === first, what);
    revision = page.revision;
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  return { revision, entries };
}

/** Asks, and notes refusals that should not be: only what was given up need not be known. */
async function asking(
  client: Client,
  ask: () => Promise<void>,
  onGone: () => void = () => undefined,
): Promise<void> {
  try {
    await ask();
  } catch (error) {
    if (!(error instanceof CallFailure)) throw error;
    const isGone = error.reason === 'REVISION_COMPACTED' && client.history.compactedMax > 0;
    if (isGone) onGone();
    const what = (): string =>
      `a question about what was known was refused: ${error.reason} ${error.message}`;
    client.expect('no bug', error.isUnknown || isGone, what);
  }
}
