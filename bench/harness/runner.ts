/** Runs cases: all subjects of a case are up at once and are measured in turn, round by round, so that a slow minute hits all. */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { cacheFolder } from './tools.ts';
import type { Case, Context, Figure, Metrics, Running } from './case.ts';
import { median } from './samples.ts';

/** What was measured of a subject: one entry a round; none and a reason where it is absent. */
export interface SubjectResult {
  readonly name: string;
  readonly rounds: readonly Metrics[];
  readonly absent: string;
}

/** How a figure came out; `value` is `null` where a subject is absent. */
export interface FigureResult {
  readonly text: string;
  readonly value: number | null;
  readonly bound: string;
  readonly isReached: boolean | null;
}

/** The results of a case. */
export interface CaseResult {
  readonly name: string;
  readonly about: string;
  readonly subjects: readonly SubjectResult[];
  readonly figures: readonly FigureResult[];
}

/** Runs one case. */
export async function runCase(
  benched: Case,
  isSmoke: boolean,
  roundsWanted: number | undefined,
): Promise<CaseResult> {
  const folder = mkdtempSync(join(cacheFolder(), 'bench-'));
  const context: Context = { isSmoke, folder, size: (full, smoke) => (isSmoke ? smoke : full) };
  const rounds = roundsWanted ?? (isSmoke ? 1 : (benched.rounds ?? 5));
  const up: { readonly name: string; readonly running: Running; readonly rounds: Metrics[] }[] = [];
  const missing: SubjectResult[] = [];
  try {
    for (const subject of benched.subjects) {
      const started = await subject.start(context);
      if ('absent' in started) missing.push({ name: subject.name, rounds: [], absent: started.absent });
      else up.push({ name: subject.name, running: started, rounds: [] });
    }
    for (let round = 0; round < rounds; round += 1) {
      for (const subject of up) subject.rounds.push(await subject.running.measure());
    }
  } finally {
    for (const { running } of up) await running.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  const subjects = [
    ...up.map(({ name, rounds: taken }) => ({ name, rounds: taken, absent: '' })),
    ...missing,
  ];
  const figures = benched.figures.map((figure) => figureResult(figure, subjects));
  return { name: benched.name, about: benched.about, subjects, figures };
}

function figureResult(figure: Figure, subjects: readonly SubjectResult[]): FigureResult {
  const values = valuesOf(figure, figure.of, subjects);
  const others = figure.per === undefined ? values.map(() => 1) : valuesOf(figure, figure.per, subjects);
  const ratios = values.map((value, round) => value / (others[round] ?? Number.NaN));
  const value = ratios.length === 0 || others.length === 0 ? null : median(ratios);
  const { bound } = figure;
  const isReached =
    value === null ? null : 'atMost' in bound ? value <= bound.atMost : value >= bound.atLeast;
  const boundText = 'atMost' in bound ? `≤ ${bound.atMost}` : `≥ ${bound.atLeast}`;
  return { text: figure.text, value, bound: boundText, isReached };
}

function valuesOf(figure: Figure, name: string, subjects: readonly SubjectResult[]): number[] {
  const subject = subjects.find((candidate) => candidate.name === name);
  if (subject === undefined) throw new Error(`figure "${figure.text}" names no subject of its case: ${name}`);
  return subject.rounds.map((metrics) => {
    const value = metrics[figure.metric];
    if (value === undefined)
      throw new Error(`figure "${figure.text}" names no metric of ${name}: ${figure.metric}`);
    return value;
  });
}
