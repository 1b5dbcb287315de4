/** Commands that hold only as long as nobody objects to them, in a log that several brokers share. */
import { objectionTriesMax } from '../../base/limits.ts';
import type { Command } from '../../state/command.ts';
import { reject } from '../../state/outcome.ts';
import type { Rejection } from '../../state/outcome.ts';
import type { Objection, Settle } from '../settled.ts';
import type { AgreedWrites } from './agreed-writes.ts';
import { overtaken } from './log-refusals.ts';

/**
 * Proposes a command. What is objected to follows from the state, and that may be another one at the command's place: it holds for the state in which
 * nothing was objected to, and is tried again where others came in between.
 */
export function submitAgreed(
  agreed: AgreedWrites,
  command: Command,
  settle: Settle,
  givesWay: boolean,
  objection: Objection | null,
): void {
  if (objection === null) {
    agreed.submit(command, settle, givesWay);
    return;
  }
  let [tries, refused]: [number, Rejection | null] = [0, null];
  const make = (): Command | null => {
    refused = objection();
    return refused === null ? command : null;
  };
  const next = (): void => {
    tries += 1;
    agreed.submitLate(make, told, givesWay);
  };
  const told: Settle = (settled) => {
    if (settled.outcome !== overtaken) settle(settled);
    else if (refused === null && tries < objectionTriesMax) next();
    else settle({ outcome: refused ?? neverAlone, repeated: false });
  };
  next();
}

const neverAlone = reject(
  'CONFLICT',
  `others wrote in each of ${objectionTriesMax} attempts, and what may be done here depends on what they write; repeat it when less is written`,
  { conflicts: 0 },
);
