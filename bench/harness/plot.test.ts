/** Goal: what a plot shows is where the figures say. Method: small results whose places can be reckoned by hand. */
import { describe, expect, it } from 'vitest';

import { logAxis, plotLines, plottedName, renderPlot } from './plot.ts';

const round = (perSecond: number, p50Us: number): Record<string, number> => {
  return { perSecond, p50Us, p99Us: 10 * p50Us };
};

describe('plotLines', () => {
  it('makes a line of each store, fewest in flight first, of the medians of its rounds', () => {
    const subjects = [
      { name: plottedName('one', 50), rounds: [round(900, 3), round(1_000, 2), round(5_000, 1)], absent: '' },
      { name: plottedName('one', 1), rounds: [round(100, 1)], absent: '' },
      { name: plottedName('other, always', 1), rounds: [round(10, 100)], absent: '' },
      { name: plottedName('lacking', 1), rounds: [], absent: 'not here' },
    ];
    expect(plotLines({ subjects })).toEqual([
      {
        name: 'one',
        points: [
          { inFlight: 1, perSecond: 100, p50Us: 1, p99Us: 10 },
          { inFlight: 50, perSecond: 1_000, p50Us: 2, p99Us: 20 },
        ],
      },
      { name: 'other, always', points: [{ inFlight: 1, perSecond: 10, p50Us: 100, p99Us: 1_000 }] },
    ]);
  });
});

describe('logAxis', () => {
  it('reaches from below the least to above the largest, a decade as long as any other', () => {
    const { ticks, share } = logAxis([12, 900]);
    expect(ticks).toEqual([10, 20, 50, 100, 200, 500, 1_000]);
    expect([share(10), share(100), share(1_000)]).toEqual([0, 0.5, 1]);
  });

  it.each([[[]], [[5]], [[0.3, 0.3]], [[Number.NaN]]])('has a length for %j', (values) => {
    const { ticks, share } = logAxis(values);
    expect(ticks.length).toBeGreaterThan(1);
    expect(Number.isFinite(share(ticks[1] ?? Number.NaN))).toBe(true);
  });
});

describe('renderPlot', () => {
  const lines = [
    {
      name: 'a < b',
      points: [
        { inFlight: 1, perSecond: 100, p50Us: 1_000, p99Us: 1_000 },
        { inFlight: 500, perSecond: 1_000, p50Us: 10_000, p99Us: 10_000 },
      ],
    },
  ];

  it('draws from corner to corner what reaches from tick to tick, in both panels', () => {
    const svg = renderPlot('put', lines);
    expect(svg.split('M0.0 250.0L360.0 0.0')).toHaveLength(3);
    expect(svg).toContain('a &lt; b, 500 in flight: 1,000 a second');
  });

  it('has colours for dark pages', () => {
    expect(renderPlot('put', lines)).toContain('prefers-color-scheme:dark');
  });

  it('draws nothing that is no number', () => {
    expect(renderPlot('empty', [])).not.toContain('NaN');
    expect(renderPlot('empty', [{ name: 'none', points: [] }])).not.toContain('NaN');
  });
});
