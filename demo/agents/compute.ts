/** Arithmetic that both sides do on their own: who computes the figures, and who checks them. */
import type { Figure, Headline, Measurements, Samples } from './records.ts';

/** Medians, and how much less the second is. */
export function figureOf({ before, after }: Samples): Figure {
  const [first, second] = [median(before), median(after)];
  return { before: first, after: second, less_percent: Math.round((1 - second / first) * 1_000) / 10 };
}

/** The figure to quote: the one that fell most. */
export function headlineOf(measurements: Measurements): Headline {
  const figures = Object.entries(measurements).map(([quantity, samples]) => ({
    quantity,
    less_percent: figureOf(samples).less_percent,
  }));
  return figures.reduce((most, figure) => (figure.less_percent > most.less_percent ? figure : most));
}

/** The value in the middle of an odd number of samples. */
function median(samples: readonly number[]): number {
  return samples.toSorted((first, second) => first - second).at(samples.length >> 1) ?? 0;
}
