/** What of a forest at work is otherwise where it is shared with other brokers. */
import { resultInSlices } from '../../base/slices.ts';
import type { SnapshotTaken } from '../../codec/agreed-entry.ts';
import { JournalDamage } from '../../journal/journal.ts';
import type { Provenance } from '../../provenance/provenance.ts';
import type { Command, RequestKey } from '../../state/command.ts';
import type { ForestState } from '../../state/forest.ts';
import { forestHashSteps } from '../../state/state-hash.ts';
import type { Rejection } from '../../state/outcome.ts';
import type { Compacted } from '../forest.ts';
import type { History } from '../history.ts';
import type { Lifetimes } from '../lifetimes.ts';
import type { AgreedOptions, LiveForestOptions } from '../live-forest-options.ts';
import { underNewestRules } from '../newest-rules.ts';
import type { RetainedHistory } from '../retained-history.ts';
import type { Settle, Settled } from '../settled.ts';
import type { WritePath } from '../write-path.ts';
import { AgreedWrites } from './agreed-writes.ts';
import { overtaken } from './log-refusals.ts';
import { LogTable } from './log-table.ts';
import { SnapshotSharing } from './snapshot-sharing.ts';

/** The parts of a forest that work with the log. */
export interface AgreedParts {
  readonly writes: WritePath;
  readonly state: ForestState;
  readonly history: History;
  readonly lifetimes: Lifetimes;
  readonly retained: RetainedHistory;
  readonly provenance: Provenance;
  /** Tries the commit of an approved ghost again later. */
  readonly onHeldUp: (ghostId: string) => void;
  /** The name of this replica: another one at each start. */
  readonly replica: string;
}

/** The way of writes through a log, and the sharing of snapshots beside it. */
export function agreedWritesOf(
  agreed: AgreedOptions,
  { name, clock, journal, snapshotJournalBytes: snapshotBytes }: LiveForestOptions,
  parts: AgreedParts,
): AgreedWrites {
  const { shared } = agreed;
  const table = new LogTable(parts.state, shared?.table);
  const announce = (taken: SnapshotTaken): void => writes.announce(taken);
  const basePosition = shared?.basePosition ?? 0;
  const sharing = new SnapshotSharing({
    ...{ ...agreed, ...parts, clock, journal, table, basePosition, announce },
  });
  agreed.onComparing?.(() => sharing.compared());
  const sequence = shared?.sequence ?? 0;
  const own = { forest: name, clock, table, sequence, sharing, snapshotBytes };
  const writes = new AgreedWrites({ ...agreed, ...parts, ...own });
  agreed.onRestores?.(writes.restores);
  return writes;
}

/** Proposes a command, and tells what came of it. */
type Submit = (command: Command, settle: Settle) => void;

export interface Submissions {
  /** Of what holds for any state. */
  readonly submit: Submit;
  /** Of what was worked out from the trunk as it is now: where that is another one at the command's place, it is `overtaken`. */
  readonly submitAt: Submit;
  /** Of what `make` works out in the turn in which it goes; `null`, or where others came in between: it is `overtaken`. */
  readonly submitLate: (make: () => Command | null, settle: Settle) => void;
}

/** How commands are proposed that hold for one state only. A forest of this broker alone applies them in the turn in which they are. */
export function submissionsOf(agreed: AgreedWrites | null, state: ForestState, submit: Submit): Submissions {
  if (agreed !== null) {
    const submitAt: Submit = (command, settle) =>
      agreed.submit(underNewestRules(command, agreed), settle, false, state.revision);
    return { submit, submitAt, submitLate: (make, settle) => agreed.submitLate(make, settle) };
  }
  const submitLate: Submissions['submitLate'] = (make, settle) => {
    const command = make();
    if (command === null) settle({ outcome: overtaken, repeated: false });
    else submit(command, settle);
  };
  return { submit, submitAt: submit, submitLate };
}

/** Applies what the log holds. Behind that, and while it is served, it looks whether the state that it began with is what the shared snapshot was taken of. */
export async function startAgreed(
  writes: AgreedWrites,
  state: ForestState,
  { agreed, clock }: Pick<LiveForestOptions, 'agreed' | 'clock'>,
): Promise<void> {
  const shared = agreed?.shared ?? null;
  const hashing = forestHashSteps(state);
  await writes.start();
  if (agreed === undefined || shared === null) return;
  const { onFatal } = agreed;
  const message = `the shared snapshot at position ${shared.position} is not what it was taken of`;
  void resultInSlices(hashing, clock).then((hash) => {
    if (hash !== shared.stateHash) onFatal(new JournalDamage(message));
  }, onFatal);
}

/** Gives up history below a revision; every replica lets go of it by itself, behind the snapshot that is shared next. */
export async function giveUpTogether(
  {
    state,
    retained,
    propose,
  }: {
    readonly state: ForestState;
    readonly retained: RetainedHistory;
    readonly propose: (command: Command) => Promise<Settled>;
  },
  revision: number,
  request: RequestKey | null,
): Promise<Compacted | Rejection> {
  const { outcome, repeated } = await propose({ kind: 'compact', revision, author: '', request });
  if (outcome.kind === 'rejected') return outcome;
  await retained.findOldestPosition();
  const compactedRevision = outcome.kind === 'compacted' ? outcome.revision : state.compactedRevision;
  return { compactedRevision, freedBytes: 0, repeated };
}
