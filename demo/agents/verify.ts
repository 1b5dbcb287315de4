/** What the reviewer accepts. Each function answers with what is wrong, or with an empty text. */
import type { JsonValue, Node } from '../../clients/typescript/src/index.ts';
import { figureOf, headlineOf } from './compute.ts';
import { paths } from './paths.ts';
import type { Figure, Finding, Headline, Measurements } from './records.ts';

/** Figures must follow from the measurements; the reviewer computes them itself. */
export function verifyFigures(nodes: readonly Node[], measurements: Measurements): string {
  const values = valuesOf(nodes);
  for (const [quantity, samples] of Object.entries(measurements)) {
    const figure = values.get(paths.figure(quantity)) as Figure | undefined;
    const right = figureOf(samples);
    if (figure?.less_percent !== right.less_percent)
      return `${quantity}: the measurements give ${right.less_percent} % less, not ${figure?.less_percent} %`;
  }
  const headline = values.get(paths.headline) as Headline | undefined;
  const right = headlineOf(measurements);
  if (headline?.quantity !== right.quantity || headline.less_percent !== right.less_percent)
    return `headline: ${headline?.less_percent} % less ${headline?.quantity}, but the measurements give ${right.less_percent} %`;
  const caption = values.get(paths.caption) as string | undefined;
  return caption?.includes(`${right.less_percent} %`)
    ? ''
    : `the caption does not say ${right.less_percent} %: ${caption}`;
}

/** Every finding must be in the draft with its source, and every percentage must be one of the figures. */
export function verifyDraft(
  nodes: readonly Node[],
  findings: readonly Finding[],
  figures: readonly Figure[],
): string {
  const text = nodes.map(textOf).join('\n');
  const missing = findings.find(({ claim, source }) => !text.includes(claim) || !text.includes(source));
  if (missing !== undefined) return `the draft lacks ${missing.id} or its source`;
  const known = new Set(figures.map(({ less_percent }) => less_percent));
  const numbers = [...text.matchAll(/(\d+(?:\.\d+)?) %/g)].map((match) => Number(match[1]));
  if (numbers.length === 0) return 'the draft quotes no figure';
  const invented = numbers.find((number) => !known.has(number));
  return invented === undefined ? '' : `the draft says ${invented} %, which is none of the figures`;
}

function valuesOf(nodes: readonly Node[]): ReadonlyMap<string, JsonValue> {
  return new Map(
    nodes.flatMap(({ path, value }) => (value === undefined ? [] : [[path, value as JsonValue]])),
  );
}

/** The text of a node; empty where it holds something else. */
export function textOf({ value }: Node): string {
  return typeof value === 'string' ? value : '';
}
