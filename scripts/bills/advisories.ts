/**
 * What is known against packages, by OSV: the one database that npm's, PyPI's, Go's, Maven's and RustSec's advisories come together in. It takes the package
 * URLs of bills of materials, so that all languages are asked in one way and no tool need be built for each.
 */
import { setTimeout as wait } from 'node:timers/promises';

/** Where OSV answers, unless a test or a company has one of its own. */
const osvAddress = process.env['OSV_API'] ?? 'https://api.osv.dev';
/** OSV takes no more at once. */
const queriesMax = 1_000;
/** Pages of one query's answer. A package with more advisories than fit is a reason to fail anyway. */
const pagesMax = 10;
/** Longest for one answer. */
const answerMsMax = 20_000;
/** Answers in between, such as 429 and 503, are asked for once more after this. */
const againMs = 2_000;

/** One warning of one package. */
export interface Advisory {
  readonly purl: string;
  readonly id: string;
  /** As the advisory says: `LOW`, `MODERATE`, `HIGH`, `CRITICAL`; `undefined` where it does not. */
  readonly severity?: string;
}

interface BatchAnswer {
  readonly results: readonly {
    readonly vulns?: readonly { readonly id: string }[];
    readonly next_page_token?: string;
  }[];
}

interface Record_ {
  readonly withdrawn?: string;
  readonly database_specific?: { readonly severity?: string };
}

/** All that is known of the packages. Throws where the database does not answer. */
export async function advisoriesOf(purls: readonly string[], address = osvAddress): Promise<Advisory[]> {
  const found: { readonly purl: string; readonly id: string }[] = [];
  for (let at = 0; at < purls.length; at += queriesMax)
    found.push(...(await askBatch(purls.slice(at, at + queriesMax), address)));
  const told = new Map<string, Record_>();
  for (const { id } of found)
    if (!told.has(id)) told.set(id, await ask<Record_>(`${address}/v1/vulns/${encodeURIComponent(id)}`));
  return found
    .filter(({ id }) => told.get(id)?.withdrawn === undefined)
    .map(({ purl, id }) => {
      const severity = told.get(id)?.database_specific?.severity;
      return severity === undefined ? { purl, id } : { purl, id, severity };
    });
}

async function askBatch(
  purls: readonly string[],
  address: string,
): Promise<{ readonly purl: string; readonly id: string }[]> {
  const found: { readonly purl: string; readonly id: string }[] = [];
  let open: readonly { readonly purl: string; readonly page?: string }[] = purls.map((purl) => ({ purl }));
  for (let pages = 0; open.length > 0; pages += 1) {
    if (pages === pagesMax) throw new Error(`more than ${pagesMax} pages of ${open[0]?.purl}`);
    const queries = open.map(({ purl, page }) => ({
      package: { purl },
      ...(page === undefined ? {} : { page_token: page }),
    }));
    const { results } = await ask<BatchAnswer>(`${address}/v1/querybatch`, { queries });
    if (results.length !== open.length) throw new Error('an answer of another length than the question');
    const next: { readonly purl: string; readonly page: string }[] = [];
    for (const [index, { vulns = [], next_page_token: page }] of results.entries()) {
      const purl = open[index]?.purl ?? '';
      found.push(...vulns.map(({ id }) => ({ purl, id })));
      if (page !== undefined && page !== '') next.push({ purl, page });
    }
    open = next;
  }
  return found;
}

async function ask<T>(url: string, body?: object): Promise<T> {
  const request = {
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    headers: { 'content-type': 'application/json' },
  };
  const send = (): Promise<Response> => fetch(url, { ...request, signal: AbortSignal.timeout(answerMsMax) });
  let answer = await send();
  if (answer.status === 429 || answer.status >= 500) {
    await wait(againMs);
    answer = await send();
  }
  if (!answer.ok) throw new Error(`${new URL(url).host}: ${answer.status}`);
  return (await answer.json()) as T;
}
