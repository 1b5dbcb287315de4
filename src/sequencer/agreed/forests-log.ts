/**
 * Which forests there are, where several brokers share them: a log of its own, of which every broker works out the same.
 *
 *   propose → the log gives it a place … every broker: decide (does it exist, is there room) → carry out (open, close) → outcome, where it was asked for
 *
 * An entry is carried out before the next one is looked at, so a broker that has answered has the forest. One entry of a broker is on its way at a
 * time, and is tried until it is stored.
 */
import { systemClock } from '../../base/clock.ts';
import type { Clock } from '../../base/clock.ts';
import { agreementGraceMs, agreementMsMax, forestsMax } from '../../base/limits.ts';
import { agreedFormat } from '../../codec/agreed-format.ts';
import { decodeForestsEntry, encodeForestsEntry } from '../../codec/forests-entry.ts';
import type { ForestsEntry } from '../../codec/forests-entry.ts';
import type { AgreedLog } from '../../journal/agreed-log.ts';
import type { RequestKey } from '../../state/command.ts';
import type { ForestChange, ForestOutcome } from '../../state/forest-change.ts';
import { reject } from '../../state/outcome.ts';
import type { Rejection } from '../../state/outcome.ts';
import { RequestTable, reusedId } from '../../state/requests.ts';
import type { ForestSettled } from '../forest.ts';
import { defaultForest } from '../local-forests.ts';
import { FormatTurns } from './format-turns.ts';
import { LogFormat } from './log-format.ts';
import { away } from './log-refusals.ts';

export interface ForestsLogOptions {
  readonly log: AgreedLog;
  readonly clock: Clock;
  /** The name of this replica. */
  readonly replica: string;
  /** Opens the forests that were there at the start, each on its log. */
  readonly onStart: (logs: ReadonlyMap<string, string>) => Promise<void>;
  /** Opens a forest that has come, or closes one that has gone; `log` is its log. */
  readonly onChange: (kind: ForestChange['kind'], forest: string, log: string) => Promise<void>;
  readonly onFatal: (error: unknown) => void;
}

/** The log of each forest that there is by a log that ends. */
export async function forestsIn(log: AgreedLog): Promise<ReadonlyMap<string, string>> {
  let found: ReadonlyMap<string, string> = new Map();
  const reader = new ForestsLog({
    log,
    clock: systemClock,
    replica: 'nobody',
    onStart: async (logs) => {
      found = logs;
    },
    onChange: () => Promise.resolve(),
    onFatal: () => undefined,
  });
  try {
    await reader.start();
  } finally {
    await reader.close();
  }
  return found;
}

type Resolve = (settled: ForestSettled | null) => void;

const kinds = { create: 'forest_created', delete: 'forest_deleted', restore: 'forest_restored' } as const;

export class ForestsLog {
  readonly #options: ForestsLogOptions;
  /** The log of each forest. */
  readonly #logs = new Map([[defaultForest, defaultForest]]);
  readonly #answers = new RequestTable<ForestOutcome>();
  readonly #numbers = new Map<string, number>();
  readonly #waiting = new Map<number, Resolve>();
  readonly #format = new LogFormat();
  readonly #formatTurns: FormatTurns;
  #number = 0;
  #turn: Promise<unknown> = Promise.resolve();
  #isStarted = false;
  #isClosed = false;
  #timeMs = 0;

  constructor(options: ForestsLogOptions) {
    this.#options = options;
    const { clock } = options;
    const schedule = (): void => void this.#append(null, '', () => undefined);
    this.#formatTurns = new FormatTurns({ format: this.#format, known: agreedFormat, clock, schedule });
  }

  /** Resolves when the forests that are there now are open. */
  async start(): Promise<void> {
    const following = this.#follow();
    following.catch((error: unknown) => {
      if (this.#isStarted && !this.#isClosed) this.#options.onFatal(error);
    });
    const seen = Promise.withResolvers<void>();
    void this.#append(null, '', () => seen.resolve());
    await Promise.race([seen.promise, following]);
    if (!this.#isClosed) this.#formatTurns.start();
  }

  /** The format in force: every broker that follows this log knows it. */
  get format(): number {
    return this.#format.inForce.format;
  }

  /** What comes of a change; `log`: that of a forest that comes. */
  async propose(change: ForestChange, log: string): Promise<ForestSettled> {
    const settled = await this.#put(change, log);
    return 'reason' in settled ? { outcome: settled, repeated: false } : (settled.told ?? never());
  }

  /** What came of a request, as far as it is remembered; `null` where it is not. */
  answerTo(request: RequestKey | null): ForestSettled | null {
    const known = request === null ? undefined : this.#answers.find(request.id);
    if (request === null || known === undefined) return null;
    const isSame = known.fingerprint === request.fingerprint;
    return { outcome: isSame ? known.outcome : reusedId(request.id), repeated: true };
  }

  /** Resolves once what was told to anybody is known here; with a rejection where the log is away. */
  async upToDate(): Promise<Rejection | null> {
    const settled = await this.#put(null, '');
    return 'reason' in settled ? settled : null;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#formatTurns.close();
    await this.#options.log.close();
    const outcome = away('the broker stops', true);
    for (const resolve of this.#waiting.values()) resolve({ outcome, repeated: false });
    this.#waiting.clear();
  }

  async #put(
    change: ForestChange | null,
    log: string,
  ): Promise<Rejection | { readonly told: ForestSettled | null }> {
    const { clock } = this.#options;
    if (this.#isClosed) return away('the broker stops', false);
    const settled = Promise.withResolvers<{ readonly told: ForestSettled | null }>();
    const stored = this.#append(change, log, (told) => settled.resolve({ told }));
    const late = Promise.withResolvers<'late'>();
    const timer = clock.setTimer(agreementMsMax + agreementGraceMs, () => late.resolve('late'));
    const first = await Promise.race([stored, late.promise, settled.promise]);
    timer.cancel();
    // Opening a forest may take its time: once it is stored, it happens.
    return first === 'late' ? away('it has not answered', true) : settled.promise;
  }

  #append(change: ForestChange | null, log: string, resolve: Resolve): Promise<unknown> {
    const { replica } = this.#options;
    const stored = this.#turn.then(() => {
      this.#number += 1;
      const number = this.#number;
      this.#waiting.set(number, resolve);
      const formats = this.#formatTurns.takeNews();
      const { format } = this.#format.inForce;
      const entry = encodeForestsEntry({ replica, number, change, log, formats }, format);
      return this.#options.log.append(`${replica}-${number}`, entry);
    });
    // A log is closed with its broker only.
    this.#turn = stored.catch(() => undefined);
    return this.#turn;
  }

  async #follow(): Promise<void> {
    const { log, replica } = this.#options;
    for await (const { sequence, timeMs, payload } of log.follow(1)) {
      const entry = decodeForestsEntry(payload);
      this.#timeMs = Math.max(this.#timeMs, timeMs);
      if (entry.number <= (this.#numbers.get(entry.replica) ?? 0)) continue;
      this.#numbers.set(entry.replica, entry.number);
      this.#format.onEntry(entry.formats, sequence);
      this.#formatTurns.onEntry();
      const told = entry.change === null ? null : await this.#decide(entry.change, entry);
      if (this.#isClosed) return;
      if (entry.replica !== replica) continue;
      if (!this.#isStarted) await this.#options.onStart(this.#logs);
      this.#isStarted = true;
      this.#waiting.get(entry.number)?.(told);
      this.#waiting.delete(entry.number);
    }
    // A log that ends is only looked at.
    if (!this.#isStarted && !this.#isClosed) await this.#options.onStart(this.#logs);
  }

  async #decide({ kind, forest, request }: ForestChange, { log }: ForestsEntry): Promise<ForestSettled> {
    const isKept = request.id !== '';
    const known = this.answerTo(isKept ? request : null);
    if (known !== null) return known;
    const outcome = this.#refusal(kind, forest) ?? { kind: kinds[kind], forest };
    if (isKept) this.#answers.remember({ ...request, timeMs: this.#timeMs, outcome });
    if (outcome.kind === 'rejected') return { outcome, repeated: false };
    const own = kind === 'delete' ? (this.#logs.get(forest) ?? '') : log;
    if (kind === 'delete') this.#logs.delete(forest);
    else this.#logs.set(forest, own);
    if (this.#isStarted) await this.#options.onChange(kind, forest, own);
    return { outcome, repeated: false };
  }

  #refusal(kind: ForestChange['kind'], forest: string): Rejection | null {
    const isThere = this.#logs.has(forest);
    if (kind === 'delete') {
      if (forest === defaultForest) return reject('FOREST_PROTECTED', 'the default forest cannot be deleted');
      return isThere ? null : reject('FOREST_NOT_FOUND', `there is no forest ${forest}`, { forest });
    }
    if (isThere) return reject('FOREST_EXISTS', `a forest ${forest} is there already`, { forest });
    if (this.#logs.size < forestsMax) return null;
    const metadata = { limit: 'forestsMax', maximum: forestsMax };
    return reject('QUOTA_EXCEEDED', `brokers may share ${forestsMax} forests`, metadata);
  }
}

function never(): never {
  throw new TypeError('a change has an outcome');
}
