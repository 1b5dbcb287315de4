/**
 * Does a series grow? Theil and Sen's slope, the median of the slopes between all pairs of points: a few wild points do not move it,
 * and nothing is assumed of how the noise is distributed. Its confidence interval is Sen's, from the variance of Kendall's statistic,
 * with the variance made larger where neighbouring points resemble one another (Hamed and Rao 1998, up to the first correlation that
 * is not positive): those of a garbage collector's sawtooth do, and would otherwise pass for many independent observations.
 */
import { median } from '../harness/samples.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Slope {
  /** y for each unit of x. */
  readonly slope: number;
  /** Ends of the two-sided 95 % confidence interval. */
  readonly low: number;
  readonly high: number;
  /** Of the line through the medians. */
  readonly intercept: number;
  readonly points: number;
}

const z95 = 1.96;

/** Medians of the points in each stretch of `width`: fewer points, and less dependent ones. */
export function blockMedians(points: readonly Point[], width: number): Point[] {
  return inBlocks(points, width).map((block) => ({
    x: median(block.map(({ x }) => x)),
    y: median(block.map(({ y }) => y)),
  }));
}

/**
 * The least of the points in each stretch of `width`. What is held for less than a stretch is not in it, what is never given back
 * is, however much comes and goes above. A stretch with less than half as many points as the fullest has none: its least would
 * be of less time, and so too high.
 */
export function blockLeasts(points: readonly Point[], width: number): Point[] {
  const blocks = inBlocks(points, width);
  const fullest = Math.max(0, ...blocks.map(({ length }) => length));
  return blocks
    .filter(({ length }) => length * 2 >= fullest)
    .flatMap(([first, ...rest]) =>
      first === undefined ? [] : [rest.reduce((least, point) => (point.y < least.y ? point : least), first)],
    );
}

function inBlocks(points: readonly Point[], width: number): Point[][] {
  const blocks = new Map<number, Point[]>();
  for (const point of points) {
    const block = Math.floor(point.x / width);
    const known = blocks.get(block);
    if (known === undefined) blocks.set(block, [point]);
    else known.push(point);
  }
  return [...blocks.values()];
}

/** The slope of a series with its confidence interval: infinite ends where there are too few points to tell. */
export function theilSen(points: readonly Point[]): Slope {
  const slopes = pairSlopes(points);
  const slope = median(slopes);
  const intercept = median(points.map(({ x, y }) => y - slope * x));
  const n = points.length;
  const residuals = points.map(({ x, y }) => y - intercept - slope * x);
  const variance = ((n * (n - 1) * (2 * n + 5)) / 18) * dependence(residuals);
  const reach = z95 * Math.sqrt(variance);
  const lower = Math.floor((slopes.length - reach) / 2);
  const upper = Math.ceil((slopes.length + reach) / 2);
  return {
    slope,
    low: slopes[lower - 1] ?? -Infinity,
    high: slopes[upper] ?? Infinity,
    intercept,
    points: n,
  };
}

/** In ascending order. */
function pairSlopes(points: readonly Point[]): Float64Array {
  const slopes: number[] = [];
  for (const [index, first] of points.entries()) {
    for (const second of points.slice(index + 1)) {
      if (second.x !== first.x) slopes.push((second.y - first.y) / (second.x - first.x));
    }
  }
  return Float64Array.from(slopes).sort();
}

/** How many times larger the variance of Kendall's statistic is than for independent points; at least 1. */
function dependence(residuals: readonly number[]): number {
  const n = residuals.length;
  if (n < 4) return 1;
  const ranks = ranksOf(residuals);
  let sum = 0;
  for (let lag = 1; lag < n - 2; lag += 1) {
    const correlation = autocorrelation(ranks, lag);
    // Behind the first that is not positive there is mostly chance.
    if (correlation <= 0) break;
    sum += (n - lag) * (n - lag - 1) * (n - lag - 2) * correlation;
  }
  return Math.max(1, 1 + (2 * sum) / (n * (n - 1) * (n - 2)));
}

function ranksOf(values: readonly number[]): number[] {
  const order = values.map((_, index) => index).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  const ranks = new Array<number>(values.length).fill(0);
  for (const [rank, index] of order.entries()) ranks[index] = rank;
  return ranks;
}

function autocorrelation(values: readonly number[], lag: number): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  let [covariance, variance] = [0, 0];
  for (const [index, value] of values.entries()) {
    variance += (value - mean) ** 2;
    const later = values[index + lag];
    if (later !== undefined) covariance += (value - mean) * (later - mean);
  }
  return variance === 0 ? 0 : covariance / variance;
}
