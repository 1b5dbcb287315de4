/**
 * Goal: a reader of a broker that asks who calls types a token in, is told where it is wrong, and leaves no trace of it but in the tab. Method: a real
 * Chromium at the page of a broker with a file of access.
 */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startGuardedBroker, until, type GuardedBroker } from '../access/guarded-broker.ts';
import { putText } from '../support/broker.ts';
import { openBrowser, openPage } from './stage.ts';

let browser: Browser;
let guarded: GuardedBroker;
let token: string;

beforeAll(async () => {
  const grants = [{ principals: 'reader', may: 'all' }];
  [browser, guarded] = await Promise.all([openBrowser(), startGuardedBroker({ grants })]);
  token = guarded.token('reader');
  const reader = guarded.as(token);
  await until(() =>
    reader.context.publish({ operations: [putText('/session_1/task', 'compare')] }).then(
      () => true,
      () => false,
    ),
  );
});
afterAll(async () => {
  await browser.close();
  await guarded.close();
});

test('a wrong token is told, the right one opens the page, and neither is in an address', async () => {
  const { page, complaints } = await openPage(browser, guarded.broker.url);
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  const field = page.getByLabel('Token');
  await field.fill('hl_wrong_wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('alert').waitFor();
  expect(await page.locator('.node.trunk').count()).toBe(0);
  expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
  await field.fill(token);
  await field.press('Enter');
  await page.locator('.node.trunk:has([title="/session_1/task"])').waitFor();
  // The tab knows it when the page is loaded again, and nobody else does.
  await page.reload();
  await page.locator('.node.trunk:has([title="/session_1/task"])').waitFor();
  expect([...asked, page.url()].filter((url) => url.includes('hl_'))).toEqual([]);
  const lasting = await page.evaluate(() => JSON.stringify(Object.entries(localStorage)) + document.cookie);
  expect(lasting).not.toContain('hl_');
  expect(complaints).toEqual([]);
  const other = await openPage(browser, guarded.broker.url);
  await other.page.getByLabel('Token').waitFor();
});

test('a token in the address that is not taken any more leads to the form, and is forgotten', async () => {
  const { page } = await openPage(browser, `${guarded.broker.url}/#token=hl_old_old`);
  await page.getByRole('alert').waitFor();
  expect(page.url()).not.toContain('hl_old_old');
  expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
});

test('a token that is withdrawn while the page is open leads back to the form, and another one goes on', async () => {
  const own = guarded.token('reader');
  const { page } = await openPage(browser, guarded.broker.url);
  const task = page.locator('.node.trunk:has([title="/session_1/task"])');
  await until(() =>
    guarded
      .as(own)
      .context.list({})
      .then(
        () => true,
        () => false,
      ),
  );
  await page.getByLabel('Token').fill(own);
  await page.getByLabel('Token').press('Enter');
  await task.waitFor();
  guarded.revoke('reader');
  await page.getByRole('alert').waitFor();
  expect(await task.count()).toBe(0);
  expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
  const other = guarded.token('reader');
  await until(() =>
    guarded
      .as(other)
      .context.list({})
      .then(
        () => true,
        () => false,
      ),
  );
  await page.getByLabel('Token').fill(other);
  await page.getByLabel('Token').press('Enter');
  await task.waitFor();
});
