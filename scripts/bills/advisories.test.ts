/**
 * Goal: what OSV says of a package reaches the summary, in pages and details, and its silence is never taken for "nothing known". Method: a server that
 * speaks as OSV's documentation says, since OSV itself cannot be asked everywhere.
 */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterEach, expect, test } from 'vitest';

import { advisoriesOf } from './advisories.ts';
import { audit, auditTable } from './audit.ts';
import { keptBill } from './bill.ts';
import { goEcosystem } from './go.ts';

interface Query {
  readonly package: { readonly purl: string };
  readonly page_token?: string;
}

let server: Server | undefined;

afterEach(() => void server?.close());

/** Answers as OSV: `known` has identifiers by package URL, `records` the details by identifier. One identifier a page. */
async function osv(
  known: Readonly<Record<string, readonly string[]>>,
  records: Readonly<Record<string, object>>,
  refusals = 0,
): Promise<string> {
  let refused = 0;
  const answer = (url: string, text: string): object => {
    const id = decodeURIComponent(url.split('/v1/vulns/')[1] ?? '');
    if (id !== '') return { id, ...records[id] };
    const { queries } = JSON.parse(text) as { readonly queries: readonly Query[] };
    const results = queries.map(({ package: { purl }, page_token: page = '0' }) => {
      const all = known[purl] ?? [];
      const [at, next] = [Number(page), Number(page) + 1];
      const vulns = all.slice(at, next).map((each) => ({ id: each }));
      return {
        ...(vulns.length > 0 ? { vulns } : {}),
        ...(next < all.length ? { next_page_token: String(next) } : {}),
      };
    });
    return { results };
  };
  server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      refused += 1;
      if (refused <= refusals) response.writeHead(503).end();
      else response.end(JSON.stringify(answer(request.url ?? '', Buffer.concat(parts).toString('utf8'))));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const [first, second] = keptBill(goEcosystem)?.components ?? [];
// As they are asked for: versions of Go without their `v`.
const [one = '', two = ''] = [first, second].map((component) => component?.purl.replace('@v', '@'));

test('advisories come with their severity, from every page, without those that were withdrawn', async () => {
  const address = await osv(
    { [one]: ['GO-1', 'GHSA-2', 'GO-3'], [two]: [] },
    { 'GHSA-2': { database_specific: { severity: 'HIGH' } }, 'GO-3': { withdrawn: '2026-01-01T00:00:00Z' } },
  );
  expect(await advisoriesOf([one, two], address)).toEqual([
    { purl: one, id: 'GO-1' },
    { purl: one, id: 'GHSA-2', severity: 'HIGH' },
  ]);
});

test('an advisory that says nothing of how serious it is counts as serious, a moderate one does not', async () => {
  const address = await osv(
    { [one]: ['GO-1'], [two]: ['GHSA-2'] },
    { 'GHSA-2': { database_specific: { severity: 'MODERATE' } } },
  );
  const audited = await audit(goEcosystem, address);
  expect(audited.found).toEqual({ serious: 1, lesser: 1 });
  expect(auditTable([audited])).toContain(`GO-1 (?) ${one}, GHSA-2 (MODERATE) ${two}`);
});

test('a package that nothing is known against is audited', async () => {
  const audited = await audit(goEcosystem, await osv({}, {}));
  expect(audited).toMatchObject({ found: { serious: 0, lesser: 0 }, answer: 'nothing known' });
});

test('a refusal in between is asked again, one that stays is no audit', async () => {
  expect(await advisoriesOf([one], await osv({}, {}, 1))).toEqual([]);
  server?.close();
  const audited = await audit(goEcosystem, await osv({}, {}, 2));
  expect(audited.found).toBeUndefined();
  expect(audited.answer).toContain('NOT audited: OSV: 127.0.0.1');
});

test('where nobody listens nothing was audited, and the table says so', async () => {
  const address = await osv({}, {});
  server?.close();
  const audited = await audit(goEcosystem, address);
  expect(audited.found).toBeUndefined();
  expect(auditTable([audited])).toContain('NOT audited: OSV: ECONNREFUSED');
});
