/** Entries of the log of forests ↔ bytes, by the generated code: they are few. As strict as the other codecs. */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  type ForestsEntry as ForestsEntryMessage,
  ForestsEntrySchema,
  type FormatWord as FormatWordMessage,
} from '../gen/hyperloom/journal/v1/agreed_pb.ts';
import type { ForestChange } from '../state/forest-change.ts';
import { agreedFormat, checkFormat } from './agreed-format.ts';
import type { FormatWord } from './agreed-format.ts';
import { CodecDamage } from './damage.ts';
import { changeFrom, changeMessage } from './registry.ts';

/** See `ForestsEntry` of `agreed.proto`. */
export interface ForestsEntry {
  readonly replica: string;
  readonly number: number;
  /** `null`: somebody waits to see the log up to here. */
  readonly change: ForestChange | null;
  readonly log: string;
  /** What its broker has to say of formats. */
  readonly formats: FormatWord | null;
}

/** `format`: that in force in the log. */
export function encodeForestsEntry(
  { replica, number, change, log, formats }: ForestsEntry,
  format: number,
): Uint8Array {
  const message = {
    ...{ format, replica, number: BigInt(number), log },
    ...(change === null ? {} : { change: changeMessage(change) }),
    ...(formats === null ? {} : { formats: { ...formats, question: BigInt(formats.question) } }),
  };
  return toBinary(ForestsEntrySchema, create(ForestsEntrySchema, message));
}

/**
 * What {@link encodeForestsEntry} was given. Throws {@link CodecDamage} where `bytes` are no entry, and `NewerFormat` where it is of a format behind `known`.
 */
export function decodeForestsEntry(bytes: Uint8Array, known = agreedFormat): ForestsEntry {
  let message: ForestsEntryMessage;
  try {
    message = fromBinary(ForestsEntrySchema, bytes);
  } catch (error) {
    throw new CodecDamage(`no entry of forests: ${error instanceof Error ? error.message : String(error)}`);
  }
  const { format, replica, number, change, log, formats } = message;
  checkFormat(format, known);
  if (format === 0 || [message, formats].some((each) => (each?.$unknown ?? []).length > 0))
    throw new CodecDamage('an entry of forests that no broker made');
  return {
    replica,
    number: Number(number),
    change: change === undefined ? null : changeFrom(change),
    log,
    formats: formats === undefined ? null : wordFrom(formats),
  };
}

function wordFrom({ asks, knows, raises, question }: FormatWordMessage): FormatWord {
  return { asks, knows, raises, question: Number(question) };
}
