/** Between the naive forest and the real one: operations from one to the other, and both compared. */
import { fromJson } from '@bufbuild/protobuf';
import type { JsonValue } from '@bufbuild/protobuf';
import { reflect } from '@bufbuild/protobuf/reflect';
import { expect } from 'vitest';
import type { Operation } from '../../src/state/command.ts';
import { editionOf } from '../../src/state/ghosts/edition.ts';
import type { ForestState } from '../../src/state/forest.ts';
import { isOpen } from '../../src/state/ghosts/gates.ts';
import type { Root } from '../../src/state/ghosts/ghost.ts';
import { appendChanges, fieldOf, maskChanges, mergeChanges, scalarFieldOf } from '../../src/schema/fields.ts';
import { standingOf } from '../../src/state/values/standing.ts';
import { jsonText } from '../../src/state/values/value.ts';
import type { Value } from '../../src/state/values/value.ts';
import { walk } from '../../src/trie/iterate.ts';
import { formatPath, parsePath } from '../../src/trie/path.ts';
import type { Path } from '../../src/trie/path.ts';
import { descriptor, tallyMessage, tallyOf, tallyText } from '../support/tally.ts';
import type { Tally } from '../support/tally.ts';
import type { NaiveOperation, NaiveTree } from './naive-forest.ts';
import type { NaiveGates } from './naive-gates.ts';

/** A naive operation as the real machine takes it. */
export function realOperation(operation: NaiveOperation): Operation {
  const path = pathOf(operation.path);
  switch (operation.kind) {
    case 'put':
      if (operation.type === 'message')
        return { kind: 'put', path, value: tallyValue(JSON.parse(operation.data) as Tally) };
      return {
        kind: 'put',
        path,
        value: { kind: operation.type, data: operation.data, bytes: byteLength(operation.data), type: '' },
      };
    case 'append':
      return {
        kind: 'append',
        path,
        addition: { kind: operation.type, data: operation.data, bytes: byteLength(operation.data), type: '' },
      };
    case 'merge':
      return { kind: 'merge', path, patch: operation.patch, patchBytes: byteLength(operation.patch) };
    case 'increment':
      return { kind: 'increment', path, amount: operation.amount };
    case 'merge_message':
    case 'append_message': {
      const { kind, patch, mask } = operation;
      const message = reflect(descriptor, fromJson(descriptor, patch as JsonValue));
      const merged = mask.length === 0 ? mergeChanges(message) : maskChanges(descriptor, mask);
      const fields = kind === 'append_message' ? appendChanges(message) : merged;
      if ('problem' in fields) throw new Error(fields.problem);
      return { kind, path, patch: tallyValue(patch), fields, mask };
    }
    case 'increment_field': {
      const found = fieldOf(descriptor, 'total');
      if ('problem' in found) throw new Error(found.problem);
      const { amount } = operation;
      return {
        kind: 'increment_field',
        path,
        amount,
        field: scalarFieldOf(found, 'total'),
        type: tallyValue({}).type,
      };
    }
    case 'delete':
      return { kind: 'delete', path, scope: operation.scope };
    case 'copy':
      return {
        kind: 'copy',
        path,
        source: pathOf(operation.source),
        sourceRevision: operation.sourceRevision,
      };
  }
}

function tallyValue(tally: Tally): Value {
  const { typeUrl, value } = tallyMessage(tally);
  return { kind: 'message', data: Buffer.from(value).toString('latin1'), bytes: value.length, type: typeUrl };
}

/** What was read before: the same few messages are looked at again and again. */
const texts = new Map<string, string>();

/** A message as JSON, if its bytes are those that the library writes. */
function messageText(data: string): string {
  const known = texts.get(data);
  if (known !== undefined) return known;
  const text = readText(data);
  texts.set(data, text);
  return text;
}

function readText(data: string): string {
  const tally = tallyOf({ value: Buffer.from(data, 'latin1') });
  return tallyValue(tally).data === data
    ? tallyText(tally)
    : `other bytes than usual: ${JSON.stringify(data)}`;
}

function pathOf(text: string): Path {
  const path = parsePath(text);
  if ('problem' in path) throw new Error(path.problem);
  return path;
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** The real tree holds exactly what the naive one does. */
export function compare(root: Root, tree: NaiveTree): void {
  const real: Record<string, unknown> = {};
  for (const { path, node } of walk(root, { within: [] })) {
    const text = formatPath(path);
    if (text === '/') continue;
    const standing = standingOf(root, path);
    const { entry } = node;
    if (entry === null) {
      real[text] = node.children === null ? 'neither value nor children' : { touched: standing.touched };
      continue;
    }
    const data = jsonText(entry);
    const { created, modified, assigned, version, touched } = standing;
    const kind = entry.kind === 'items' ? 'json' : entry.kind;
    const json =
      kind === 'message' ? messageText(data) : kind === 'text' ? data : JSON.stringify(JSON.parse(data));
    real[text] = {
      json,
      kind,
      created,
      modified,
      assigned,
      version,
      author: entry.author,
      bytes: entry.bytes === (kind === 'message' ? data.length : byteLength(data)),
      touched,
    };
  }
  const naive: Record<string, unknown> = {};
  for (const [path, touched] of tree.touched) naive[path] = { touched };
  for (const [path, node] of tree.nodes) {
    const { kind, created, modified, assigned, version, author } = node;
    const json = kind === 'text' ? node.json : JSON.stringify(JSON.parse(node.json));
    naive[path] = {
      json,
      kind,
      created,
      modified,
      assigned,
      version,
      author,
      bytes: true,
      touched: tree.touched.get(path),
    };
  }
  // As texts first: comparing objects takes ten times as long, and is only needed to show what differs.
  if (sortedText(real) !== sortedText(naive)) expect(real).toEqual(naive);
}

function sortedText(nodes: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(Object.entries(nodes).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Compares editions, pending commits, gates and races. `editions`: those of ghosts when they were begun. */
export function compareGates(
  state: ForestState,
  naiveGates: NaiveGates,
  editions: ReadonlyMap<string, number>,
): void {
  for (const [id, gated] of naiveGates.ghosts) {
    const real = state.ghosts.get(id);
    if (real === undefined) throw new Error(`ghost ${id} is missing`);
    const open = real.gates.every((standing) => isOpen(standing, real));
    const naive = [
      (editions.get(id) ?? 0) + gated.changes,
      gated.pending,
      naiveGates.isOpen(id),
      gated.raceId,
    ];
    expect([editionOf(real), real.pendingCommit !== null, open, real.raceId]).toEqual(naive);
  }
  const races = [...state.endedRaces, ...state.races].map(([id, race]) => {
    const { attemptsMax, attempts, members, winnerId } = race;
    return [id, { attemptsMax, attempts, members: new Set(members), winnerId }] as const;
  });
  expect(new Map(races)).toEqual(naiveGates.races);
}
