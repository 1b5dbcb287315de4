/** The `command` of a `Record` → commands, still without author and request, which stand in the record itself. */
import type { BasisEntry, Command, CommitGhost, Operation, Precondition } from '../state/command.ts';
import type { Migration } from '../state/schemas/schema.ts';
import type { Gate } from '../state/ghosts/gate.ts';
import type { Path } from '../trie/path.ts';
import type { CommandBody } from './command-body.ts';
import { readRevertCascade } from './cascade-command.ts';
import { readBasisEntry, readPrecondition } from './condition.ts';
import { readGate, readReview } from './gate.ts';
import { readLockCommand } from './lock-command.ts';
import { readOperation } from './operation.ts';
import { readMigration, readSchemaCommand } from './schema-command.ts';
import type { WireReader } from './wire-reader.ts';

export function readCommand(reader: WireReader, kind: Command['kind']): CommandBody {
  const outer = reader.enter();
  const body = readBody(reader, kind);
  reader.leave(outer);
  return body;
}

function readBody(reader: WireReader, kind: Command['kind']): CommandBody {
  switch (kind) {
    case 'publish':
      return readPublish(reader);
    case 'begin_ghost':
      return readBeginGhost(reader);
    case 'checkpoint_ghost':
      return readCheckpointGhost(reader);
    case 'commit_ghost':
      return readCommitGhost(reader);
    case 'rewind_ghost': {
      const { first: ghostId, second: checkpoint, third: reason } = readTexts(reader, kind, 3);
      return { kind, ghostId, checkpoint, reason };
    }
    case 'revert_ghost': {
      const { first: ghostId, second: reason } = readTexts(reader, kind, 2);
      return { kind, ghostId, reason };
    }
    case 'expire_ghost':
      return { kind, ghostId: readTexts(reader, kind, 1).first };
    case 'review_ghost':
      return readReview(reader);
    case 'revert_revision':
      return readRevertRevision(reader);
    case 'revert_cascade':
      return readRevertCascade(reader);
    case 'compact':
      return readCompact(reader);
    case 'register_schema':
    case 'set_unbound_paths':
      return readSchemaCommand(reader, kind);
    default:
      return readLockCommand(reader, kind);
  }
}

function readPublish(reader: WireReader): CommandBody {
  let ghostId = '';
  let label = '';
  const operations: Operation[] = [];
  const preconditions: Precondition[] = [];
  const basis: BasisEntry[] = [];
  const fencingTokens: number[] = [];
  let edition = 0;
  let bindingsByPath = false;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    switch (field) {
      case 1:
        ghostId = reader.repeatedText();
        break;
      case 2:
        operations.push(readOperation(reader));
        break;
      case 3:
        preconditions.push(readPrecondition(reader));
        break;
      case 4:
        label = reader.repeatedText();
        break;
      case 5:
        basis.push(readBasisEntry(reader));
        break;
      case 6:
        reader.uints(fencingTokens);
        break;
      case 7:
        edition = reader.uint();
        break;
      case 8:
        bindingsByPath = reader.boolean();
        break;
      default:
        reader.unknown('Publish');
    }
  }
  const body = { kind: 'publish', ghostId, operations, preconditions, label, basis } as const;
  if (fencingTokens.length === 0 && edition === 0 && !bindingsByPath) return body;
  return {
    ...body,
    ...(bindingsByPath ? { bindingsByPath } : {}),
    ...(fencingTokens.length === 0 ? {} : { fencingTokens }),
    ...(edition === 0 ? {} : { edition }),
  };
}

function readBeginGhost(reader: WireReader): CommandBody {
  let ghostId = '';
  let scope: Path = [];
  let baseRevision = 0;
  let parentId = '';
  let ttlMs = 0;
  let label = '';
  const gates: Gate[] = [];
  const more: {
    raceId?: string;
    attemptsMax?: number;
    leaseId?: string;
    parentEdition?: number;
    migration?: Migration;
  } = {};
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    switch (field) {
      case 1:
        ghostId = reader.repeatedText();
        break;
      case 2:
        scope = reader.path();
        break;
      case 3:
        baseRevision = reader.uint();
        break;
      case 4:
        parentId = reader.repeatedText();
        break;
      case 5:
        ttlMs = reader.uint();
        break;
      case 6:
        label = reader.repeatedText();
        break;
      case 7:
        gates.push(readGate(reader));
        break;
      case 8:
        more.raceId = reader.repeatedText();
        break;
      case 9:
        more.attemptsMax = reader.uint();
        break;
      case 10:
        more.leaseId = reader.text();
        break;
      case 11:
        more.parentEdition = reader.uint();
        break;
      case 12:
        more.migration = readMigration(reader);
        break;
      default:
        reader.unknown('BeginGhost');
    }
  }
  const body = {
    kind: 'begin_ghost',
    ghostId,
    scope,
    baseRevision,
    parentId,
    ttlMs,
    label,
    ...more,
  } as const;
  return gates.length === 0 ? body : { ...body, gates };
}

function readCheckpointGhost(reader: WireReader): CommandBody {
  let ghostId = '';
  let name = '';
  let edition = 0;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) ghostId = reader.repeatedText();
    else if (field === 2) name = reader.repeatedText();
    else if (field === 3) edition = reader.uint();
    else reader.unknown('CheckpointGhost');
  }
  const body = { kind: 'checkpoint_ghost', ghostId, name } as const;
  return edition === 0 ? body : { ...body, edition };
}

/** Reads the content of a `CommitGhost`. */
export function readCommitGhost(reader: WireReader): Omit<CommitGhost, 'author' | 'request'> {
  let ghostId = '';
  let serializable = false;
  let label = '';
  const fencingTokens: number[] = [];
  let approvedEdition = 0;
  let edition = 0;
  const basis: BasisEntry[] = [];
  let [readsInViews, bindingsByPath] = [false, false];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) ghostId = reader.repeatedText();
    else if (field === 2) serializable = reader.boolean();
    else if (field === 3) label = reader.repeatedText();
    else if (field === 4) reader.uints(fencingTokens);
    else if (field === 5) approvedEdition = reader.uint();
    else if (field === 6) edition = reader.uint();
    else if (field === 7) basis.push(readBasisEntry(reader));
    else if (field === 8) readsInViews = reader.boolean();
    else if (field === 9) bindingsByPath = reader.boolean();
    else reader.unknown('CommitGhost');
  }
  const isolation = serializable ? 'serializable' : 'writes';
  return {
    kind: 'commit_ghost',
    ghostId,
    isolation,
    ...(readsInViews ? { readsInViews } : {}),
    ...(bindingsByPath ? { bindingsByPath } : {}),
    label,
    ...(fencingTokens.length === 0 ? {} : { fencingTokens }),
    ...(approvedEdition === 0 ? {} : { approvedEdition }),
    ...(edition === 0 ? {} : { edition }),
    ...(basis.length === 0 ? {} : { basis }),
  };
}

function readRevertRevision(reader: WireReader): CommandBody {
  let revision = 0;
  const operations: Operation[] = [];
  const preconditions: Precondition[] = [];
  let reason = '';
  const fencingTokens: number[] = [];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) revision = reader.uint();
    else if (field === 2) operations.push(readOperation(reader));
    else if (field === 3) reason = reader.text();
    else if (field === 4) preconditions.push(readPrecondition(reader));
    else if (field === 5) reader.uints(fencingTokens);
    else reader.unknown('RevertRevision');
  }
  const body = { kind: 'revert_revision', revision, operations, preconditions, reason } as const;
  return fencingTokens.length === 0 ? body : { ...body, fencingTokens };
}

function readCompact(reader: WireReader): CommandBody {
  let revision = 0;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) revision = reader.uint();
    else reader.unknown('Compact');
  }
  return { kind: 'compact', revision };
}

/** Reads a message of `count` texts with the field numbers 1 to `count`. */
function readTexts(
  reader: WireReader,
  message: string,
  count: number,
): { first: string; second: string; third: string } {
  const texts = { first: '', second: '', third: '' };
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field > count) reader.unknown(message);
    else if (field === 1) texts.first = reader.repeatedText();
    else if (field === 2) texts.second = reader.repeatedText();
    else texts.third = reader.repeatedText();
  }
  return texts;
}
