/** Goal: what a chart shows is where the figures say. Method: small charts whose places can be reckoned by hand. */
import { describe, expect, it } from 'vitest';

import { niceStep, renderCharts } from './chart.ts';

describe('renderCharts', () => {
  it('draws a line from the lower left to the upper right corner of its plot', () => {
    const chart = {
      title: 'Memory',
      unit: 'MiB',
      lines: [
        {
          name: 'used',
          points: [
            [0, 0],
            [60, 400],
          ] as const,
        },
      ],
    };
    const svg = renderCharts([chart], 60, 15);
    expect(svg).toContain('M64.0 180.0L844.0 30.0');
    expect(svg).toContain('Memory, MiB');
    // The warm-up: a quarter of the width.
    expect(svg).toContain('<rect x="64" y="30" width="195"');
  });

  it('stacks charts and escapes what stands in them', () => {
    const chart = { title: 'a < b & c', unit: '', lines: [] };
    const svg = renderCharts([chart, chart], 10, 0);
    expect(svg).toContain('a &lt; b &amp; c');
    expect(svg).toContain('translate(0,206)');
    expect(svg).not.toContain('NaN');
  });
});

describe('niceStep', () => {
  it.each([
    [0.07, 0.1],
    [1, 1],
    [1.2, 2],
    [23, 50],
    [60, 100],
    [0, 1],
  ])('rounds %d up to %d', (least, step) => {
    expect(niceStep(least)).toBeCloseTo(step, 9);
  });
});
