/** Tells how a replay went: as it goes, and at its end. */
import type { Clock } from '../../base/clock.ts';
import type { Output } from '../output/output.ts';
import type { JsonRecord } from '../output/records.ts';
import { byteSize, counted, grouped } from '../output/text.ts';
import { addTallies, emptyTally, type RunReport, type Tally } from './run-report.ts';

/** A line on a terminal is drawn anew at most this often. */
const drawIntervalMs = 100;
/** What models' tokenizers make of English text, roughly. */
const bytesPerToken = 4;
const clearLine = '\r\u001B[2K';

export class ReplaySummary {
  readonly #output: Output;
  readonly #clock: Clock;
  readonly #startMs: number;
  readonly #total: number;
  #runs = 0;
  #tally = emptyTally;
  #drawnMs = -Infinity;

  /** `total`: how many runs there will be. */
  constructor(output: Output, clock: Clock, total: number) {
    this.#output = output;
    this.#clock = clock;
    this.#startMs = clock.monotonicMs();
    this.#total = total;
  }

  /** Counts what is no run, such as loading a state. */
  add(tally: Tally): void {
    this.#tally = addTallies(this.#tally, tally);
  }

  /** A run is over. */
  async run(report: RunReport): Promise<void> {
    this.#runs += 1;
    this.add(report);
    if (this.#output.json) await this.#output.record({ type: 'run', ...report });
    else await this.#draw();
  }

  /** The end. */
  async finish(): Promise<void> {
    if (this.#output.json) await this.#output.record(this.#record());
    else await this.#output.write(`${clearLine}${this.#text()}\n`);
  }

  #record(): JsonRecord {
    const { movedBytes, historyBytes } = this.#tally;
    return {
      type: 'summary',
      runs: this.#runs,
      ...this.#tally,
      movedTokens: Math.round(movedBytes / bytesPerToken),
      historyTokens: Math.round(historyBytes / bytesPerToken),
      elapsedMs: Math.round(this.#clock.monotonicMs() - this.#startMs),
    };
  }

  #text(): string {
    const { style } = this.#output;
    const { steps, diffs, operations, reverts, commits, conflicts, movedBytes, historyBytes } = this.#tally;
    const seconds = ((this.#clock.monotonicMs() - this.#startMs) / 1_000).toFixed(1);
    const ratio = movedBytes > 0 ? ` (${(historyBytes / movedBytes).toFixed(1)} × as much)` : '';
    const facts: readonly (readonly [string, string])[] = [
      ['runs', `${grouped(this.#runs)} in ${seconds} s`],
      ['steps', grouped(steps)],
      ['diffs', `${grouped(diffs)} with ${counted(operations, 'operation')}`],
      ['reverts', grouped(reverts)],
      ['commits', grouped(commits)],
      ['conflicts', grouped(conflicts)],
      ['moved as diffs', volume(movedBytes)],
      ['whole histories', volume(historyBytes) + ratio],
    ];
    const lines = facts.map(([name, text]) => `${style.dim(name.padEnd(17))}${text}`);
    const note =
      'Moved as diffs: each step published once, and read by each agent before its turn as far as it had not seen it. ' +
      'Whole histories: everything so far passed on at each hop. A token is estimated as 4 bytes.';
    return [...lines, style.dim(note)].join('\n');
  }

  async #draw(): Promise<void> {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#drawnMs < drawIntervalMs) return;
    this.#drawnMs = nowMs;
    const { steps, reverts } = this.#tally;
    const text = `${this.#runs} of ${counted(this.#total, 'run')}, ${counted(steps, 'step')}, ${counted(reverts, 'revert')}`;
    await this.#output.write(`${clearLine}${text}`);
  }
}

function volume(bytes: number): string {
  return `${byteSize(bytes)}, about ${grouped(Math.round(bytes / bytesPerToken))} tokens`;
}
