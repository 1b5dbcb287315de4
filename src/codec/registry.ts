/**
 * Entries and snapshots of the registry of forests ↔ bytes, by the generated code: they are few. As strict as the other
 * codecs: what is unknown comes from a newer broker, and what it means must not be lost.
 */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import type { DescMessage, Message, MessageShape } from '@bufbuild/protobuf';
import {
  type ForestChange as ForestChangeMessage,
  ForestChangeSchema,
  RegistryEntrySchema,
  RegistrySnapshotSchema,
} from '../gen/hyperloom/journal/v1/registry_pb.ts';
import { type SnapshotRequest, SnapshotRequestSchema } from '../gen/hyperloom/journal/v1/snapshot_pb.ts';
import type { ForestChange, ForestOutcome } from '../state/forest-change.ts';
import type { RememberedRequest } from '../state/requests.ts';
import { CodecDamage } from './damage.ts';

/** A remembered request about forests. */
export type ForestAnswer = RememberedRequest<ForestOutcome>;

/** See `RegistryEntry` of `registry.proto`. */
export type RegistryEntry =
  | { readonly kind: 'change'; readonly change: ForestChange }
  | { readonly kind: 'answer'; readonly answer: ForestAnswer }
  | { readonly kind: 'withdrawn'; readonly requestId: string };

/** All that the registry knows. */
export interface RegistrySnapshot {
  readonly answers: readonly ForestAnswer[];
  readonly change: ForestChange | null;
}

const kinds = [undefined, 'create', 'delete', 'restore'] as const;

export function encodeRegistryEntry(entry: RegistryEntry): Uint8Array {
  const message = create(RegistryEntrySchema);
  if (entry.kind === 'change') message.entry = { case: 'change', value: changeMessage(entry.change) };
  else if (entry.kind === 'answer') message.entry = { case: 'answer', value: answerMessage(entry.answer) };
  else message.entry = { case: 'withdrawn', value: entry.requestId };
  return toBinary(RegistryEntrySchema, message);
}

/** What {@link encodeRegistryEntry} was given. Throws {@link CodecDamage} where `bytes` are no entry. */
export function decodeRegistryEntry(bytes: Uint8Array): RegistryEntry {
  const { entry } = decode(RegistryEntrySchema, bytes);
  switch (entry.case) {
    case 'change':
      return { kind: 'change', change: changeFrom(entry.value) };
    case 'answer':
      return { kind: 'answer', answer: answerFrom(entry.value) };
    case 'withdrawn':
      return { kind: 'withdrawn', requestId: entry.value };
    case undefined:
      throw new CodecDamage('an entry of the registry with nothing in it');
  }
}

export function encodeRegistrySnapshot({ answers, change }: RegistrySnapshot): Uint8Array {
  const message = create(RegistrySnapshotSchema, { answers: answers.map(answerMessage) });
  if (change !== null) message.change = changeMessage(change);
  return toBinary(RegistrySnapshotSchema, message);
}

/** What {@link encodeRegistrySnapshot} was given. Throws {@link CodecDamage} where `bytes` are no snapshot. */
export function decodeRegistrySnapshot(bytes: Uint8Array): RegistrySnapshot {
  const { answers, change } = decode(RegistrySnapshotSchema, bytes);
  return { answers: answers.map(answerFrom), change: change === undefined ? null : changeFrom(change) };
}

function decode<D extends DescMessage>(schema: D, bytes: Uint8Array): MessageShape<D> {
  let message: MessageShape<D>;
  try {
    message = fromBinary(schema, bytes);
  } catch (error) {
    throw new CodecDamage(`no ${schema.typeName}: ${error instanceof Error ? error.message : String(error)}`);
  }
  return known(message);
}

function known<M extends Message>(message: M): M {
  if ((message.$unknown ?? []).length > 0) throw new CodecDamage(`an unknown field in ${message.$typeName}`);
  return message;
}

export function changeMessage({ kind, forest, request }: ForestChange): ForestChangeMessage {
  return create(ForestChangeSchema, {
    kind: kinds.indexOf(kind),
    forest,
    requestId: request.id,
    requestFingerprint: request.fingerprint,
  });
}

export function changeFrom(message: ForestChangeMessage): ForestChange {
  const { kind: number, forest, requestId, requestFingerprint } = known(message);
  const kind = kinds[number];
  if (kind === undefined) throw new CodecDamage(`${number} is no change of a forest`);
  return { kind, forest, request: { id: requestId, fingerprint: requestFingerprint } };
}

function answerMessage({ id, fingerprint, timeMs, outcome }: ForestAnswer): SnapshotRequest {
  const outcomeJson = JSON.stringify(outcome);
  return create(SnapshotRequestSchema, { id, fingerprint, timeMs: BigInt(timeMs), outcomeJson });
}

function answerFrom(message: SnapshotRequest): ForestAnswer {
  const { id, fingerprint, timeMs, outcomeJson } = known(message);
  try {
    return { id, fingerprint, timeMs: Number(timeMs), outcome: JSON.parse(outcomeJson) as ForestOutcome };
  } catch {
    throw new CodecDamage(`the outcome of request ${id} is no JSON`);
  }
}
