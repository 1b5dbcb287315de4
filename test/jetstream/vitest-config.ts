/** Tests with NATS servers, which are built from their Go module: `npm test -- jetstream` does that first. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/jetstream/**/*.test.ts'],
    testTimeout: 240_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 30_000 } },
    pool: 'forks',
    // Each starts programs of its own, on a machine that may have two cores.
    fileParallelism: false,
  },
});
