/** Whether anybody has warned of what the packages are made of: each language by whoever can tell on this machine. */
import { run } from '../step.ts';
import { advisoriesOf } from './advisories.ts';
import { keptBill, type Ecosystem } from './bill.ts';

/** What became of one language: asked, and what was said; or not, and why. */
export interface Audited {
  readonly ecosystem: string;
  /** Who answered, or was asked in vain. */
  readonly source: string;
  readonly packages: number;
  /** `undefined` where nobody told. */
  readonly found: { readonly serious: number; readonly lesser: number } | undefined;
  /** In words. */
  readonly answer: string;
}

/** What need not be mended before the next release. Whoever says nothing of how serious it is is taken seriously. */
const lesserSeverities = new Set(['LOW', 'MODERATE', 'MEDIUM']);

/** Asks about one language's package. */
export async function audit(ecosystem: Ecosystem, address?: string): Promise<Audited> {
  const purls = (keptBill(ecosystem)?.components ?? []).map(({ purl }) => asAdvisoriesName(purl));
  const told = { ecosystem: ecosystem.name, packages: purls.length };
  const byNpm = ecosystem.name === 'npm' ? await askNpm() : undefined;
  if (typeof byNpm === 'object') return { ...told, source: 'npm audit', ...byNpm };
  const before = byNpm === undefined ? '' : `npm audit: ${byNpm}; `;
  try {
    const advisories = await advisoriesOf(purls, address);
    const isLesser = ({ severity = '' }: { readonly severity?: string }): boolean =>
      lesserSeverities.has(severity.toUpperCase());
    const lesser = advisories.filter(isLesser).length;
    const answer = advisories.map(({ purl, id, severity = '?' }) => `${id} (${severity}) ${purl}`).join(', ');
    const found = { serious: advisories.length - lesser, lesser };
    return { ...told, source: 'OSV', found, answer: answer === '' ? 'nothing known' : answer };
  } catch (error) {
    return {
      ...told,
      source: 'OSV',
      found: undefined,
      answer: `NOT audited: ${before}OSV: ${causeOf(error)}`,
    };
  }
}

/** Without qualifiers, such as Maven's `type=jar`, and without the `v` of Go's versions: advisories know neither. */
function asAdvisoriesName(purl: string): string {
  return (purl.split('?')[0] ?? purl).replace(/^(pkg:golang\/.+)@v/, '$1@');
}

/** `fetch` hides why it failed. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? ((cause as NodeJS.ErrnoException).code ?? cause.message) : String(cause);
}

/** What npm's registry says; in words, where it tells no advisories. */
async function askNpm(): Promise<Pick<Audited, 'found' | 'answer'> | string> {
  const { output } = await run('npm', ['audit', '--omit', 'dev', '--json', '--loglevel', 'silent'], true);
  const told = JSON.parse(output.includes('{') ? output.slice(output.indexOf('{')) : '{}') as {
    readonly message?: string;
    readonly metadata?: { readonly vulnerabilities: Readonly<Record<string, number>> };
  };
  if (told.metadata === undefined) return /^(\d{3})/.exec(told.message ?? '')?.[1] ?? 'no answer';
  const { high = 0, critical = 0, total = 0 } = told.metadata.vulnerabilities;
  const found = { serious: high + critical, lesser: total - high - critical };
  return {
    found,
    answer: total === 0 ? 'nothing known' : `${found.serious} serious, ${found.lesser} lesser`,
  };
}

/** A line for each language, in columns. */
export function auditTable(all: readonly Audited[]): string {
  const rows = [
    ['ecosystem', 'packages', 'asked', 'answer'],
    ...all.map(({ ecosystem, packages, source, answer }) => [ecosystem, String(packages), source, answer]),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')).join('\n');
}
