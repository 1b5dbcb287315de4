/**
 * Journal entries ↔ bytes: a command with its time, and what came of it. The layout is the message `Record` of
 * `hyperloom/journal/v1/record.proto`, byte for byte as protobuf-es would write it. The position is not in it: the journal
 * knows it.
 */
import type { Command, Proposal, RequestKey } from '../state/command.ts';
import type { Effects } from '../state/forest.ts';
import type { StagedDiff } from '../state/ghosts/ghost.ts';
import type { LockChange } from '../state/locks/lock.ts';
import type { Rejection } from '../state/outcome.ts';
import type { Path } from '../trie/path.ts';
import { readCommand } from './command-reader.ts';
import type { CommandBody } from './command-body.ts';
import { commandField, writeCommand } from './command-writer.ts';
import { CodecDamage } from './damage.ts';
import { parseOutcome } from './ghost-reader.ts';
import { readLockChange, writeLockChange } from './lock-command.ts';
import { readStagedDiff, writeStagedDiff } from './staged-diff.ts';
import { WireReader } from './wire-reader.ts';
import { WireWriter } from './wire-writer.ts';

const writer = new WireWriter();
const reader = new WireReader();

/** The bytes of a record. They are valid until the next call only: the journal copies them into its buffer anyway. */
export function encodeRecord(proposal: Proposal, effects: Effects): Uint8Array {
  const { command, timeMs } = proposal;
  writer.reset();
  writer.uint(1, timeMs);
  writer.uint(2, effects.revision);
  writer.uint(3, effects.sequence);
  writer.boolean(4, effects.rejected);
  // Fields stand in the order of their numbers; newer commands have greater ones.
  const number = commandField[command.kind];
  if (number < 14) writeCommand(writer, command);
  writer.text(14, command.author);
  if (command.request !== null) {
    writer.text(15, command.request.id);
    writer.fixed32(16, command.request.fingerprint);
  }
  for (const sum of effects.sums) writer.textAlways(17, sum);
  for (const diff of effects.committed) writeStagedDiff(writer, 18, diff);
  for (const id of effects.endedGhostIds) writer.textAlways(19, id);
  writer.uint(20, effects.droppedOperations);
  writer.text(21, effects.checkpoint);
  writer.text(22, effects.parentId);
  if (number > 22 && number < 30) writeCommand(writer, command);
  for (const change of effects.lockChanges) writeLockChange(writer, 30, change);
  for (const path of effects.deletedPaths) writer.path(31, path);
  writer.boolean(32, effects.commitPending);
  if ('ghostId' in command && command.ghostId !== '') writer.uint(33, proposal.run ?? 0);
  if (number > 33 && number < 36) writeCommand(writer, command);
  if (effects.refusal !== null) writer.text(36, JSON.stringify(effects.refusal));
  if (number > 36) writeCommand(writer, command);
  if (command.traceParent !== undefined) writer.text(38, command.traceParent);
  return writer.view();
}

/** The revision that a record made, or 0, read from its first fields alone. Throws {@link CodecDamage} where they are none. */
export function revisionOfRecord(bytes: Uint8Array): number {
  reader.reset(bytes);
  for (let field = reader.next(); field === 1 || field === 2; field = reader.next()) {
    const number = reader.uint();
    if (field === 2) return number;
  }
  return 0;
}

/** What {@link encodeRecord} was given. Throws {@link CodecDamage} where `bytes` are no record. */
export function decodeRecord(bytes: Uint8Array, position: number): { proposal: Proposal; effects: Effects } {
  reader.reset(bytes);
  let timeMs = 0;
  let revision = 0;
  let sequence = 0;
  let rejected = false;
  let body: CommandBody | undefined;
  let author = '';
  let requestId = '';
  let fingerprint = 0;
  const sums: string[] = [];
  const committed: StagedDiff[] = [];
  const endedGhostIds: string[] = [];
  let droppedOperations = 0;
  let checkpoint = '';
  let parentId = '';
  const lockChanges: LockChange[] = [];
  const deletedPaths: Path[] = [];
  let commitPending = false;
  let run = 0;
  let refusal: Rejection | null = null;
  let traceParent = '';
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    switch (field) {
      case 1:
        timeMs = reader.uint();
        break;
      case 2:
        revision = reader.uint();
        break;
      case 3:
        sequence = reader.uint();
        break;
      case 4:
        rejected = reader.boolean();
        break;
      case 14:
        author = reader.repeatedText();
        break;
      case 15:
        requestId = reader.text();
        break;
      case 16:
        fingerprint = reader.fixed32();
        break;
      case 17:
        sums.push(reader.text());
        break;
      case 18:
        committed.push(readStagedDiff(reader));
        break;
      case 19:
        endedGhostIds.push(reader.repeatedText());
        break;
      case 20:
        droppedOperations = reader.uint();
        break;
      case 21:
        checkpoint = reader.repeatedText();
        break;
      case 22:
        parentId = reader.text();
        break;
      case 30:
        lockChanges.push(readLockChange(reader));
        break;
      case 31:
        deletedPaths.push(reader.path());
        break;
      case 32:
        commitPending = reader.boolean();
        break;
      case 33:
        run = reader.uint();
        break;
      case 36:
        refusal = readRefusal(reader);
        break;
      case 38:
        traceParent = reader.text();
        break;
      default:
        body = readCommand(reader, kinds[field] ?? reader.unknown('Record'));
    }
  }
  if (body === undefined) throw new CodecDamage('a record without a command');
  const sent = send(body, author, requestId === '' ? null : { id: requestId, fingerprint });
  const command = traceParent === '' ? sent : { ...sent, traceParent };
  return {
    proposal: run === 0 ? { position, timeMs, command } : { position, timeMs, run, command },
    effects: {
      rejected,
      revision,
      sequence,
      sums,
      committed,
      endedGhostIds,
      droppedOperations,
      checkpoint,
      parentId,
      lockChanges,
      deletedPaths,
      commitPending,
      refusal,
    },
  };
}

function readRefusal(from: WireReader): Rejection {
  const outcome = parseOutcome(from.text());
  if (outcome.kind !== 'rejected') throw new CodecDamage(`a refusal that says ${outcome.kind}`);
  return outcome;
}

/** Kinds of commands by their field number. */
const kinds: readonly (Command['kind'] | undefined)[] = kindsByField();

function kindsByField(): (Command['kind'] | undefined)[] {
  const byField: (Command['kind'] | undefined)[] = [];
  for (const [kind, field] of Object.entries(commandField)) byField[field] = kind as Command['kind'];
  return byField;
}

/** Completes a command by who sent it. */
function send(body: CommandBody, author: string, request: RequestKey | null): Command {
  return { ...body, author, request };
}
