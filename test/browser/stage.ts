/** A real broker, and a real Chromium that looks at it. */
import { type Browser, chromium, type Page } from 'playwright-core';
import { findTool } from '../../bench/harness/tools.ts';

/** A browser on this machine; `undefined` where there is none. */
export function findChromium(): string | undefined {
  return findTool('chromium');
}

/** Starts a browser. The page has to be built before a broker starts: see `build.ts`. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: findChromium() ?? 'chromium',
    // It may run as root, and must not look for anything outside this machine.
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** What a page complained about: a page of ours has no reason to. */
export interface Watched {
  readonly page: Page;
  readonly complaints: string[];
}

/** A new page at `url`, watched from its first moment on. */
export async function openPage(
  browser: Browser,
  url: string,
  options: Parameters<Browser['newPage']>[0] = {},
): Promise<Watched> {
  const page = await browser.newPage({ viewport: { width: 1_280, height: 800 }, ...options });
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.stack ?? error.message));
  page.on('console', (message) => {
    // Lost connections and refused calls are told by the browser itself, and are what some tests are about.
    const isOfNetwork = message.text().startsWith('Failed to load resource');
    if (message.type() === 'error' && !isOfNetwork) complaints.push(message.text());
  });
  await page.goto(url);
  return { page, complaints };
}

/** Chooses a node, so that its panel is open. A click may miss one that is still on its way to its place: then it is clicked again. */
export async function choose(page: Page, path: string): Promise<void> {
  const panel = page.locator(`.panel[aria-label="${path}"]`);
  const node = page.locator(`.node.trunk .node-name[title="${path}"]`);
  for (let tries = 1; ; tries += 1) {
    await node.click();
    try {
      await panel.waitFor({ timeout: 5_000 });
      return;
    } catch (error) {
      if (tries === clicksMax) throw error;
    }
  }
}

const clicksMax = 5;
