/** Tests with programs that others wrote, which not every machine has: `npm test` runs those whose program is there. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/interop/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 30_000 } },
    pool: 'forks',
    // Each starts programs of its own, on a machine that may have two cores.
    fileParallelism: false,
  },
});
