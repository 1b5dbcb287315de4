/** Rules that are newer than old records: a command says which of them it is under, and old ones are judged as ever. */
import { bindingsFormat, readsFormat } from '../codec/agreed-format.ts';
import type { Command, CommitGhost } from '../state/command.ts';
import type { FencedCommand } from '../state/locks/fencing.ts';
import type { AgreedWrites } from './agreed/agreed-writes.ts';

/** The log of a forest that brokers share; `null` where no other broker writes. */
type Log = Pick<AgreedWrites, 'format'> | null;

/** A command under the newest rules that all who apply it know. */
export function underNewestRules(command: FencedCommand, log: Log): FencedCommand;
export function underNewestRules(command: Command, log: Log): Command;
export function underNewestRules(command: Command, log: Log): Command {
  if (command.kind === 'commit_ghost') return commitUnderNewestRules(command, log);
  if (command.kind !== 'publish') return command;
  const isBinding = command.operations.some((each) => each.kind === 'put' && each.leaseId !== undefined);
  return isBinding && isKnown(log, bindingsFormat) ? { ...command, bindingsByPath: true } : command;
}

/** As {@link underNewestRules}. */
export function commitUnderNewestRules(command: CommitGhost, log: Log): CommitGhost {
  const isReading = command.isolation === 'serializable';
  return {
    ...command,
    ...(isReading && isKnown(log, readsFormat) ? { readsInViews: true } : {}),
    ...(isKnown(log, bindingsFormat) ? { bindingsByPath: true } : {}),
  };
}

function isKnown(log: Log, format: number): boolean {
  return log === null || log.format.inForce.format >= format;
}
