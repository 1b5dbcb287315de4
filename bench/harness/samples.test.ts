/** Goal: figures in reports are what their names say. Method: percentiles of series whose order is known. */
import { describe, expect, it } from 'vitest';

import { latencyMetrics, median, percentile } from './samples.ts';

describe('percentiles', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);

  it('are values of the series, whatever its order', () => {
    expect(percentile(hundred, 0.99)).toBe(99);
    expect(percentile(hundred, 1)).toBe(100);
    expect(percentile(hundred, 0)).toBe(1);
    expect(median([9, 1, 5])).toBe(5);
    expect(median([9, 1, 5, 7])).toBe(6);
    expect(latencyMetrics(hundred)).toEqual({ p50Us: 50, p95Us: 95, p99Us: 99 });
  });

  it('tell the worst of a short series', () => {
    expect(percentile([3, 7], 0.99)).toBe(7);
  });

  it('are nothing where nothing was measured', () => {
    expect(median([])).toBeNaN();
  });
});
