import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const client = new URL('../typescript/src/', import.meta.url);

export default defineConfig({
  // The client as it lies in the checkout: nothing has to be built before the tests.
  resolve: {
    alias: {
      '@hyperloom/client/adapters': fileURLToPath(new URL('adapters/index.ts', client)),
      '@hyperloom/client': fileURLToPath(new URL('index.ts', client)),
    },
  },
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 30_000 } },
    pool: 'forks',
  },
});
