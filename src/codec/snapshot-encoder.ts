/**
 * States → snapshots: a sequence of `SnapshotItem` messages, each behind its length as a varint, as described in
 * `hyperloom/journal/v1/snapshot.proto`. A snapshot has no checksum of its own: who stores it adds one.
 */
import type { RememberedRequest } from '../state/requests.ts';
import { writeRace } from './gate-items.ts';
import { writeEndedGhost, writeGhosts } from './ghost-writer.ts';
import { writeLease, writeLock } from './lock-items.ts';
import { writeSchema, writeUnboundRule } from './schema-command.ts';
import { itemField, SnapshotItems } from './snapshot-items.ts';
import type { SnapshotSource } from './snapshot-source.ts';
import { writeTree } from './tree-writer.ts';

/** The version that is written. A reader refuses those that it does not know. */
export const snapshotFormat = 1;

/**
 * Yields a snapshot in chunks of about 64 KiB (larger where one item is), so that the caller can do other things in
 * between. `stateHash` goes into the trailer; empty where it was not computed.
 */
export function* encodeSnapshot(
  source: SnapshotSource,
  stateHash = '',
): Generator<Uint8Array, void, undefined> {
  const items = new SnapshotItems();
  writeHeader(items, source);
  yield* writeTree(items, source.root, null);
  yield* writeGhosts(items, source);
  for (const ghost of source.ended) {
    writeEndedGhost(items, ghost);
    if (items.isFull) yield items.take();
  }
  for (const lease of source.leases) {
    writeLease(items, lease);
    if (items.isFull) yield items.take();
  }
  for (const lock of source.locks) {
    writeLock(items, lock);
    if (items.isFull) yield items.take();
  }
  for (const race of source.races) {
    writeRace(items, race);
    if (items.isFull) yield items.take();
  }
  for (const schema of source.schemas) {
    writeSchema(items, schema);
    if (items.isFull) yield items.take();
  }
  for (const rule of source.unboundRules) writeUnboundRule(items, rule);
  for (const request of source.requests) {
    writeRequest(items, request);
    if (items.isFull) yield items.take();
  }
  writeTrailer(items, stateHash);
  yield items.take();
}

function writeHeader(items: SnapshotItems, source: SnapshotSource): void {
  const { writer } = items;
  items.open(itemField.header, 32);
  writer.uint(1, snapshotFormat);
  writer.uint(2, source.position);
  writer.uint(3, source.revision);
  writer.uint(4, source.compactedRevision);
  writer.uint(5, source.timeMs);
  writer.uint(6, source.fencingToken);
  items.close();
}

function writeRequest(items: SnapshotItems, request: RememberedRequest): void {
  const { writer } = items;
  const { outcome } = request;
  const remembered = outcome.kind === 'rejected' ? { ...outcome, conflicts: [] } : outcome;
  const json = JSON.stringify(remembered);
  items.open(itemField.request, request.id.length + json.length + 24);
  writer.text(1, request.id);
  writer.fixed32(2, request.fingerprint);
  writer.uint(3, request.timeMs);
  writer.text(4, json);
  items.close();
}

function writeTrailer(items: SnapshotItems, stateHash: string): void {
  const before = items.count;
  items.open(itemField.trailer, 48);
  items.writer.uint(1, before);
  items.writer.text(2, stateHash);
  items.close();
}
