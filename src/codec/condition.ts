/** What must hold, and what was read ↔ `Precondition`, `BasisEntry`. */
import { unreachable } from '../base/assert.ts';
import type { BasisEntry, Precondition } from '../state/command.ts';
import type { Path } from '../trie/path.ts';
import { CodecDamage } from './damage.ts';
import { readFieldCondition, writeFieldCondition } from './message-operation.ts';
import type { WireReader } from './wire-reader.ts';
import type { WireWriter } from './wire-writer.ts';

/** A usual size of either, which is short enough for a length of one byte. */
const usualBytes = 64;

/** Extents by their number. */
const extents: readonly (BasisEntry['extent'] | undefined)[] = [undefined, 'node', 'subtree', 'absent'];

export function writePreconditions(
  writer: WireWriter,
  field: number,
  preconditions: readonly Precondition[],
): void {
  for (const precondition of preconditions) {
    const mark = writer.open(field, usualBytes);
    writer.path(1, precondition.path);
    writeCondition(writer, precondition);
    writer.close(mark);
  }
}

function writeCondition(writer: WireWriter, precondition: Precondition): void {
  switch (precondition.kind) {
    case 'presence':
      return writer.booleanAlways(2, precondition.present);
    case 'modified_revision':
      return writer.uintAlways(3, precondition.revision);
    case 'version':
      return writer.uintAlways(4, precondition.version);
    case 'subtree_unchanged_since':
      return writer.uintAlways(5, precondition.revision);
    case 'field':
    case 'json':
      return writeFieldCondition(writer, precondition);
    default:
      return unreachable(precondition);
  }
}

export function readPrecondition(reader: WireReader): Precondition {
  const outer = reader.enter();
  let path: Path | undefined;
  let precondition: Precondition | undefined;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) path = reader.path();
    else if (path === undefined) throw new CodecDamage('a precondition whose path does not come first');
    else precondition = readCondition(reader, field, path);
  }
  reader.leave(outer);
  if (precondition === undefined) throw new CodecDamage('a precondition without a condition');
  return precondition;
}

function readCondition(reader: WireReader, field: number, path: Path): Precondition {
  switch (field) {
    case 2:
      return { kind: 'presence', path, present: reader.boolean() };
    case 3:
      return { kind: 'modified_revision', path, revision: reader.uint() };
    case 4:
      return { kind: 'version', path, version: reader.uint() };
    case 5:
      return { kind: 'subtree_unchanged_since', path, revision: reader.uint() };
    case 6:
      return { path, ...readFieldCondition(reader, 'field') };
    case 7:
      return { path, ...readFieldCondition(reader, 'json') };
    default:
      return reader.unknown('Precondition');
  }
}

export function writeBasis(writer: WireWriter, field: number, basis: readonly BasisEntry[]): void {
  for (const entry of basis) {
    const mark = writer.open(field, usualBytes);
    writer.path(1, entry.path);
    writer.uint(2, entry.revision);
    writer.uint(3, extents.indexOf(entry.extent));
    if (entry.ghostId !== undefined) writer.text(4, entry.ghostId);
    if (entry.sequence !== undefined) writer.uint(5, entry.sequence);
    writer.close(mark);
  }
}

export function readBasisEntry(reader: WireReader): BasisEntry {
  const outer = reader.enter();
  let path: Path | undefined;
  let revision = 0;
  let extent: BasisEntry['extent'] | undefined;
  let ghostId = '';
  let sequence = 0;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) path = reader.path();
    else if (field === 2) revision = reader.uint();
    else if (field === 3) extent = extents[reader.uint()];
    else if (field === 4) ghostId = reader.repeatedText();
    else if (field === 5) sequence = reader.uint();
    else reader.unknown('BasisEntry');
  }
  reader.leave(outer);
  if (path === undefined || extent === undefined)
    throw new CodecDamage('a basis entry without a path or an extent');
  const read = { path, revision, extent };
  if (ghostId === '') return read;
  return sequence === 0 ? { ...read, ghostId } : { ...read, ghostId, sequence };
}
