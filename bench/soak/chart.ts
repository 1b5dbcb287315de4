/** Line charts as SVG: small multiples over one time axis, plain enough to need no library. */

export interface Line {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  readonly style?: 'line' | 'dots' | 'trend';
}

export interface Chart {
  readonly title: string;
  readonly unit: string;
  readonly lines: readonly Line[];
}

/** Told apart by colour-blind readers as well: Okabe and Ito's. */
const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00'];
const width = 860;
const plotHeight = 150;
const margin = { left: 64, right: 16, top: 30, bottom: 26 };
const chartHeight = margin.top + plotHeight + margin.bottom;
const gridLines = 4;

/** All charts below one another; what is left of `warmUpMinutes` is shaded. */
export function renderCharts(charts: readonly Chart[], minutes: number, warmUpMinutes: number): string {
  const height = charts.length * chartHeight;
  const parts = charts.map(
    (chart, index) =>
      `<g transform="translate(0,${index * chartHeight})">${renderChart(chart, minutes, warmUpMinutes)}</g>`,
  );
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ` +
    `font-family="system-ui, sans-serif" font-size="11" fill="#333">\n` +
    `<rect width="100%" height="100%" fill="#fff"/>\n${parts.join('\n')}\n</svg>\n`
  );
}

function renderChart({ title, unit, lines }: Chart, minutes: number, warmUpMinutes: number): string {
  const largest = Math.max(0, ...lines.flatMap(({ points }) => points.map(([, y]) => y)));
  const step = niceStep(largest / gridLines);
  const top = step * Math.max(1, Math.ceil(largest / step));
  const x = (minute: number): number =>
    margin.left + (minute / minutes) * (width - margin.left - margin.right);
  const y = (value: number): number => margin.top + plotHeight * (1 - value / top);
  const shade = `<rect x="${x(0)}" y="${margin.top}" width="${x(warmUpMinutes) - x(0)}" height="${plotHeight}" fill="#f1f1f1"/>`;
  const grid = Array.from({ length: Math.round(top / step) + 1 }, (_, index) => {
    const value = index * step;
    return (
      `<path d="M${margin.left} ${y(value).toFixed(1)}H${width - margin.right}" stroke="#ddd"/>` +
      `<text x="${margin.left - 6}" y="${(y(value) + 4).toFixed(1)}" text-anchor="end">${label(value)}</text>`
    );
  });
  const ticks = minuteTicks(minutes).map(
    (minute) =>
      `<text x="${x(minute).toFixed(1)}" y="${margin.top + plotHeight + 16}" text-anchor="middle">${label(minute)} min</text>`,
  );
  const drawn = lines.map((line, index) => draw(line, colours[index % colours.length] ?? '#000', x, y));
  const heading = `<text x="${margin.left}" y="18" font-size="13" font-weight="600">${escape(title)}${unit === '' ? '' : `, ${escape(unit)}`}</text>`;
  return [shade, ...grid, ...ticks, ...drawn, heading, legend(lines)].join('\n');
}

function draw(
  line: Line,
  colour: string,
  x: (minute: number) => number,
  y: (value: number) => number,
): string {
  const places = line.points.map(([minute, value]) => `${x(minute).toFixed(1)} ${y(value).toFixed(1)}`);
  if (line.style === 'dots')
    return places
      .map((place) => `<circle cx="${place.replace(' ', '" cy="')}" r="2" fill="${colour}"/>`)
      .join('');
  const dashes = line.style === 'trend' ? ' stroke-dasharray="6 4"' : '';
  return `<path d="M${places.join('L')}" fill="none" stroke="${colour}" stroke-width="1.3"${dashes}/>`;
}

function legend(lines: readonly Line[]): string {
  let at = width - margin.right;
  return [...lines.entries()]
    .reverse()
    .map(([index, { name, style }]) => {
      at -= name.length * 6 + 26;
      const colour = colours[index % colours.length] ?? '#000';
      const dashes = style === 'trend' ? ' stroke-dasharray="4 3"' : '';
      return (
        `<path d="M${at} 14h14" stroke="${colour}" stroke-width="3"${dashes}/>` +
        `<text x="${at + 18}" y="18">${escape(name)}</text>`
      );
    })
    .join('');
}

/** 1, 2 or 5 times a power of ten, at least `least`. */
export function niceStep(least: number): number {
  if (!(least > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(least));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= least * (1 - 1e-9)) ?? 10;
  return factor * power;
}

function minuteTicks(minutes: number): number[] {
  const step = niceStep(minutes / 8);
  return Array.from({ length: Math.floor(minutes / step + 1e-9) + 1 }, (_, index) => index * step);
}

function label(value: number): string {
  return Number(value.toPrecision(6)).toLocaleString('en-US');
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
