import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // The client as it lies in the checkout: nothing has to be built before the tests.
  resolve: {
    alias: { '@hyperloom/client': fileURLToPath(new URL('../typescript/src/index.ts', import.meta.url)) },
  },
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    // The suite of LangGraph's authors expects it so.
    globals: true,
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 30_000 } },
    pool: 'forks',
  },
});
