/** Writes what was measured: JSON for programs, tables for people. */
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { root } from '../../scripts/step.ts';
import type { Machine } from './machine.ts';
import { plotLines, renderPlot } from './plot.ts';
import type { CaseResult, SubjectResult } from './runner.ts';
import { median } from './samples.ts';

/** A case's results with where they were taken. */
export interface Report {
  readonly machine: Machine;
  readonly result: CaseResult;
}

/** Cases of these names are drawn. */
const plotted = 'plots/';
const plotsFolder = join(root, 'bench', 'plots');
const resultsFolder = join(root, 'bench', 'results');
const readme = join(root, 'bench', 'README.md');
const begin = '<!-- tables: written by `npm run bench` -->';
const end = '<!-- end of tables -->';

/** Stores one case's results: the newest run of a case replaces the one before. */
export function saveReport(report: Report): void {
  const file = `${report.result.name.replaceAll('/', '-')}.json`;
  writeFileSync(join(resultsFolder, file), `${JSON.stringify(report, null, 1)}\n`);
}

/** Writes the tables of all stored results into `bench/README.md`, and draws those that are plots. */
export function writeTables(): void {
  const files = readdirSync(resultsFolder).filter((name) => name.endsWith('.json'));
  const reports = files
    .sort()
    .map((name) => JSON.parse(readFileSync(join(resultsFolder, name), 'utf8')) as Report);
  for (const { result } of reports) if (result.name.startsWith(plotted)) draw(result);
  const text = readFileSync(readme, 'utf8');
  const [head, rest] = [text.slice(0, text.indexOf(begin)), text.slice(text.indexOf(end))];
  writeFileSync(readme, `${head}${begin}\n\n${reports.map(section).join('\n')}\n${rest}`);
}

function draw(result: CaseResult): void {
  mkdirSync(plotsFolder, { recursive: true });
  const title = `Throughput against latency: ${result.name.slice(plotted.length)}`;
  writeFileSync(join(plotsFolder, plotFile(result)), renderPlot(title, plotLines(result)));
}

function plotFile({ name }: CaseResult): string {
  return `${name.slice(plotted.length).replaceAll('/', '-')}.svg`;
}

function section({ machine, result }: Report): string {
  const rounds = Math.max(0, ...result.subjects.map((subject) => subject.rounds.length));
  const where = `${machine.commit}, ${machine.date}, ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Node ${machine.node}, ${rounds} rounds: median (least–most)`;
  return [
    `### \`${result.name}\``,
    '',
    result.about,
    '',
    ...body(result),
    '',
    ...figureLines(result),
    `<sub>${where}</sub>`,
    '',
  ].join('\n');
}

/** The table; of a plot the picture, with its numbers for those who want them. */
function body(result: CaseResult): string[] {
  const table = caseTable(result);
  if (!result.name.startsWith(plotted)) return [table];
  const picture = `![Throughput against latency: ${result.name}](plots/${plotFile(result)})`;
  return [picture, '', '<details><summary>The numbers</summary>', '', table, '', '</details>'];
}

/** The subjects and metrics of a case as a Markdown table. */
export function caseTable(result: CaseResult): string {
  const metrics = [
    ...new Set(result.subjects.flatMap(({ rounds }) => rounds.flatMap((round) => Object.keys(round)))),
  ];
  const head = `| subject | ${metrics.map(metricTitle).join(' | ')} |`;
  const rule = `|---|${metrics.map(() => '---:|').join('')}`;
  const rows = result.subjects.map(
    (subject) => `| ${subject.name} | ${cells(subject, metrics).join(' | ')} |`,
  );
  return [head, rule, ...rows].join('\n');
}

function cells(subject: SubjectResult, metrics: readonly string[]): string[] {
  return metrics.map((metric, index) => {
    if (subject.absent !== '') return index === 0 ? `absent: ${subject.absent}` : '';
    const values = subject.rounds.flatMap((round) => round[metric] ?? []);
    if (values.length === 0) return '';
    if (values.length === 1) return amount(values[0] ?? Number.NaN);
    return `${amount(median(values))} (${amount(Math.min(...values))}–${amount(Math.max(...values))})`;
  });
}

/** One line for each figure: what was to be reached, and what was. */
export function figureLines(result: CaseResult): string[] {
  const lines = result.figures.map(({ text, value, bound, isReached }) => {
    const mark = isReached === null ? 'not measured' : isReached ? 'reached' : '**missed**';
    return `- ${text}: ${value === null ? '–' : amount(value)} (${bound}): ${mark}`;
  });
  return lines.length === 0 ? [] : [...lines, ''];
}

/** `cpuUs` → `cpu µs`. */
function metricTitle(name: string): string {
  const words = name.replace(/([A-Z])/g, ' $1').toLowerCase();
  return words.replace(/ us$/, ' µs').replace(/^per second$/, 'a second');
}

function amount(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size >= 100) return Math.round(value).toLocaleString('en-US');
  if (size >= 10) return value.toFixed(1);
  return size >= 0.1 || size === 0 ? value.toFixed(2) : value.toPrecision(2);
}
