/** Imports one session of the OpenAI Agents SDK: docs/frameworks/openai-agents-layout.md. */
import { isDeepStrictEqual } from 'node:util';

import {
  json,
  NotFoundError,
  operation,
  precondition,
  type Client,
  type Node,
} from '../../../../clients/typescript/src/index.ts';
import { objectMembers } from '../../json-parts.ts';
import { find } from '../find.ts';
import { diffBytesAhead, itemBytesMax, itemsPerDiffMax } from '../limits.ts';
import { GoneOn, segmentOf, Unimportable } from '../segments.ts';

export interface SessionImport {
  readonly client: Client;
  readonly root: string;
  readonly isDryRun: boolean;
  readonly signal: AbortSignal;
  /** Told how many items more are done with. */
  readonly onDone: (items: number) => void;
}

/** What became of a session, in items. */
export interface SessionOutcome {
  readonly path: string;
  readonly imported: number;
  readonly present: number;
}

const nameDigits = 10;

/** Imports a session. Throws {@link Unimportable}, {@link GoneOn}, and what the broker refuses. */
export async function importSession(
  id: string,
  items: readonly string[],
  { client, root, isDryRun, signal, onDone }: SessionImport,
): Promise<SessionOutcome> {
  if (id === '') throw new Unimportable('its id is empty');
  const path = `${root}/${segmentOf(id, 'session id')}/openai-agents`;
  const tooLarge = items.findIndex((item) => Buffer.byteLength(item) + '{"item":}'.length > itemBytesMax);
  if (tooLarge >= 0)
    throw new Unimportable(
      `item ${tooLarge} is larger than ${itemBytesMax} bytes: keep such files outside of sessions`,
    );
  const head = await find(client, `${path}/head`);
  const present = await presentIn(client, path, head, items);
  onDone(Math.min(present, items.length));
  let revision = head?.modifiedRevision;
  let imported = 0;
  for (const batch of batches(items.slice(present))) {
    if (signal.aborted) break;
    const start = present + imported;
    const puts = batch.map((item, index) =>
      operation.put(`${path}/items/${nameOf(start + index)}`, json(`{"item":${item}}`)),
    );
    const count = operation.put(`${path}/head`, json(`{"count":${start + batch.length}}`));
    const at = `${path}/head`;
    const condition =
      revision === undefined ? precondition.absent(at) : precondition.modifiedRevision(at, revision);
    if (!isDryRun)
      ({ revision } = await client.publish([...puts, count], {
        preconditions: [condition],
        label: 'add items',
      }));
    imported += batch.length;
    onDone(batch.length);
  }
  return { path, imported, present: Math.min(present, items.length) };
}

/** How many of the items are there: of an earlier import, or because somebody has gone on behind them all. */
async function presentIn(
  client: Client,
  path: string,
  head: Node | undefined,
  items: readonly string[],
): Promise<number> {
  if (head === undefined) return 0;
  const there = await itemsIn(client, path);
  const shared = Math.min(there.length, items.length);
  for (let place = 0; place < shared; place += 1)
    if (there[place] !== items[place] && !isSameJson(there[place], items[place])) throw goneOn(place);
  if (there.length === 0 && items.length > 0) throw goneOn(0);
  return there.length;
}

function goneOn(place: number): GoneOn {
  return new GoneOn(
    `there is a session of this id with other items, from number ${place} on: delete or rename it, or import elsewhere with --as`,
  );
}

/** The items of a session as JSON texts. */
async function itemsIn(client: Client, path: string): Promise<readonly string[]> {
  const texts: string[] = [];
  try {
    for await (const { json: text = '' } of client.list(`${path}/items`, { depth: 1 })) {
      const member = objectMembers(text)?.find(({ name }) => name === 'item');
      texts.push(member === undefined ? 'null' : text.slice(member.start, member.end));
    }
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
  }
  return texts;
}

function isSameJson(left: string | undefined, right: string | undefined): boolean {
  return left !== undefined && right !== undefined && isDeepStrictEqual(JSON.parse(left), JSON.parse(right));
}

/** Items cut into diffs of some size each. */
function batches(items: readonly string[]): readonly (readonly string[])[] {
  const all: string[][] = [];
  let size = 0;
  for (const item of items) {
    const last = all.at(-1);
    size += item.length;
    if (last === undefined || last.length === itemsPerDiffMax || size > diffBytesAhead) {
      all.push([item]);
      size = item.length;
    } else last.push(item);
  }
  return all;
}

/** Padded, so that names sort as numbers do. */
function nameOf(number: number): string {
  return String(number).padStart(nameDigits, '0');
}
