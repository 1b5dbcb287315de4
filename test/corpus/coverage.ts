/** What of the journal's formats occurs in data folders: each field that is set, each alternative, each value of an enum. */
import { fromBinary } from '@bufbuild/protobuf';
import type { DescEnum, DescMessage } from '@bufbuild/protobuf';
import { reflect } from '@bufbuild/protobuf/reflect';
import type { ReflectMessage } from '@bufbuild/protobuf/reflect';

import { ItemSplitter } from '../../src/codec/item-splitter.ts';
import {
  RecordSchema,
  file_hyperloom_journal_v1_record,
} from '../../src/gen/hyperloom/journal/v1/record_pb.ts';
import {
  RegistryEntrySchema,
  RegistrySnapshotSchema,
  file_hyperloom_journal_v1_registry,
} from '../../src/gen/hyperloom/journal/v1/registry_pb.ts';
import {
  SnapshotItemSchema,
  file_hyperloom_journal_v1_snapshot,
} from '../../src/gen/hyperloom/journal/v1/snapshot_pb.ts';
import type { Journal } from '../../src/journal/journal.ts';

/** Numbers that stand for kinds without being an enum, with all that may occur. */
const numbered: Readonly<Record<string, readonly number[]>> = {
  'LockChange.kind': [1, 2, 3, 4, 5],
  'BasisEntry.extent': [1, 2, 3],
  'LockTarget.mode': [1, 2, 3, 4, 5],
  'ForestChange.kind': [1, 2, 3],
  'SnapshotGhost.state': [1, 2, 3, 4],
  'Gate.schema': [1, 2],
};

/** Fields that no entry has to have, each with the reason. */
export const exempt: Readonly<Record<string, string>> = {
  'SnapshotTrailer.state_hash': 'the broker leaves it out: it would have to compute it',
  'ValueKind.VALUE_KIND_UNSPECIFIED': 'never written',
  'SchemaFormat.SCHEMA_FORMAT_UNSPECIFIED': 'never written',
  'FieldChangeKind.FIELD_CHANGE_KIND_UNSPECIFIED': 'its absence says it',
  'LockTarget.mode=1': 'intention to share is only left above other locks, and nobody can ask for it',
};

/** Everything that there is, as `Message.field`, `Enum.VALUE` or `Message.field=number`. */
export function everything(): string[] {
  const files = [
    file_hyperloom_journal_v1_record,
    file_hyperloom_journal_v1_snapshot,
    file_hyperloom_journal_v1_registry,
  ];
  const messages = files.flatMap(({ messages: all }) => all);
  const fields = messages.flatMap((message) => message.fields.map(({ name }) => `${message.name}.${name}`));
  const values = files.flatMap(({ enums }) => enums.flatMap(valuesOf));
  const numbers = Object.entries(numbered).flatMap(([name, all]) => all.map((number) => `${name}=${number}`));
  return [...fields, ...values, ...numbers];
}

function valuesOf(of: DescEnum): string[] {
  return of.values.map(({ name }) => `${of.name}.${name}`);
}

export class Coverage {
  readonly seen = new Set<string>();
  /** Kinds of outcomes that requests are remembered with. */
  readonly outcomes = new Set<string>();

  async addForest(journal: Journal): Promise<void> {
    for await (const batch of journal.read(journal.firstPosition, journal.lastPosition))
      for (const { payload } of batch) this.#add(RecordSchema, payload);
    for (const { position } of journal.snapshots()) {
      const items = new ItemSplitter(1e9, (all, start, end) =>
        this.#add(SnapshotItemSchema, all.slice(start, end)),
      );
      for await (const chunk of journal.readSnapshot(position)) items.push(chunk);
    }
  }

  async addRegistry(journal: Journal): Promise<void> {
    for await (const batch of journal.read(journal.firstPosition, journal.lastPosition))
      for (const { payload } of batch) this.#add(RegistryEntrySchema, payload);
    for (const { position } of journal.snapshots()) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of journal.readSnapshot(position)) chunks.push(chunk.slice());
      this.#add(RegistrySnapshotSchema, Buffer.concat(chunks));
    }
  }

  #add(schema: DescMessage, bytes: Uint8Array): void {
    this.#walk(reflect(schema, fromBinary(schema, bytes)));
  }

  #walk(message: ReflectMessage): void {
    for (const field of message.desc.fields) {
      if (!message.isSet(field)) continue;
      const name = `${message.desc.name}.${field.name}`;
      this.seen.add(name);
      if (field.fieldKind === 'message') this.#walk(message.get(field));
      if (field.fieldKind === 'list' && field.listKind === 'message')
        for (const item of message.get(field)) this.#walk(item as ReflectMessage);
      if (field.fieldKind === 'enum') {
        const number = message.get(field);
        this.seen.add(`${field.enum.name}.${field.enum.value[number]?.name}`);
      }
      if (numbered[name] !== undefined && field.fieldKind === 'scalar')
        this.seen.add(`${name}=${String(message.get(field))}`);
      if (name === 'SnapshotRequest.outcome_json' && field.fieldKind === 'scalar') {
        const { kind } = JSON.parse(String(message.get(field))) as { readonly kind: string };
        this.outcomes.add(kind);
      }
    }
  }
}
