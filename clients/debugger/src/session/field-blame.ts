/**
 * Who gave each field of a node what it holds: the newest changes of the node, folded in from the oldest of them on. What a change does not
 * tell by itself (copies, fields of messages) is read from the broker at its revision; how much is asked for is bounded.
 */
import {
  HyperloomError,
  parseJson,
  type Client,
  type Event,
  type JsonValue,
  type Node,
} from '../../../typescript/src/browser.ts';
import { reblame, type Blamed } from '../model/field-blame.ts';
import { isAt, valueAfter } from '../model/value-after.ts';

/** Events in a page, and pages that are looked through at first; the reader can ask for more. */
const pageSize = 250;
export const pagesAtFirst = 8;
/** Values read from the broker: each may be a replay of some history. */
const readsMax = 40;
/** Larger values are not told field by field: nobody reads a hundred thousand fields. */
export const fieldsCharactersMax = 400_000;

/** The change that made a field; `undefined`: one before those that were looked at. */
export type FieldCause =
  | {
      readonly author: string;
      readonly label: string;
      readonly revision: number;
      readonly position: number;
      readonly time: Date;
    }
  | undefined;

export interface FieldBlame {
  readonly blamed: Blamed<FieldCause>;
  /** The oldest revision that was looked at, where there may be older ones that count; 0 where all were. */
  readonly since: number;
}

export interface FieldBlameOptions {
  readonly path: string;
  /** 0: the newest. */
  readonly atRevision: number;
  /** The journal position that belongs to `atRevision`; 0: the newest. */
  readonly position: number;
  readonly pages: number;
  readonly signal: AbortSignal;
}

/** Folds the history of the node in. `undefined` where its value has no fields, or too many. */
export async function loadFieldBlame(
  client: Client,
  options: FieldBlameOptions,
): Promise<FieldBlame | undefined> {
  const { path, signal } = options;
  const node = await jsonAt(client, path, options.atRevision, signal);
  if (node?.json === undefined || node.json.length > fieldsCharactersMax) return undefined;
  const newest = parseJson(node.json);
  const { events, isWhole } = await changesOf(client, node, options);
  let [blamed, since] = [undefined as Blamed<FieldCause> | undefined, 0];
  let rest = events;
  const [oldest] = events;
  if (!isWhole && oldest !== undefined) {
    since = oldest.revision;
    const base = await baseOf(client, path, oldest.revision, signal);
    blamed = base.value === undefined ? undefined : reblame<FieldCause>(undefined, base.value, undefined);
    rest = base.isBehind ? events.slice(1) : events;
  }
  for (const event of rest) {
    const value = await valueOf(client, event, path, blamed?.value, signal);
    blamed = value === undefined ? undefined : reblame(blamed, value, causeOf(event, path));
  }
  return { blamed: reblame(blamed, newest, undefined), since };
}

/** Events that have changed the node itself, oldest first, and whether they are all since it came to be. */
async function changesOf(
  client: Client,
  node: Node,
  { path, position, pages, signal }: FieldBlameOptions,
): Promise<{ readonly events: readonly Event[]; readonly isWhole: boolean }> {
  const until = position === 0 ? {} : { untilPosition: position };
  const asked = { path, newestFirst: true, pageSize, form: 'json', signal, ...until } as const;
  const found: Event[] = [];
  // Parts of a large event come in their order, whichever end of history comes first.
  const oldestFirst = (
    isWhole: boolean,
  ): { readonly events: readonly Event[]; readonly isWhole: boolean } => ({
    events: found.sort((a, b) => a.position - b.position),
    isWhole: isWhole || found[0]?.revision === node.createdRevision,
  });
  let [read, reads] = [0, 0];
  for await (const { items, nextPageToken } of client.history(asked).pages()) {
    for (const event of items) {
      if (event.revision === 0 || !event.changes.some((change) => isAt(change, path))) continue;
      if (event.revision < node.createdRevision) return oldestFirst(true);
      reads += isTold(event, path) ? 0 : 1;
      if (reads > readsMax) return oldestFirst(false);
      found.push(event);
    }
    read += 1;
    if (nextPageToken === '' || (read >= pages && found.length > 0)) return oldestFirst(false);
  }
  return oldestFirst(false);
}

/** Whether the changes of an event tell what they leave. */
function isTold({ changes }: Event, path: string): boolean {
  return changes.every((change) => !isAt(change, path) || valueAfter(undefined, change).kind !== 'unknown');
}

/** The value before a revision; where that is compacted, the value after it. */
async function baseOf(
  client: Client,
  path: string,
  revision: number,
  signal: AbortSignal,
): Promise<{ readonly value: JsonValue | undefined; readonly isBehind: boolean }> {
  try {
    const before = revision <= 1 ? undefined : await jsonAt(client, path, revision - 1, signal);
    return { value: before?.json === undefined ? undefined : parseJson(before.json), isBehind: false };
  } catch (error) {
    if (!(error instanceof HyperloomError) || error.reason !== 'REVISION_COMPACTED') throw error;
    const after = await jsonAt(client, path, revision, signal);
    return { value: after?.json === undefined ? undefined : parseJson(after.json), isBehind: true };
  }
}

async function valueOf(
  client: Client,
  event: Event,
  path: string,
  before: JsonValue | undefined,
  signal: AbortSignal,
): Promise<JsonValue | undefined> {
  let value = before;
  for (const change of event.changes) {
    if (!isAt(change, path)) continue;
    const after = valueAfter(value, change);
    if (after.kind === 'unknown') {
      const node = await jsonAt(client, path, event.revision, signal);
      return node?.json === undefined ? undefined : parseJson(node.json);
    }
    value = after.kind === 'json' ? after.value : undefined;
  }
  return value;
}

function causeOf({ author, label, revision, position, time, changes }: Event, path: string): FieldCause {
  // A commit brings the work of several.
  const staged = changes.findLast((change) => isAt(change, path))?.author ?? '';
  return { author: staged === '' ? author : staged, label, revision, position, time };
}

function jsonAt(
  client: Client,
  path: string,
  atRevision: number,
  signal: AbortSignal,
): Promise<Node | undefined> {
  const at = atRevision === 0 ? {} : { atRevision };
  return client.find(path, { form: 'json', signal, ...at });
}
