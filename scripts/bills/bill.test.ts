/** Goal: a bill of materials that is not of the sources as they are is found. Method: the documents of the checkout, and what was taken from them or changed. */
import { describe, expect, test } from 'vitest';

import { faultsOf, keptBill, settled, type Bill, type Ecosystem } from './bill.ts';
import { ecosystems } from './ecosystems.ts';

function kept(ecosystem: Ecosystem): Bill {
  const bill = keptBill(ecosystem);
  if (bill === undefined) throw new Error(`no document of ${ecosystem.name}`);
  return bill;
}

describe.each(ecosystems.map((ecosystem) => [ecosystem.name, ecosystem] as const))(
  'the bill of %s',
  (_, ecosystem) => {
    const bill = kept(ecosystem);

    test('is of the sources as they are', () => {
      expect(faultsOf(ecosystem, bill)).toEqual([]);
    });

    test('says neither when nor on which machine it was made', () => {
      const text = JSON.stringify(bill);
      expect(bill.serialNumber).toBeUndefined();
      expect(bill.metadata.timestamp).toBeUndefined();
      expect(text).not.toMatch(/file:|\/tmp\/|\/home\/|\/root\//);
    });

    test('names the package itself, and what depends on what', () => {
      const refs = [bill.metadata.component, ...bill.components].map((component) => component?.['bom-ref']);
      const linked = bill.dependencies.flatMap(({ ref, dependsOn = [] }) => [ref, ...dependsOn]);
      expect(linked.filter((ref) => !refs.includes(ref))).toEqual([]);
      expect(new Set(refs).size).toBe(refs.length);
    });

    test.each(ecosystem.sources)('is stale where %s has changed', (source) => {
      const properties = (bill.metadata.properties ?? []).filter(
        ({ value }) => !value.startsWith(`${source} `),
      );
      const stale = { ...bill, metadata: { ...bill.metadata, properties } };
      expect(faultsOf(ecosystem, stale)).toEqual([`was made of another ${source}`]);
    });

    test('is told of where it lacks something that is locked', () => {
      const { name } = ecosystem.locked()[0] ?? { name: '' };
      const last = name.split(/[/:]/).at(-1);
      const components = bill.components.filter((component) => component.name.split('/').at(-1) !== last);
      const found = faultsOf(ecosystem, { ...bill, components });
      expect(found.some((fault) => fault.startsWith(`lacks ${name}`))).toBe(true);
    });

    test('is told of where a licence is missing', () => {
      const [first, ...rest] = bill.components;
      if (first === undefined) throw new Error('empty');
      const { licenses: _dropped, ...bare } = first;
      expect(faultsOf(ecosystem, { ...bill, components: [bare, ...rest] })).toEqual([
        `has ${first.purl} without licence or checksum`,
      ]);
    });
  },
);

test('the same package at another time gives the same document', () => {
  const [npm] = ecosystems;
  if (npm === undefined) throw new Error('no ecosystem');
  const bill = kept(npm);
  const again = {
    ...bill,
    serialNumber: 'urn:uuid:1',
    metadata: { ...bill.metadata, timestamp: 'now', properties: [] },
    components: [...bill.components].reverse(),
    dependencies: [...bill.dependencies].reverse(),
  };
  expect(settled(npm, again)).toEqual(bill);
});
