/** What a ghost has of gates ↔ `SnapshotGate` and `SnapshotCommit`, and races ↔ `SnapshotRace` items. */
import type { CommitGhost } from '../state/command.ts';
import type { Approval, GateStanding } from '../state/ghosts/gate.ts';
import type { Gate } from '../state/ghosts/gate.ts';
import type { PendingCommitInfo } from '../state/ghosts/pending-commit.ts';
import type { Race } from '../state/ghosts/race.ts';
import { readCommitGhost } from './command-reader.ts';
import { writeCommitGhost } from './command-writer.ts';
import { CodecDamage } from './damage.ts';
import { readGate, writeGate } from './gate.ts';
import { itemField } from './snapshot-items.ts';
import type { SnapshotItems } from './snapshot-items.ts';
import type { WireReader } from './wire-reader.ts';
import type { WireWriter } from './wire-writer.ts';

export function writeStandings(writer: WireWriter, field: number, gates: readonly GateStanding[]): void {
  for (const { gate, approval } of gates) {
    const mark = writer.open(field, 96);
    writeGate(writer, 1, gate);
    if (approval !== null) {
      writer.uint(2, approval.edition);
      writer.boolean(3, true);
      writer.text(4, approval.author);
      writer.text(5, approval.reason);
      writer.uint(6, approval.timeMs);
    }
    writer.close(mark);
  }
}

export function readStanding(reader: WireReader): GateStanding {
  const outer = reader.enter();
  let gate: Gate | undefined;
  let isApproved = false;
  const read = { edition: 0, author: '', reason: '', timeMs: 0 };
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) gate = readGate(reader);
    else if (field === 2) read.edition = reader.uint();
    else if (field === 3) isApproved = reader.boolean();
    else if (field === 4) read.author = reader.repeatedText();
    else if (field === 5) read.reason = reader.text();
    else if (field === 6) read.timeMs = reader.uint();
    else reader.unknown('SnapshotGate');
  }
  reader.leave(outer);
  if (gate === undefined) throw new CodecDamage('a standing without its gate');
  const approval: Approval | null = isApproved ? read : null;
  return { gate, approval };
}

export function writePending(writer: WireWriter, field: number, pending: PendingCommitInfo | null): void {
  if (pending === null) return;
  const mark = writer.open(field, 64);
  const inner = writer.open(1, 48);
  writeCommitGhost(writer, pending.command);
  writer.close(inner);
  writer.text(2, pending.command.author);
  writer.uint(3, pending.timeMs);
  writer.close(mark);
}

export function readPending(reader: WireReader): PendingCommitInfo {
  const outer = reader.enter();
  let body: Omit<CommitGhost, 'author' | 'request'> | undefined;
  let author = '';
  let timeMs = 0;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) body = readInner(reader);
    else if (field === 2) author = reader.repeatedText();
    else if (field === 3) timeMs = reader.uint();
    else reader.unknown('SnapshotCommit');
  }
  reader.leave(outer);
  if (body === undefined) throw new CodecDamage('a commit that waits, and does not say for what');
  return { command: { ...body, author, request: null }, timeMs };
}

function readInner(reader: WireReader): Omit<CommitGhost, 'author' | 'request'> {
  const outer = reader.enter();
  const body = readCommitGhost(reader);
  reader.leave(outer);
  return body;
}

export function writeRace(items: SnapshotItems, race: Readonly<Omit<Race, 'members'>>): void {
  const { writer } = items;
  items.open(itemField.race, 64);
  writer.text(1, race.id);
  writer.uint(2, race.attemptsMax);
  writer.uint(3, race.attempts);
  writer.text(4, race.winnerId);
  writer.uint(5, race.position);
  items.close();
}

/** A race as it is written: without its members, which say themselves that they are. */
export function readRace(reader: WireReader): Race {
  const race = { id: '', attemptsMax: 0, attempts: 0, winnerId: '', position: 0 };
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) race.id = reader.text();
    else if (field === 2) race.attemptsMax = reader.uint();
    else if (field === 3) race.attempts = reader.uint();
    else if (field === 4) race.winnerId = reader.text();
    else if (field === 5) race.position = reader.uint();
    else reader.unknown('SnapshotRace');
  }
  if (race.id === '') throw new CodecDamage('a race without an id');
  return { ...race, members: new Set() };
}
