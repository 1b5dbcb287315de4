/** What requests say of locks. */
import { fencingTokensMax, lockTargetsMax } from '../../base/limits.ts';
import type { LockTarget as TargetMessage } from '../../gen/hyperloom/v1/lock_pb.ts';
import type { LockTarget } from '../../state/locks/lock.ts';
import { formatPath, isWithin } from '../../trie/path.ts';
import { checkCount, checkEnum, checkPath, toNumber } from '../checks.ts';
import { violation } from '../errors.ts';

const modes = [undefined, 's', 'x', 'six'] as const;

/** The targets of a request: at least one, none within another. */
export function targetsFrom(messages: readonly TargetMessage[]): LockTarget[] {
  checkCount(messages.length, 'targets', 'lockTargetsMax', lockTargetsMax, 1);
  const targets = messages.map(({ path, mode }, index) => ({
    path: checkPath(path, `targets[${index}].path`),
    mode: checkEnum(mode, modes, `targets[${index}].mode`),
  }));
  targets.forEach(({ path }, index) => {
    const outer = targets.findIndex((other, at) => at !== index && isWithin(path, other.path));
    if (outer < 0) return;
    const [inside, around] = [formatPath(path), formatPath(targets[outer]?.path ?? [])];
    violation(`targets[${index}].path`, `${inside} lies within ${around}, which is asked for as well`);
  });
  return targets;
}

/** Fencing tokens of a write, as a part of its command. */
export function fencedBy(tokens: readonly bigint[]): { readonly fencingTokens?: readonly number[] } {
  checkCount(tokens.length, 'fencing_tokens', 'fencingTokensMax', fencingTokensMax);
  return tokens.length === 0 ? {} : { fencingTokens: tokens.map(toNumber) };
}
