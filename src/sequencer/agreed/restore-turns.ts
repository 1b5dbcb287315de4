/**
 * A restore into a forest that brokers share already, and that nothing is in:
 *
 *   parts of the backup, read back … the object that says which they are … an entry of the log that names it
 *     → every replica, at the entry's place: is anything in the forest? … if not, it closes the forest, and opens it anew with what that object says
 *
 * Before the entry has its place nothing has happened, and nobody refers to what was stored; from there on it has happened, for everybody and after
 * every crash. Who asks again under the same request id is told so: the log's table says what the forest began anew with.
 */
import type { AgreedEntry, RestoredFrom } from '../../codec/agreed-entry.ts';
import { boundsFormat } from '../../codec/agreed-format.ts';
import type { LogTableContent } from '../../codec/shared-snapshot.ts';
import type { RequestKey } from '../../state/command.ts';
import type { ForestState } from '../../state/forest.ts';
import { reject } from '../../state/outcome.ts';
import type { Rejection } from '../../state/outcome.ts';
import { reusedId } from '../../state/requests.ts';
import type { ForestSettled } from '../forest.ts';
import { away, notYetKnown } from './log-refusals.ts';
import type { LogTable } from './log-table.ts';

/** Where a forest begins anew. */
export interface RestoredPlace {
  /** The last entry that is behind it. */
  readonly sequence: number;
  /** What it begins anew with. */
  readonly object: string;
  /** What is known of the log there. */
  readonly table: LogTableContent;
}

export interface RestoreTurnsOptions {
  readonly forest: string;
  readonly state: ForestState;
  readonly table: LogTable;
  /** Why nothing is taken at the moment; `null` while it is. */
  readonly refusal: () => Rejection | null;
  /** The next entry has something to say. */
  readonly schedule: () => void;
  /** Told in the tick in which the forest begins anew elsewhere: nothing of the log is applied to this state any more. */
  readonly onRestored: (place: RestoredPlace) => void;
}

interface Asked {
  readonly restored: RestoredFrom;
  readonly settle: (settled: ForestSettled) => void;
  isSent: boolean;
}

export class RestoreTurns {
  readonly #options: RestoreTurnsOptions;
  /** By object. */
  readonly #asked = new Map<string, Asked>();

  constructor(options: RestoreTurnsOptions) {
    this.#options = options;
  }

  /** Whether brokers that share the log know what is asked for. */
  get isKnown(): boolean {
    return this.#options.table.format.inForce.format >= boundsFormat;
  }

  get hasNews(): boolean {
    return this.#next !== undefined;
  }

  /** What came of a request that has taken effect; `null` where none of that id has. */
  answerTo(request: RequestKey | null): ForestSettled | null {
    const { forest, table } = this.#options;
    const known = table.restored?.request;
    if (known === undefined || known.id === '' || known.id !== request?.id) return null;
    const isSame = known.fingerprint === request.fingerprint;
    return { outcome: isSame ? { kind: 'forest_restored', forest } : reusedId(known.id), repeated: true };
  }

  /** Proposes that the forest begins anew with what was stored. */
  ask(restored: RestoredFrom): Promise<ForestSettled> {
    const { table, schedule, refusal } = this.#options;
    const { format } = table.format.inForce;
    const refused = refusal() ?? (this.isKnown ? null : notYetKnown(boundsFormat, format));
    if (refused !== null) return Promise.resolve({ outcome: refused, repeated: false });
    return new Promise((settle) => {
      this.#asked.set(restored.object, { restored, settle, isSent: false });
      schedule();
    });
  }

  /** What the next entry says. */
  takeNews(): Pick<AgreedEntry, 'restored'> {
    const next = this.#next;
    if (next !== undefined) next.isSent = true;
    return { restored: next?.restored ?? null };
  }

  /** Tells all who wait that the log is away, or that the broker stops. */
  refuse(reason: string): void {
    for (const { settle, isSent } of this.#asked.values())
      settle({ outcome: away(reason, isSent), repeated: false });
    this.#asked.clear();
  }

  /** Behind everything else of an entry. True where the forest begins anew. */
  onEntry({ restored }: AgreedEntry, sequence: number): boolean {
    if (restored === null) return false;
    const { forest, table, onRestored } = this.#options;
    const { object, request } = restored;
    const answered = this.answerTo(request);
    const takesEffect = answered === null && this.#isEmpty;
    const outcome = takesEffect ? { kind: 'forest_restored' as const, forest } : forestInUse(forest);
    const asked = this.#asked.get(object);
    // What is still asked for when it is closed is told that nobody knows.
    this.#asked.delete(object);
    if (takesEffect) onRestored({ sequence, object, table: table.anew(restored) });
    asked?.settle(answered ?? { outcome, repeated: false });
    return takesEffect;
  }

  get #next(): Asked | undefined {
    for (const asked of this.#asked.values()) if (!asked.isSent) return asked;
    return undefined;
  }

  get #isEmpty(): boolean {
    const { position, revision } = this.#options.state;
    return position === 0 && revision === 0;
  }
}

/** There is something in the forest. */
export function forestInUse(forest: string): ForestSettled['outcome'] {
  return reject('FOREST_EXISTS', `a forest ${forest} is there already`, { forest });
}
