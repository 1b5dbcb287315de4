/** Tells how a replay went: as it goes, and at its end. */
import type { Clock } from '../../base/clock.ts';
import type { Output } from '../output/output.ts';
import type { Progress } from '../output/progress.ts';
import type { JsonRecord } from '../output/records.ts';
import { byteSize, counted, grouped } from '../output/text.ts';
import { addTallies, emptyTally, type RunReport, type Tally } from './run-report.ts';

/** What models' tokenizers make of English text, roughly. */
const bytesPerToken = 4;

export class ReplaySummary {
  readonly #output: Output;
  readonly #clock: Clock;
  readonly #startMs: number;
  readonly #progress: Progress;
  #runs = 0;
  #tally = emptyTally;

  /** `progress` counts runs. */
  constructor(output: Output, clock: Clock, progress: Progress) {
    this.#output = output;
    this.#clock = clock;
    this.#startMs = clock.monotonicMs();
    this.#progress = progress;
  }

  /** Counts what is no run, such as loading a state. */
  add(tally: Tally): void {
    this.#tally = addTallies(this.#tally, tally);
  }

  /** A run is over. */
  async run(report: RunReport): Promise<void> {
    this.#runs += 1;
    this.add(report);
    if (this.#output.json) {
      this.#progress.end();
      await this.#output.record({ type: 'run', ...report });
    }
    this.#progress.to(this.#runs);
  }

  /** The end. */
  async finish(): Promise<void> {
    this.#progress.end();
    await this.#output.result(this.#record(), () => this.#text());
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
}

function volume(bytes: number): string {
  return `${byteSize(bytes)}, about ${grouped(Math.round(bytes / bytesPerToken))} tokens`;
}
