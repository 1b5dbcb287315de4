/** Entries of the log of forests ↔ bytes, by the generated code: they are few. As strict as the other codecs. */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  type ForestsEntry as ForestsEntryMessage,
  ForestsEntrySchema,
} from '../gen/hyperloom/journal/v1/agreed_pb.ts';
import type { ForestChange } from '../state/forest-change.ts';
import { CodecDamage } from './damage.ts';
import { changeFrom, changeMessage } from './registry.ts';

/** The newest format that this broker knows. */
export const forestsFormat = 1;

/** See `ForestsEntry` of `agreed.proto`. */
export interface ForestsEntry {
  readonly replica: string;
  readonly number: number;
  /** `null`: somebody waits to see the log up to here. */
  readonly change: ForestChange | null;
  readonly log: string;
}

export function encodeForestsEntry({ replica, number, change, log }: ForestsEntry): Uint8Array {
  const common = { format: forestsFormat, replica, number: BigInt(number), log };
  const message = change === null ? common : { ...common, change: changeMessage(change) };
  return toBinary(ForestsEntrySchema, create(ForestsEntrySchema, message));
}

/** What {@link encodeForestsEntry} was given. Throws {@link CodecDamage} where `bytes` are no entry, or one of a newer broker. */
export function decodeForestsEntry(bytes: Uint8Array): ForestsEntry {
  let message: ForestsEntryMessage;
  try {
    message = fromBinary(ForestsEntrySchema, bytes);
  } catch (error) {
    throw new CodecDamage(`no entry of forests: ${error instanceof Error ? error.message : String(error)}`);
  }
  const { format, replica, number, change, log } = message;
  if (format === 0 || format > forestsFormat || (message.$unknown ?? []).length > 0)
    throw new CodecDamage(
      `forests are made by brokers whose entries have format ${format}, and this one knows ${forestsFormat}: bring it up to their version`,
    );
  return { replica, number: Number(number), change: change === undefined ? null : changeFrom(change), log };
}
