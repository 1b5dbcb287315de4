/**
 * Goal: what is said of metrics is true: docs/metrics.md names each of them and no other, and the dashboard and the alerts ask for none that does not
 * exist, nor for a label that it does not have. Method: the page is what the broker's own words make of it; expressions go through Prometheus' own grammar.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { parser } from '@prometheus-io/lezer-promql';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

import { allMetrics, metricsFile, metricsReference } from '../../scripts/metrics-reference/page.ts';
import { root } from '../../scripts/step.ts';

const folder = join(root, 'docs', 'deploy', 'observability');
const read = (name: string): string => readFileSync(join(folder, name), 'utf8');

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly action: string };
}

interface Panel {
  readonly title: string;
  readonly description?: string;
  readonly targets?: readonly { readonly expr: string }[];
  readonly gridPos: Readonly<Record<'x' | 'y' | 'w' | 'h', number>>;
}

const rules = (parse(read('alerts.yaml')) as { groups: { rules: Rule[] }[] }).groups.flatMap(
  ({ rules }) => rules,
);
const panels = (JSON.parse(read('grafana-dashboard.json')) as { panels: Panel[] }).panels;
const alerts = rules.map(({ alert, expr }) => [alert, expr] as const);
const plots = panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => [title, expr] as const));

/** Series that can be asked for, each with its labels; those of Prometheus itself included. */
const series = new Map<string, readonly string[]>([['up', ['job']]]);
for (const { name, kind, labels } of allMetrics()) {
  if (kind !== 'histogram') series.set(name, labels);
  else {
    for (const suffix of ['_sum', '_count']) series.set(`${name}${suffix}`, labels);
    series.set(`${name}_bucket`, [...labels, 'le']);
  }
}

/** What an expression asks for: names of series, each with the labels that it is matched by; or where it is none. */
function asked(expression: string): { names: { name: string; labels: string[] }[]; errors: string[] } {
  // Grafana's own word for a span of time, and for what is chosen at the top.
  const text = expression.replaceAll('$__rate_interval', '5m').replaceAll(/\$(instance|forest)/g, '.*');
  const names: { name: string; labels: string[] }[] = [];
  const errors: string[] = [];
  parser.parse(text).iterate({
    enter({ name: kind, from, to, type, node }) {
      if (type.isError) errors.push(`${text.slice(0, from)}⟨here⟩${text.slice(to)}`);
      if (kind !== 'VectorSelector') return;
      const selector = text.slice(from, to);
      const labels = [...selector.matchAll(/[{,]\s*(\w+)\s*[=!]/g)].map(([, label = '']) => label);
      const own = node.getChild('Identifier');
      names.push({ name: own === null ? selector : text.slice(own.from, own.to), labels });
    },
  });
  return { names, errors };
}

test('docs/metrics.md names every metric: npm run metrics-reference', () => {
  const page = readFileSync(metricsFile, 'utf8');
  expect(page).toBe(metricsReference(page));
});

test('metrics are named as Prometheus wants it', () => {
  for (const { name, kind, help, labels } of allMetrics()) {
    expect(name).toMatch(/^(hyperloom|process)_[a-z]+(_[a-z]+)*$/);
    expect(name.endsWith('_total'), name).toBe(kind === 'counter');
    expect(help, name).toMatch(/^[A-Z1].*\.$/);
    expect(labels, name).not.toContain('le');
    // A label that this page does not explain has an unknown number of values.
    for (const label of labels.filter((each) => each !== 'version'))
      expect(readFileSync(metricsFile, 'utf8'), label).toMatch(new RegExp(`^\\| .*\`${label}\``, 'm'));
  }
});

describe.each([
  ['alerts', alerts],
  ['dashboard', plots],
] as const)('%s', (_, expressions) => {
  test.each(expressions)('%s asks for what there is: %s', (_title, expression) => {
    const { names, errors } = asked(expression);
    expect(errors).toEqual([]);
    expect(names.length).toBeGreaterThan(0);
    for (const { name, labels } of names) {
      expect([...series.keys()], name).toContain(name);
      const known = [...(series.get(name) ?? []), 'instance', 'job'];
      expect(labels.filter((label) => !known.includes(label))).toEqual([]);
    }
  });
});

test('a misspelt name and a broken expression are found', () => {
  expect(asked('rate(hyperloom_rpc_call_total[5m])').names.map(({ name }) => series.has(name))).toEqual([
    false,
  ]);
  expect(asked('sum by (le (rate(x[5m]))').errors.length).toBeGreaterThan(0);
  expect(asked('x{reason="a", method=~"b"}').names).toEqual([{ name: 'x', labels: ['reason', 'method'] }]);
});

test('every alert says how bad it is, what is wrong and what to do', () => {
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  for (const { alert, labels, annotations } of rules) {
    expect(alert).toMatch(/^Hyperloom[A-Z]\w+$/);
    expect(['critical', 'warning', 'info']).toContain(labels.severity);
    expect(annotations.summary, alert).toMatch(/\.$/);
    expect(annotations.action, alert).toMatch(/\.$/);
  }
});

test('panels of the dashboard say what they show, and none lies on another', () => {
  const taken = new Set<string>();
  for (const { title, description, targets, gridPos } of panels) {
    if (targets !== undefined) expect(description, title).toMatch(/\.$/);
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1)
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
        expect(taken.has(`${x},${y}`), title).toBe(false);
        taken.add(`${x},${y}`);
      }
  }
});
