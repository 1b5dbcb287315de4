/** Reverts with what was derived ↔ `RevertCascade`. */
import type { BasisEntry, Operation, Precondition, RevertCascade } from '../state/command.ts';
import type {
  AffectedAgent,
  AffectedGhost,
  AffectedRead,
  NotUndone,
  NotUndoneCause,
  UndonePublish,
} from '../state/cascades/cascade-parts.ts';
import type { Path } from '../trie/path.ts';
import type { CommandBody } from './command-body.ts';
import { readBasisEntry, readPrecondition, writeBasis, writePreconditions } from './condition.ts';
import { CodecDamage } from './damage.ts';
import { readOperation, writeOperations } from './operation.ts';
import type { WireReader } from './wire-reader.ts';
import type { WireWriter } from './wire-writer.ts';

/** Causes by their number. */
const causes: readonly (NotUndoneCause | undefined)[] = [
  undefined,
  'overwritten',
  'built_upon',
  'history_gone',
  'schema',
];

/** A usual size of a part, which is short enough for a length of one byte. */
const usualBytes = 64;

/** Writes the content of a `RevertCascade`. */
export function writeRevertCascade(writer: WireWriter, command: RevertCascade): void {
  writer.uint(1, command.revision);
  writeOperations(writer, 2, command.operations);
  writer.text(3, command.reason);
  writePreconditions(writer, 4, command.preconditions);
  writer.uints(5, command.fencingTokens);
  for (const undone of command.undone) writeUndone(writer, 6, undone);
  for (const left of command.notUndone) writeNotUndone(writer, 7, left);
  writer.uint(8, command.notUndoneTotal);
  for (const ghost of command.ghosts) writeGhost(writer, 9, ghost);
  for (const agent of command.agents) writeAgent(writer, 10, agent);
  writer.boolean(11, command.alone);
}

/** Reads the content of a `RevertCascade`. */
export function readRevertCascade(reader: WireReader): CommandBody {
  let revision = 0;
  const operations: Operation[] = [];
  let reason = '';
  const preconditions: Precondition[] = [];
  const fencingTokens: number[] = [];
  const undone: UndonePublish[] = [];
  const notUndone: NotUndone[] = [];
  let notUndoneTotal = 0;
  const ghosts: AffectedGhost[] = [];
  const agents: AffectedAgent[] = [];
  let alone = false;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) revision = reader.uint();
    else if (field === 2) operations.push(readOperation(reader));
    else if (field === 3) reason = reader.text();
    else if (field === 4) preconditions.push(readPrecondition(reader));
    else if (field === 5) reader.uints(fencingTokens);
    else if (field === 6) undone.push(readUndone(reader));
    else if (field === 7) notUndone.push(readNotUndone(reader));
    else if (field === 8) notUndoneTotal = reader.uint();
    else if (field === 9) ghosts.push(readGhost(reader));
    else if (field === 10) agents.push(readAgent(reader));
    else if (field === 11) alone = reader.boolean();
    else reader.unknown('RevertCascade');
  }
  const what = { revision, operations, preconditions, reason } as const;
  const whom = { undone, notUndone, notUndoneTotal, ghosts, agents, alone } as const;
  const body = { kind: 'revert_cascade', ...what, ...whom } as const;
  return fencingTokens.length === 0 ? body : { ...body, fencingTokens };
}

function writeUndone(writer: WireWriter, field: number, undone: UndonePublish): void {
  const mark = writer.open(field, undone.author.length + undone.label.length + usualBytes);
  writer.uint(1, undone.revision);
  writer.uint(2, undone.hops);
  writer.text(3, undone.author);
  writer.text(4, undone.label);
  writer.close(mark);
}

function readUndone(reader: WireReader): UndonePublish {
  const outer = reader.enter();
  let [revision, hops, author, label] = [0, 0, '', ''];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) revision = reader.uint();
    else if (field === 2) hops = reader.uint();
    else if (field === 3) author = reader.repeatedText();
    else if (field === 4) label = reader.repeatedText();
    else reader.unknown('UndonePublish');
  }
  reader.leave(outer);
  return { revision, hops, author, label };
}

function writeNotUndone(writer: WireWriter, field: number, left: NotUndone): void {
  const mark = writer.open(field, usualBytes);
  writer.path(1, left.path);
  writer.uint(2, left.revision);
  writer.uint(3, causes.indexOf(left.cause));
  writer.uint(4, left.overwrittenBy);
  writer.close(mark);
}

function readNotUndone(reader: WireReader): NotUndone {
  const outer = reader.enter();
  let path: Path | undefined;
  let [revision, overwrittenBy] = [0, 0];
  let cause: NotUndoneCause | undefined;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) path = reader.path();
    else if (field === 2) revision = reader.uint();
    else if (field === 3) cause = causes[reader.uint()];
    else if (field === 4) overwrittenBy = reader.uint();
    else reader.unknown('NotUndone');
  }
  reader.leave(outer);
  if (path === undefined || cause === undefined)
    throw new CodecDamage('a write that stays without a path or a cause');
  return { path, revision, cause, overwrittenBy };
}

function writeGhost(writer: WireWriter, field: number, ghost: AffectedGhost): void {
  const mark = writer.open(field, ghost.reads.length * usualBytes);
  writer.text(1, ghost.ghostId);
  writer.text(2, ghost.author);
  for (const read of ghost.reads) writeRead(writer, 3, read);
  writer.close(mark);
}

function readGhost(reader: WireReader): AffectedGhost {
  const outer = reader.enter();
  let [ghostId, author] = ['', ''];
  const reads: AffectedRead[] = [];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) ghostId = reader.text();
    else if (field === 2) author = reader.repeatedText();
    else if (field === 3) reads.push(readRead(reader));
    else reader.unknown('AffectedGhost');
  }
  reader.leave(outer);
  return { ghostId, author, reads };
}

function writeRead(writer: WireWriter, field: number, { basis, sequence }: AffectedRead): void {
  const mark = writer.open(field, usualBytes);
  writeBasis(writer, 1, [basis]);
  writer.uint(2, sequence);
  writer.close(mark);
}

function readRead(reader: WireReader): AffectedRead {
  const outer = reader.enter();
  let basis: BasisEntry | undefined;
  let sequence = 0;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) basis = readBasisEntry(reader);
    else if (field === 2) sequence = reader.uint();
    else reader.unknown('AffectedRead');
  }
  reader.leave(outer);
  if (basis === undefined) throw new CodecDamage('a read without what was read');
  return { basis, sequence };
}

function writeAgent(writer: WireWriter, field: number, agent: AffectedAgent): void {
  const mark = writer.open(field, agent.basis.length * usualBytes);
  writer.text(1, agent.author);
  writer.uints(2, agent.revisions);
  for (const ghostId of agent.ghostIds) writer.textAlways(3, ghostId);
  writeBasis(writer, 4, agent.basis);
  writer.close(mark);
}

function readAgent(reader: WireReader): AffectedAgent {
  const outer = reader.enter();
  let author = '';
  const revisions: number[] = [];
  const ghostIds: string[] = [];
  const basis: BasisEntry[] = [];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) author = reader.repeatedText();
    else if (field === 2) reader.uints(revisions);
    else if (field === 3) ghostIds.push(reader.text());
    else if (field === 4) basis.push(readBasisEntry(reader));
    else reader.unknown('AffectedAgent');
  }
  reader.leave(outer);
  return { author, revisions, ghostIds, basis };
}
