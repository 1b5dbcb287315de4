/** How a command ends when it does not succeed: what is told, and which of the exit codes it is. */
import { getSystemErrorMessage } from 'node:util';

import {
  ConflictError,
  DeadlockError,
  HyperloomError,
  type Conflict,
  type DeadlockMember,
} from '../../clients/typescript/src/index.ts';
import { adviceOn } from './advice.ts';
import { endingOf, exitCodes, type Ending } from './exit-codes.ts';
import { visible, visibleLines } from './output/text.ts';

/** The command was used wrongly. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The command has told itself what would be refused, and there is nothing more to say. */
export class RefusedHere extends Error {
  override readonly name = 'RefusedHere';
}

/** What was asked for cannot be done, by what the command found itself; `ending` says which exit code that is. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
  readonly ending: Ending;

  constructor(ending: Ending, message: string) {
    super(message);
    this.ending = ending;
  }
}

/** Whoever read the output has gone away: nothing is left to do, and nothing is wrong. */
export class OutputClosed extends Error {
  override readonly name = 'OutputClosed';
}

/** What is told, and the exit code. */
export interface Failure {
  readonly exitCode: number;
  /** Lines for standard error. Empty: there is nothing to say. */
  readonly message: string;
}

/** Explains an error to the person in front of the terminal. */
export function failureOf(error: unknown, address: string): Failure {
  if (error instanceof OutputClosed) return failure('done', '');
  if (error instanceof RefusedHere) return failure('negative', '');
  if (error instanceof UsageError) return failure('usage', `error: ${error.message}`);
  if (error instanceof Stopped) return failure(error.ending, `error: ${error.message}`);
  if (error instanceof HyperloomError) {
    if (isUnreachable(error)) return failure('unavailable', unreachable(error, address));
    return failure(endingOf[error.code], refusal(error));
  }
  if (isSystemError(error)) return failure('file', `error: ${systemText(error)}`);
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return failure('defect', `this is a defect in hyperloom's command line, please report it:\n${text}`);
}

/** Messages of the broker may name what agents have called things. */
function failure(ending: Ending, message: string): Failure {
  return { exitCode: exitCodes[ending].code, message: visibleLines(message) };
}

/** The broker gives a reason whenever it refuses; without one the call did not get there. */
function isUnreachable(error: HyperloomError): boolean {
  const { code, reason } = error;
  return (code === 'UNAVAILABLE' && reason === '') || (code === 'DEADLINE_EXCEEDED' && reason === '');
}

function unreachable(error: HyperloomError, address: string): string {
  // Where it would have been is said already.
  const why = error.message.replace(/^no connection to the broker at \S+: /, '');
  return [
    `error: no broker answers at ${address}: ${why}`,
    'Start one with "hyperloom serve", or name another with --address HOST:PORT, HYPERLOOM_ADDRESS or a profile.',
  ].join('\n');
}

function refusal(error: HyperloomError): string {
  const what = error.reason === '' ? error.code : error.reason;
  const lines = [`refused: ${error.message} (${what})`];
  for (const { field, description } of error.violations) {
    const told = `${field}: ${description}`;
    // Of one violation alone the message says the same.
    if (told !== error.message) lines.push(`  ${told}`);
  }
  if (error instanceof ConflictError) {
    lines.push(...error.conflicts.map(conflictLine));
    const more = error.total - error.conflicts.length;
    if (more > 0) lines.push(`  and ${more} more`);
  }
  if (error instanceof DeadlockError) lines.push(...error.circle.map(circleLine));
  const advice = adviceOn(error.reason);
  if (advice !== '') lines.push(advice);
  return lines.join('\n');
}

/** Each waits for the next, and the last for the first. */
function circleLine({ author, leaseId, targets }: DeadlockMember): string {
  const what = targets.map(({ path, mode }) => `${visible(path)} (${mode})`).join(', ');
  return `  ${author === '' ? `lease ${leaseId}` : visible(author)} waits for ${what}`;
}

function conflictLine({ path, kind, message }: Conflict): string {
  return `  ${path}: ${message === '' ? `conflict of ${kind}` : message}`;
}

/** Such as `notes.txt: no such file or directory (ENOENT)`. */
function systemText({ path, code, errno, message }: NodeJS.ErrnoException): string {
  return path === undefined || errno === undefined
    ? message
    : `${path}: ${getSystemErrorMessage(errno)} (${code})`;
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error && 'code' in error;
}
