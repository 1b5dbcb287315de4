/** Gates ↔ `Gate`, and reviews ↔ `ReviewGhost`. */
import { unreachable } from '../base/assert.ts';
import type { ReviewGhost } from '../state/command.ts';
import type { Gate } from '../state/ghosts/gate.ts';
import { formatPattern, parsePattern } from '../trie/pattern.ts';
import type { Pattern } from '../trie/pattern.ts';
import type { CommandBody } from './command-body.ts';
import { CodecDamage } from './damage.ts';
import type { WireReader } from './wire-reader.ts';
import type { WireWriter } from './wire-writer.ts';

type OnViolation = Extract<Gate, { kind: 'schema' }>['onViolation'];

const onViolations = ['revert', 'collect'] as const;
const onViolationNumber = { revert: 1, collect: 2 } as const satisfies Record<OnViolation, number>;

/** Writes a gate as a field of what is being written. */
export function writeGate(writer: WireWriter, field: number, gate: Gate): void {
  const mark = writer.open(field, 64);
  switch (gate.kind) {
    case 'limit': {
      const inner = writer.open(1, 48);
      for (const pattern of gate.patterns) writer.textAlways(1, formatPattern(pattern));
      writer.uint(2, gate.operationsMax);
      writer.uint(3, gate.bytesMax);
      writer.close(inner);
      break;
    }
    case 'review':
      writer.textAlways(2, gate.reviewer);
      break;
    case 'schema':
      writer.uint(3, onViolationNumber[gate.onViolation]);
      break;
    default:
      unreachable(gate);
  }
  writer.close(mark);
}

export function readGate(reader: WireReader): Gate {
  const outer = reader.enter();
  let gate: Gate | undefined;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) gate = readLimit(reader);
    else if (field === 2) gate = { kind: 'review', reviewer: reader.text() };
    else if (field === 3) gate = { kind: 'schema', onViolation: readOnViolation(reader) };
    else reader.unknown('Gate');
  }
  reader.leave(outer);
  if (gate === undefined) throw new CodecDamage('a gate of no kind');
  return gate;
}

function readOnViolation(reader: WireReader): OnViolation {
  const number = reader.uint();
  const known = onViolations.find((each) => onViolationNumber[each] === number);
  if (known === undefined) throw new CodecDamage(`a schema gate that does ${number}`);
  return known;
}

function readLimit(reader: WireReader): Gate {
  const outer = reader.enter();
  const patterns: Pattern[] = [];
  let operationsMax = 0;
  let bytesMax = 0;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) patterns.push(patternFrom(reader.text()));
    else if (field === 2) operationsMax = reader.uint();
    else if (field === 3) bytesMax = reader.uint();
    else reader.unknown('LimitGate');
  }
  reader.leave(outer);
  return { kind: 'limit', patterns, operationsMax, bytesMax };
}

function patternFrom(text: string): Pattern {
  const pattern = parsePattern(text);
  if ('problem' in pattern) throw new CodecDamage(`a gate with a pattern that is none: ${pattern.problem}`);
  return pattern;
}

export function writeReview(writer: WireWriter, review: ReviewGhost): void {
  writer.text(1, review.ghostId);
  writer.text(2, review.reviewer);
  writer.uint(3, review.edition);
  writer.boolean(4, review.approved);
  writer.text(5, review.reason);
}

export function readReview(reader: WireReader): CommandBody {
  const review = { ghostId: '', reviewer: '', edition: 0, approved: false, reason: '' };
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) review.ghostId = reader.text();
    else if (field === 2) review.reviewer = reader.text();
    else if (field === 3) review.edition = reader.uint();
    else if (field === 4) review.approved = reader.boolean();
    else if (field === 5) review.reason = reader.text();
    else reader.unknown('ReviewGhost');
  }
  return { kind: 'review_ghost', ...review };
}
