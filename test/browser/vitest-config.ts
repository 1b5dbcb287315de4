/** Tests of the debugger in a browser, which not every machine has: a step of its own in `npm test`. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/browser/*.test.ts'],
    globalSetup: ['test/browser/build.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // What a page shows comes when it comes, on a machine that has other work.
    expect: { poll: { timeout: 30_000 } },
    pool: 'forks',
    // Each starts a browser and a broker, on a machine that may have two cores.
    fileParallelism: false,
  },
});
