/**
 * Throughput against latency as SVG: a line a store, a point for each number of operations in flight, both axes logarithmic, the median
 * beside the 99th percentile. Readable on white and on black, and without colours: each store has a mark of its own.
 */
import type { CaseResult } from './runner.ts';
import { median } from './samples.ts';

/** What a store did with so many operations in flight. */
export interface PlotPoint {
  readonly inFlight: number;
  readonly perSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

export interface PlotLine {
  readonly name: string;
  /** By operations in flight, fewest first. */
  readonly points: readonly PlotPoint[];
}

/** The name of a subject of which a plot makes a point. */
export function plottedName(store: string, inFlight: number): string {
  return `${store}, ${inFlight} in flight`;
}

/** The lines that a case's results make: medians of its rounds. Subjects of other names, and absent ones, make none. */
export function plotLines({ subjects }: Pick<CaseResult, 'subjects'>): PlotLine[] {
  const lines = new Map<string, PlotPoint[]>();
  for (const { name, rounds } of subjects) {
    const named = /^(?<store>.+), (?<inFlight>\d+) in flight$/.exec(name)?.groups;
    if (named === undefined || rounds.length === 0) continue;
    const of = (metric: string): number => median(rounds.map((round) => round[metric] ?? Number.NaN));
    const [perSecond, p50Us, p99Us] = [of('perSecond'), of('p50Us'), of('p99Us')];
    const { store = '', inFlight = '' } = named;
    const points = lines.get(store) ?? [];
    points.push({ inFlight: Number(inFlight), perSecond, p50Us, p99Us });
    lines.set(store, points);
  }
  return [...lines].map(([name, points]) => ({
    name,
    points: points.toSorted((one, other) => one.inFlight - other.inFlight),
  }));
}

const panel = { width: 360, height: 250, left: 60, top: 74, gap: 70 };
const width = 2 * panel.width + panel.left + panel.gap + 30;
const height = panel.top + panel.height + 48;

/** Okabe and Ito's colours, on white and on black. */
const colours = [
  ['#0072b2', '#56b4e9'],
  ['#d55e00', '#e69f00'],
  ['#009e73', '#2bd4a0'],
  ['#cc79a7', '#e3a5c7'],
] as const;

const style = [
  'text{fill:#24292f}.paper{fill:#fff}.grid{stroke:#d8dee4}.faint{fill:#57606a}',
  ...colours.map(([light], index) => `.line${index}{stroke:${light}}.mark${index}{fill:${light}}`),
  '@media(prefers-color-scheme:dark){text{fill:#e6edf3}.paper{fill:#0d1117}.grid{stroke:#30363d}.faint{fill:#9198a1}',
  ...colours.map(([, dark], index) => `.line${index}{stroke:${dark}}.mark${index}{fill:${dark}}`),
  '}',
].join('');

/** The picture of all lines. */
export function renderPlot(title: string, lines: readonly PlotLine[]): string {
  const panels = [
    renderPanel('median, ms', lines, (point) => point.p50Us / 1_000),
    renderPanel('99th percentile, ms', lines, (point) => point.p99Us / 1_000),
  ].map(
    (drawn, index) =>
      `<g transform="translate(${panel.left + index * (panel.width + panel.gap)},${panel.top})">${drawn}</g>`,
  );
  const legend = lines.map(({ name }, index) => {
    const x = panel.left + index * 200;
    return `${mark(index, x + 5, 36)}<text x="${x + 16}" y="40">${escapeText(name)}</text>`;
  });
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ` +
    `font-family="system-ui, sans-serif" font-size="11" role="img" aria-label="${escapeText(title)}">\n` +
    `<style>${style}</style>\n<rect class="paper" width="100%" height="100%"/>\n` +
    `<text x="${panel.left}" y="18" font-size="13" font-weight="600">${escapeText(title)}</text>\n` +
    `${legend.join('\n')}\n${panels.join('\n')}\n</svg>\n`
  );
}

function renderPanel(
  unit: string,
  lines: readonly PlotLine[],
  latency: (point: PlotPoint) => number,
): string {
  const all = lines.flatMap(({ points }) => points);
  const xs = logAxis(all.map(({ perSecond }) => perSecond));
  const ys = logAxis(all.map(latency));
  const x = (value: number): number => panel.width * xs.share(value);
  const y = (value: number): number => panel.height * (1 - ys.share(value));
  const across = ys.ticks.map(
    (tick) =>
      `<path class="grid" d="M0 ${at(y(tick))}H${panel.width}"/>` +
      `<text class="faint" x="-6" y="${at(y(tick) + 4)}" text-anchor="end">${label(tick)}</text>`,
  );
  const down = xs.ticks.map(
    (tick) =>
      `<path class="grid" d="M${at(x(tick))} 0V${panel.height}"/>` +
      `<text class="faint" x="${at(x(tick))}" y="${panel.height + 15}" text-anchor="middle">${label(tick)}</text>`,
  );
  const drawn = lines.map((line, index) => renderLine(line, index, x, (point) => y(latency(point))));
  const titles =
    `<text x="0" y="-6" font-weight="600">${unit}</text>` +
    `<text x="${panel.width}" y="${panel.height + 34}" text-anchor="end">operations a second</text>`;
  return [...across, ...down, ...drawn, titles].join('\n');
}

/** The ends of a line say how many operations were in flight there; each mark tells its own to who points at it. */
function renderLine(
  { name, points }: PlotLine,
  index: number,
  x: (value: number) => number,
  y: (point: PlotPoint) => number,
): string {
  const places = points.map((point) => `${at(x(point.perSecond))} ${at(y(point))}`);
  const marks = points.map((point) => {
    const told = `${name}, ${point.inFlight} in flight: ${label(Math.round(point.perSecond))} a second`;
    return `<g><title>${escapeText(told)}</title>${mark(index, x(point.perSecond), y(point))}</g>`;
  });
  // Neighbours say it above and below their lines, so that two ends in one place can be read.
  const below = index % 2 === 0 ? -5 : 13;
  const ends = [...new Set([points[0], points.at(-1)])].flatMap((point) => {
    if (point === undefined) return [];
    const place = `x="${at(x(point.perSecond) + 7)}" y="${at(y(point) + below)}"`;
    return [`<text class="mark${index % colours.length}" ${place}>${point.inFlight}</text>`];
  });
  const path = `<path class="line${index % colours.length}" d="M${places.join('L')}" fill="none" stroke-width="1.5"/>`;
  return [places.length === 0 ? '' : path, ...marks, ...ends].join('');
}

/** A circle, a square, a triangle or a diamond. */
function mark(index: number, x: number, y: number): string {
  const kind = index % colours.length;
  const shape = [
    `M${at(x - 4)} ${at(y)}a4 4 0 1 0 8 0a4 4 0 1 0-8 0z`,
    `M${at(x - 3.5)} ${at(y - 3.5)}h7v7h-7z`,
    `M${at(x)} ${at(y - 4.5)}l4.5 8h-9z`,
    `M${at(x)} ${at(y - 5)}l5 5l-5 5l-5-5z`,
  ][kind];
  return `<path class="mark${kind}" d="${shape}"/>`;
}

interface LogAxis {
  readonly ticks: readonly number[];
  /** Where a value lies, from 0 to 1. */
  readonly share: (value: number) => number;
}

/** An axis over 1, 2 and 5 times powers of ten, from the last one below all values to the first one above them. */
export function logAxis(values: readonly number[]): LogAxis {
  const positive = values.filter((value) => value > 0);
  const [least, most] = positive.length === 0 ? [1, 10] : [Math.min(...positive), Math.max(...positive)];
  const steps: number[] = [];
  for (let power = Math.floor(Math.log10(least)); power <= Math.ceil(Math.log10(most)); power += 1)
    for (const factor of [1, 2, 5]) steps.push(Number((factor * 10 ** power).toPrecision(1)));
  const from = Math.max(
    0,
    steps.findLastIndex((step) => step <= least),
  );
  const above = steps.findIndex((step) => step >= most);
  const until = Math.max(from + 1, above < 0 ? steps.length - 1 : above);
  const ticks = steps.slice(from, until + 1);
  const [low, high] = [Math.log10(ticks[0] ?? 1), Math.log10(ticks.at(-1) ?? 10)];
  return { ticks, share: (value) => (Math.log10(value) - low) / (high - low) };
}

function at(place: number): string {
  return place.toFixed(1);
}

function label(value: number): string {
  return value.toLocaleString('en-US');
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
