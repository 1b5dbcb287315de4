/**
 * Bills of materials: a CycloneDX document for each language's package, in `sbom/`. Each is made by the language's own package manager or by CycloneDX's tool
 * for it, without times and random numbers, so that the same sources give the same bytes. It says of which files it was made, and what they were then.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { root } from '../step.ts';

/** As much of CycloneDX as is written or looked at here. */
export interface Bill {
  readonly bomFormat: string;
  readonly specVersion: string;
  readonly serialNumber?: string;
  readonly metadata: {
    readonly timestamp?: string;
    readonly tools?: unknown;
    readonly component?: Component;
    readonly properties?: readonly Property[];
  };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
}

/** A package. */
export interface Component {
  readonly type: string;
  readonly 'bom-ref': string;
  readonly group?: string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
  readonly licenses?: readonly object[];
  readonly properties?: readonly Property[];
}

interface Property {
  readonly name: string;
  readonly value: string;
}

/** A package that is used, with the version that its ecosystem's lock has, if there is one. */
export interface Locked {
  readonly name: string;
  readonly version?: string;
}

/** One language, its package and its document. */
export interface Ecosystem {
  /** Also the document's name: `sbom/go.cdx.json`. */
  readonly name: string;
  /**
   * Files of the checkout that say what is used: where one of them changes, the document is made anew. Empty where a check can make it anew whenever it likes, and
   * does.
   */
  readonly sources: readonly string[];
  /** What of a source matters, where it is not all of it. */
  part?(text: string): string;
  /** Whether what is locked comes with checksums. */
  readonly hasChecksums: boolean;
  make(): Promise<Bill>;
  /** What the document must have at the least, read from the sources without any tool. */
  locked(): readonly Locked[];
}

/** Where the documents lie. */
export const billFolder = 'sbom';

/** The property that says of what a document was made. */
const madeFrom = 'hyperloom:made-from';

/** The document's path in the checkout. */
export function billPath({ name }: Ecosystem): string {
  return join(billFolder, `${name}.cdx.json`);
}

/** The text of a file of the checkout. */
export function sourceText(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

function stampsOf(ecosystem: Ecosystem): string[] {
  return ecosystem.sources.map((path) => {
    const text = ecosystem.part?.(sourceText(path)) ?? sourceText(path);
    return `${path} sha256:${createHash('sha256').update(text).digest('hex')}`;
  });
}

/** Without what differs from one time to the next, in a fixed order, and with what it was made from. */
export function settled(ecosystem: Ecosystem, bill: Bill): Bill {
  const { serialNumber: _random, metadata, components, dependencies, ...rest } = bill;
  const { timestamp: _now, properties = [], ...told } = metadata;
  const stamps = stampsOf(ecosystem).map((value) => ({ name: madeFrom, value }));
  const byRef =
    <T>(ref: (item: T) => string) =>
    (a: T, b: T) =>
      ref(a) < ref(b) ? -1 : 1;
  return {
    ...rest,
    metadata: { ...told, properties: [...properties, ...stamps] },
    components: [...components].sort(byRef((component) => component['bom-ref'])),
    dependencies: [...dependencies]
      .sort(byRef(({ ref }) => ref))
      .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: [...dependsOn].sort() })),
  };
}

/** Writes the document. */
export function keepBill(ecosystem: Ecosystem, bill: Bill): void {
  mkdirSync(join(root, billFolder), { recursive: true });
  writeFileSync(join(root, billPath(ecosystem)), `${JSON.stringify(settled(ecosystem, bill), null, 2)}\n`);
}

/** The document as it is in the checkout, or `undefined`. */
export function keptBill(ecosystem: Ecosystem): Bill | undefined {
  return existsSync(join(root, billPath(ecosystem)))
    ? (JSON.parse(sourceText(billPath(ecosystem))) as Bill)
    : undefined;
}

/** What is wrong with a document: it is of other sources, or lacks something of them. Empty if nothing is. */
export function faultsOf(ecosystem: Ecosystem, bill: Bill): string[] {
  const { metadata, components } = bill;
  const told = (metadata.properties ?? []).filter(({ name }) => name === madeFrom).map(({ value }) => value);
  const stale = stampsOf(ecosystem).filter((stamp) => !told.includes(stamp));
  const has = new Set(
    components.flatMap((each) => [lockedName(each), `${lockedName(each)}@${each.version}`]),
  );
  const said = ({ name, version }: Locked): string => (version === undefined ? name : `${name}@${version}`);
  const missing = ecosystem
    .locked()
    .map(said)
    .filter((each) => !has.has(each));
  const vague = components.filter(
    ({ licenses = [], hashes = [] }) =>
      licenses.length === 0 || (ecosystem.hasChecksums && hashes.length === 0),
  );
  return [
    ...stale.map((stamp) => `was made of another ${stamp.split(' ')[0]}`),
    ...missing.map((each) => `lacks ${each}`),
    ...vague.map(({ purl }) => `has ${purl} without licence or checksum`),
  ];
}

/** As lock files name it: with the group, where there is one. */
function lockedName({ group, name, purl }: Component): string {
  if (group === undefined) return name;
  return `${group}${purl.startsWith('pkg:maven/') ? ':' : '/'}${name}`;
}

/** A package of which its package manager told what goes into a document. */
export interface Told {
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  /** SPDX. */
  readonly licence: string;
  /** SHA-256 in hexadecimal. */
  readonly sha256?: string;
  /** Package URLs of what it needs. */
  readonly needs: readonly string[];
}

/** A document of what a package manager without a CycloneDX tool told. */
export function billOf(main: Told, others: readonly Told[]): Bill {
  const component = ({ name, version, purl, licence, sha256 }: Told): Component => ({
    type: 'library',
    'bom-ref': purl,
    name,
    version,
    purl,
    ...(sha256 === undefined ? {} : { hashes: [{ alg: 'SHA-256', content: sha256 }] }),
    licenses: [{ expression: licence }],
  });
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    metadata: { component: component(main) },
    components: others.map(component),
    dependencies: [main, ...others].map(({ purl, needs }) => ({ ref: purl, dependsOn: needs })),
  };
}
